"""Writing what the kitchen is asked for. Two agents at one structure follow each other, by its row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.meals.models import MealExtra, MealOrder
from marelle.meals.refusals import DayOver, MovedMeanwhile, NothingToOrder, TooManyPicnics, TypedMeanwhile
from marelle.meals.rules import Counts, as_data
from marelle.meals.selectors import Key, Sitting, sittings
from marelle.places.models import Structure
from marelle.places.scope import in_charge, may_decide

TYPED = "meal.typed"
ORDERED = "meal.ordered"


@dataclass(frozen=True, slots=True)
class Typed:
    """Adults and picnics of one service of a day: as the page showed them, as typed, and what it showed of
    the children (`mark`)."""

    day: date
    slot_id: int
    seen: tuple[int, int]
    adults: int
    picnics: int
    mark: str

    @property
    def key(self) -> Key:
        return self.day, self.slot_id

    @property
    def is_changed(self) -> bool:
        return self.seen != (self.adults, self.picnics)


@transaction.atomic
def extras_save(*, actor: Actor, structure_id: int, typed: Sequence[Typed], now: datetime) -> int:
    """Keep what was changed, all or nothing; returns how many services.

    Refused: NotYours, DayOver, TypedMeanwhile, TooManyPicnics.
    """
    structure = _locked(actor, structure_id)
    held = _held(structure, typed)
    return _write(actor, structure, typed, held, now)


@transaction.atomic
def meals_order(
    *, actor: Actor, structure_id: int, typed: Sequence[Typed], keys: Collection[Key], now: datetime
) -> tuple[MealOrder, ...]:
    """Keep what was changed, then order the services of `keys` as the page showed them, all or nothing.

    One that is ordered already gets an order in addition, of what moved since; one of which nothing moved is
    passed over. Refused: as `extras_save`, MovedMeanwhile, NothingToOrder.
    """
    structure = _locked(actor, structure_id)
    held = _held(structure, typed)
    wanted = {one.key: one for one in typed if one.key in keys}
    if over := sorted({day for day, _slot in wanted if day < local(now).date()}):
        raise DayOver(over)
    _check_as_read(wanted, held)
    _write(actor, structure, typed, held, now)
    after = _held(structure, list(wanted.values()))
    _check_as_read(wanted, after)  # a booking saved since the first reading takes no lock of ours
    for key in sorted(wanted):
        if after[key].wanted.picnics > after[key].wanted.meals:
            raise TooManyPicnics(key[0], after[key].wanted.meals)
    made = [
        MealOrder(
            structure=structure,
            slot_id=slot_id,
            day=day,
            number=len(after[day, slot_id].orders) + 1,
            counts=as_data(after[day, slot_id].moved),
            ordered_at=now,
            ordered_by=actor.label[:150],
        )
        for day, slot_id in sorted(wanted)
        if after[day, slot_id].moved
    ]
    if not made:
        raise NothingToOrder
    MealOrder.objects.bulk_create(made)
    _tell(actor, structure, ORDERED, [order.day for order in made], now)
    return tuple(made)


def _locked(actor: Actor, structure_id: int) -> Structure:
    no_key = connection.features.has_select_for_no_key_update
    mine = Structure.objects.filter(in_charge(actor), pk=structure_id).select_for_update(no_key=no_key)
    structure = mine.first() if may_decide(actor) else None
    if structure is None:
        raise NotYours
    return structure


def _held(structure: Structure, typed: Sequence[Typed]) -> dict[Key, Sitting]:
    """Those of the structure on these days. Raises NotYours for a service that is not held."""
    if not typed:
        return {}
    days = [one.day for one in typed]
    found = sittings(structure.pk, first=min(days), last=max(days))
    if any(one.key not in found for one in typed):
        raise NotYours
    return found


def _check_as_read(wanted: Mapping[Key, Typed], held: Mapping[Key, Sitting]) -> None:
    moved = [one for one in wanted.values() if held[one.key].mark != one.mark]
    if moved:
        orders = [order for one in moved for order in held[one.key].orders]
        last = max(orders, key=lambda order: order.at) if orders else None
        by, at = (last.by, last.at) if last else (None, None)
        raise MovedMeanwhile(sorted({one.day for one in moved}), by, at)


def _write(
    actor: Actor, structure: Structure, typed: Sequence[Typed], held: Mapping[Key, Sitting], now: datetime
) -> int:
    changed = [one for one in typed if one.is_changed]
    if over := sorted({one.day for one in changed if one.day < local(now).date()}):
        raise DayOver(over)
    kept = {one.key: held[one.key].extra for one in changed}
    late = [
        one
        for one in changed
        if (kept[one.key].adults, kept[one.key].picnics) not in {one.seen, (one.adults, one.picnics)}
    ]
    if late:
        raise TypedMeanwhile(sorted({one.day for one in late}))
    for one in changed:
        meals = (held[one.key].children + Counts(adults=one.adults)).meals
        if one.picnics > meals:
            raise TooManyPicnics(one.day, meals)
    for one in changed:
        MealExtra.objects.update_or_create(
            slot_id=one.slot_id,
            day=one.day,
            defaults={"structure": structure, "adults": one.adults, "picnics": one.picnics},
        )
    if changed:
        _tell(actor, structure, TYPED, [one.day for one in changed], now)
    return len(changed)


def _tell(actor: Actor, structure: Structure, verb: str, days: Sequence[date], now: datetime) -> None:
    record(
        actor=actor,
        verb=verb,
        subject=Subject("structure", structure.pk, structure.name),
        data={"days": sorted({day.isoformat() for day in days})},
        now=now,
    )
