"""Places counted again, and the director who confirms a gauge before what the count has freed is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from marelle.activities.capacity import level_until, withheld_release
from marelle.activities.models import Gauge, GaugeLevel, Quota
from marelle.activities.services import kept_by
from marelle.bookings.closing.reducing import openings_drawing_on
from marelle.bookings.closing.services import bookings_locked
from marelle.bookings.recounting import (
    KIND,
    Recounted,
    confirmed_close,
    day_recount,
    days_counted,
    withheld_on,
)
from marelle.cases.models import Case
from marelle.cases.services import AlreadyOpen, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.flows.catalogue.closing.reducing import capacity_change, places_served
from marelle.journal.services import record

CONFIRMED: Final = "gauge.confirmed"


class ConfirmRefused(Refusal):
    """`code`: "settled" (nothing is withheld any more), or "moved" (another capacity by now)."""


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A gauge of which a count has freed places: `withheld` of them on `day`, the first such.

    `capacity` counts from `since` until `last`.
    """

    gauge: Gauge
    day: date
    withheld: int
    capacity: int
    since: date
    last: date


def places_recount(*, now: datetime) -> list[Recounted]:
    """Count all places again, a day after the other, each in a transaction of its own; ask the directors to
    confirm the gauges of which some were freed; note that it is done. Returns the counters that were wrong.
    """
    today = local(now).date()
    wrong = [one for day in days_counted() for one in day_recount(day, today=today)]
    Gauge.objects.filter(counts_children=False).update(counts_children=True)
    confirmations_ask(now=now)
    return wrong


def to_confirm(actor: Actor, gauge_id: int, *, now: datetime) -> ToConfirm | None:
    """What a director confirms of a gauge of its own; None when nothing is withheld, or it is not."""
    gauge = kept_by(actor, Gauge).select_related("structure").filter(pk=gauge_id).first()
    today = local(now).date()
    first = withheld_on([gauge_id], since=today).get(gauge_id) if gauge is not None else None
    return None if gauge is None or first is None else _to_confirm(gauge, first, today)


@transaction.atomic
def gauge_confirm(*, actor: Actor, gauge_id: int, capacity: int, seen: int, now: datetime) -> None:
    """Say how many children a gauge counts: what a count had freed goes to who waits, within that number.

    `seen` is the capacity that the page showed. Another number is a change of capacity, from today or from
    the day on which `seen` counts: everybody who is booked stays. Raises NotYours, ConfirmRefused.
    """
    found = to_confirm(actor, gauge_id, now=now)
    if found is None:
        if not kept_by(actor, Gauge).filter(pk=gauge_id).exists():
            raise NotYours
        raise ConfirmRefused("settled")
    bookings_locked(openings_drawing_on([gauge_id], first=found.since, last=found.last))
    if found.capacity != seen or to_confirm(actor, gauge_id, now=now) != found:
        raise ConfirmRefused("moved")
    if capacity == seen:
        withheld_release(gauge_id, first=found.since, last=found.last)
        record(
            actor=actor,
            verb=CONFIRMED,
            subject=Subject(KIND, gauge_id, str(found.gauge)),
            data={"capacity": capacity},
            now=now,
        )
        places_served([gauge_id], first=found.since, last=found.last, now=now)
        confirmed_close(actor=actor, gauge_id=gauge_id, now=now)
    else:
        capacity_change(actor=actor, gauge_id=gauge_id, since=found.since, capacity=capacity, now=now)


def _to_confirm(gauge: Gauge, first: Quota, today: date) -> ToConfirm:
    begun = GaugeLevel.objects.filter(gauge=gauge, since__lte=first.day).latest("since")
    since = max(today, begun.since)
    return ToConfirm(
        gauge=gauge,
        day=first.day,
        withheld=first.withheld,
        capacity=begun.capacity,
        since=since,
        last=level_until(gauge.pk, begun.since),
    )


def confirmations_end(*, now: datetime) -> int:
    """Close the cases of gauges of which nothing is withheld any more: their days have passed unconfirmed.

    Returns how many.
    """
    waiting = set(Case.objects.open().filter(kind=KIND).values_list("subject_id", flat=True))
    over = sorted(waiting - set(withheld_on(waiting, since=local(now).date())))
    for gauge_id in over:
        with transaction.atomic():
            confirmed_close(actor=SYSTEM, gauge_id=gauge_id, now=now)
    return len(over)


def confirmations_ask(*, now: datetime) -> None:
    """Open a case for each gauge of which something is withheld and nobody is asked yet."""
    today = local(now).date()
    waiting = set(Case.objects.open().filter(kind=KIND).values_list("subject_id", flat=True))
    wanted = set(withheld_on(None, since=today)) - waiting
    for gauge in Gauge.objects.filter(pk__in=wanted).select_related("structure").order_by("pk"):
        try:
            open_case(
                actor=SYSTEM,
                kind=KIND,
                subject=Subject(KIND, gauge.pk, str(gauge)),
                authority_id=gauge.structure.authority_id,
                structure_id=gauge.structure_id,
                now=now,
            )
        except AlreadyOpen:
            continue
