"""Fewer places: for some days, a minimum service, or from a day on; who keeps its own is seen first."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Min

from marelle.activities.capacity import cuts_make, level_set, level_until
from marelle.activities.models import Gauge, GaugeLevel
from marelle.activities.services import kept_by
from marelle.bookings.closing.reducing import Squeezed, bookings_squeeze, openings_drawing_on, squeezed
from marelle.bookings.closing.services import bookings_locked
from marelle.bookings.models import Booking
from marelle.bookings.recounting import confirmed_close
from marelle.bookings.saving.services import places_freed
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.families.scope import is_own_file
from marelle.flows.catalogue.closing.closing import REASON_LENGTH, WORDS_LENGTH, closing_record
from marelle.flows.catalogue.closing.targets import MOST_DAYS, ClosingRefused
from marelle.places.models import Closure

REDUCED = "structure.places_reduced"


@dataclass(frozen=True, slots=True)
class GaugeOfDays:
    """A gauge on some days: its fewest places, and the most taken on one of them."""

    id: int
    name: str
    capacity: int
    taken: int


@dataclass(frozen=True, slots=True)
class Fewer:
    """What is asked: the places of each gauge by its id, from a day to another, both included; the children
    who keep theirs whatever their turn; whether the others go first on the waiting list, or are cancelled.
    `level`: it is what the gauges have from then on, and may be more than they had."""

    places: Mapping[int, int]
    first_day: date
    last_day: date
    kept: frozenset[int] = frozenset()
    queued: bool = False
    level: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Why, and some words of its own, for families."""

    reason: str
    words: str = ""


def gauges_of_days(actor: Actor, structure_id: int, *, first: date, last: date) -> list[GaugeOfDays]:
    """The gauges of a structure that count something on these days, by name; one query."""
    rows = kept_by(actor, Gauge).filter(
        structure_id=structure_id, quotas__day__gte=first, quotas__day__lte=last
    )
    counted = rows.annotate(fewest=Min("quotas__capacity"), most=Max("quotas__taken"))
    return [GaugeOfDays(row.pk, row.name, row.fewest, row.most) for row in counted.order_by("name", "pk")]


def fewer_preview(asked: Fewer, *, now: datetime) -> Squeezed:
    """Who would keep a place, in their order, and who would not."""
    return squeezed(
        asked.places,
        first=asked.first_day,
        last=asked.last_day,
        kept=asked.kept,
        level=asked.level,
        now=now,
    )


def mark_of(found: Squeezed, asked: Fewer) -> str:
    """A mark of what the agent was shown: who keeps a place, and with how many places."""
    holders = [one.place.id for one in found.holders]
    text = f"{holders}|{sorted(found.leaving)}|{sorted(asked.places.items())}|{sorted(asked.kept)}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@transaction.atomic
def places_reduce(
    *, actor: Actor, structure_id: int, asked: Fewer, told: Told, mark: str, now: datetime
) -> int:
    """Fewer places on some days; those without one are told. Undone as any closing. Returns how many.

    `mark` is that of what the agent was shown (`mark_of`). Raises NotYours or `ClosingRefused`, and then
    nothing changes: "past_day", "bad_span", "too_long", "no_reason", "not_fewer", "own_child" (nobody keeps
    the place of its own child by hand), "moved".
    """
    _days_checked(asked, now)
    if not asked.places:
        raise ClosingRefused("not_fewer")
    gauges = _gauges(actor, asked, structure_id)
    quotas = gauges_of_days(actor, structure_id, first=asked.first_day, last=asked.last_day)
    if not any(asked.places.get(gauge.id, gauge.capacity) < gauge.capacity for gauge in quotas):
        raise ClosingRefused("not_fewer")
    found = _locked_and_shown(actor, asked, mark, now)
    part = ", ".join(f"{gauge.name} : {asked.places[gauge.pk]}" for gauge in gauges)
    closure = _closure(actor, structure_id, asked, told, part, now)
    cuts_make(closure.pk, asked.places, first=asked.first_day, last=asked.last_day)
    return bookings_squeeze(actor=actor, closure=closure, found=found, queued=asked.queued, now=now)


