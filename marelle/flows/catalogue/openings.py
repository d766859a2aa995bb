"""Openings written from the screens: what is booked there, which activities cannot know, is read here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2s

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from marelle.activities.doubts import HOLDING, Doubted, doubts
from marelle.activities.effects import facts_of
from marelle.activities.generation import Difference
from marelle.activities.models import Activity, Gauge, Opening, Slot
from marelle.activities.services import (
    DrawChange,
    Generated,
    HeldHours,
    OpeningHours,
    draws_set,
    hours_of_opening,
    kept_by,
    opening_change,
    openings_generate,
    openings_of_part,
    openings_preview,
    part_remove,
)
from marelle.bookings.closing.services import bookings_locked
from marelle.bookings.kept import activities_kept_follow
from marelle.bookings.models import Booking
from marelle.bookings.recounting import confirmed_close
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.places.rules import DAY
from marelle.relay.models import Visit


class InDoubt(Refusal):
    """Something that nobody meant keeps the openings from being made: `data["doubts"]`."""

    def __init__(self, found: tuple[Doubted, ...]) -> None:
        super().__init__("in_doubt", doubts=found)


class PreviewStale(Refusal):
    """Something changed since the difference was shown: it is to be looked at again."""

    def __init__(self) -> None:
        super().__init__("preview_stale")


@dataclass(frozen=True, slots=True)
class Preview:
    """What generating would do from `from_day`; `version` is what a form carries of it."""

    difference: Difference
    from_day: date
    version: str


def booked_among(openings: QuerySet[Opening]) -> frozenset[int]:
    """Ids of those that hold a booking or a visit, live or not; one query.

    Each opening asks whether it holds one: read from the bookings, all those of the year came, in order.
    """
    return frozenset(_held_among(openings).values_list("pk", flat=True))


def _held_among(openings: QuerySet[Opening]) -> QuerySet[Opening]:
    bookings = Booking.objects.filter(opening=OuterRef("pk")).order_by()
    visits = Visit.objects.filter(opening=OuterRef("pk")).order_by()
    return openings.filter(Exists(bookings) | Exists(visits)).order_by()


def activity_preview(activity: Activity, *, now: datetime) -> Preview:
    """What would change from tomorrow: today has begun."""
    from_day = local(now).date() + DAY
    openings = Opening.objects.filter(activity=activity, day__gte=from_day)
    found = openings_preview(activity, booked=booked_among(openings), from_day=from_day)
    return Preview(found, from_day, blake2s(repr(found).encode(), digest_size=8).hexdigest())


def holding_doubts(activity: Activity, *, now: datetime) -> tuple[Doubted, ...]:
    """What somebody has to look at before its openings are made."""
    found = doubts(facts_of(activity), local(now).date() + DAY)
    return tuple(one for one in found if one.doubt in HOLDING)


@transaction.atomic
def activity_generate(
    *, actor: Actor, activity_id: int, seen: str, looked: bool = True, now: datetime
) -> Generated:
    """Bring the openings of an activity in line from tomorrow, as its preview said.

    The children who could book and the quotas are locked before it is looked who booked, as every save does:
    what is booked meanwhile is seen, or waits. `looked`: whoever asks has read what is in doubt. Raises
    NotYours, PreviewStale, or InDoubt.
    """
    activity = kept_by(actor, Activity).select_for_update(no_key=True, of=("self",)).filter(pk=activity_id)
    found = activity.first()
    if found is None:
        raise NotYours
    to_come = Opening.objects.filter(activity=found, day__gt=local(now).date())
    bookings_locked(list(to_come.values_list("pk", flat=True)))
    preview = activity_preview(found, now=now)
    if preview.version != seen:
        raise PreviewStale
    in_doubt = holding_doubts(found, now=now)
    if in_doubt and not looked:
        raise InDoubt(in_doubt)
    booked = booked_among(to_come)
    done = openings_generate(
        actor=actor, activity_id=found.pk, booked=booked, from_day=preview.from_day, now=now
    )
    activities_kept_follow([found.pk], now=now)
    return done


@transaction.atomic
def part_drop(*, actor: Actor, model: type[Model], pk: int, now: datetime) -> None:
    """Take away what nobody uses, under the locks of every save. Raises what `part_remove` raises."""
    bookings_locked(list(openings_of_part(actor, model, pk).values_list("pk", flat=True)))
    part_remove(actor=actor, model=model, pk=pk, now=now)
    if model is Gauge:
        confirmed_close(actor=actor, gauge_id=pk, now=now)


@transaction.atomic
def opening_edit(
    *, actor: Actor, opening_id: int, asked: OpeningHours, seen: OpeningHours | None, now: datetime
) -> bool:
    """Correct one opening by hand, under the locks of every save. Raises what `opening_change` raises."""
    bookings_locked([opening_id])
    return opening_change(
        actor=actor, opening_id=opening_id, asked=asked, seen=seen, held=_held_on(opening_id), now=now
    )


def _held_on(opening_id: int) -> tuple[HeldHours, ...]:
    """Whoever holds a place of an opening or waits for one, with its hours; two queries."""
    rows = Booking.objects.live().filter(opening_id=opening_id).select_related("child")
    bookings = [
        HeldHours(str(row.child), local(row.starts_at).time(), local(row.ends_at).time())
        for row in rows.order_by("child__last_name", "child__first_name", "pk")
    ]
    visits = Visit.objects.filter(opening_id=opening_id).select_related("opening")
    return (*bookings, *(_visit(row) for row in visits))


def _visit(row: Visit) -> HeldHours:
    hours = hours_of_opening(row.opening)
    return HeldHours(str(row), hours.starts, hours.ends)


def slots_booked(activity: Activity, *, now: datetime) -> Counter[int]:
    """How many openings of each slot, from today, hold a booking or a visit: its gauges stay meanwhile."""
    to_come = Opening.objects.filter(activity=activity, day__gte=local(now).date())
    return Counter(_held_among(to_come).values_list("slot_id", flat=True))


@transaction.atomic
def activity_draws_set(
    *, actor: Actor, activity_id: int, changes: Sequence[DrawChange], now: datetime
) -> bool:
    """Let cells of an activity draw on other gauges from today. Raises what `draws_set` raises."""
    today = local(now).date()
    slots = kept_by(actor, Slot).filter(activity_id=activity_id, pk__in={one.cell[0] for one in changes})
    openings = Opening.objects.filter(slot__in=slots, day__gte=today)
    bookings_locked(list(openings.values_list("pk", flat=True)))
    is_set = draws_set(
        actor=actor,
        activity_id=activity_id,
        changes=changes,
        from_day=today,
        booked=booked_among(openings),
        now=now,
    )
    activities_kept_follow([activity_id], now=now)
    return is_set