@transaction.atomic
def capacity_change(
    *,
    actor: Actor,
    gauge_id: int,
    since: date,
    capacity: int,
    overdraft: bool = True,
    queued: bool = False,
    told: Told | None = None,
    mark: str = "",
    levels: str | None = None,
    now: datetime,
) -> int:
    """Another capacity from a day on, until the next one that is set. Returns how many children lose a place.

    More places go to who waits. Fewer than are booked: with `overdraft` everybody stays, and nobody new comes
    until places are given back; else the last booked leave, as `places_reduce` does, for the reason `told`.
    `levels` is the `levels_mark` of what the page showed; None for who was shown nothing. Raises
    `ClosingRefused`, also "levels_moved".
    """
    asked = Fewer({gauge_id: capacity}, since, level_until(gauge_id, since), queued=queued, level=True)
    if since < local(now).date():
        raise ClosingRefused("past_day")
    (gauge,) = _gauges(actor, asked, None)
    if overdraft:
        bookings_locked(openings_drawing_on([gauge_id], first=asked.first_day, last=asked.last_day))
        found = Squeezed((), frozenset())
    else:
        found = _locked_and_shown(actor, asked, mark, now)
    # After the quotas, as who takes a gauge away.
    Gauge.objects.select_for_update(no_key=True).order_by("pk").get(pk=gauge_id)
    if levels is not None and levels != levels_mark(gauge_id):
        raise ClosingRefused("levels_moved")
    level_set(actor=actor, gauge=gauge, since=since, capacity=capacity, now=now)
    confirmed_close(actor=actor, gauge_id=gauge_id, now=now)
    places_served(asked.places, first=asked.first_day, last=asked.last_day, now=now)
    if not found.leaving:
        return 0
    last = max(one.opening.day for one in found.holders if one.place.id in found.leaving)
    part = f"{gauge.name} : {capacity}"
    spanned = Fewer(asked.places, since, last, queued=queued)
    closure = _closure(actor, gauge.structure_id, spanned, told or Told(""), part, now)
    return bookings_squeeze(actor=actor, closure=closure, found=found, queued=queued, now=now)


def levels_mark(gauge_id: int) -> str:
    """What a page carries of the capacities that it showed."""
    rows = GaugeLevel.objects.filter(gauge_id=gauge_id).order_by("since").values_list("since", "capacity")
    return " ".join(f"{since}:{capacity}" for since, capacity in rows)


def places_served(gauge_ids: Collection[int], *, first: date, last: date, now: datetime) -> None:
    """Who waits for a place of these gauges on these days gets what is free, once all is committed."""
    rows = Booking.objects.waiting().filter(
        opening__quotas__gauge_id__in=gauge_ids, day__gte=first, day__lte=last, starts_at__gt=now
    )
    places_freed(opening_ids=set(rows.order_by().values_list("opening_id", flat=True)), now=now)


def _days_checked(asked: Fewer, now: datetime) -> None:
    if asked.first_day < local(now).date():
        raise ClosingRefused("past_day")
    if asked.last_day < asked.first_day:
        raise ClosingRefused("bad_span")
    if (asked.last_day - asked.first_day).days >= MOST_DAYS:
        raise ClosingRefused("too_long", most=MOST_DAYS)


def _gauges(actor: Actor, asked: Fewer, structure_id: int | None) -> list[Gauge]:
    rows = kept_by(actor, Gauge).filter(pk__in=asked.places)
    if structure_id is not None:
        rows = rows.filter(structure_id=structure_id)
    found = list(rows.order_by("name", "pk"))
    if not found or len(found) != len(asked.places):
        raise NotYours
    return found


def _locked_and_shown(actor: Actor, asked: Fewer, mark: str, now: datetime) -> Squeezed:
    """Under the locks of every save, who leaves: the same as was shown, or `ClosingRefused`."""
    bookings_locked(openings_drawing_on(asked.places, first=asked.first_day, last=asked.last_day))
    found = fewer_preview(asked, now=now)
    day = local(now).date()
    chosen = {(one.family_id, one.child_id) for one in found.holders if one.child_id in asked.kept}
    if any(is_own_file(actor, family_id=home, person_id=child, day=day) for home, child in sorted(chosen)):
        raise ClosingRefused("own_child")
    if mark != mark_of(found, asked):
        raise ClosingRefused("moved")
    return found


def _closure(actor: Actor, structure_id: int, asked: Fewer, told: Told, part: str, now: datetime) -> Closure:
    reason = " ".join(told.reason.split())[:REASON_LENGTH]
    if not reason:
        raise ClosingRefused("no_reason")
    closure = Closure.objects.create(
        structure_id=structure_id,
        reason=reason,
        words=" ".join(told.words.split())[:WORDS_LENGTH],
        part=part[:200],
        fewer=True,
        first_day=asked.first_day,
        last_day=asked.last_day,
        made_at=now,
        made_by=actor.label[:150],
    )
    closing_record(actor, REDUCED, closure, now)
    return closure
