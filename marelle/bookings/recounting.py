"""The counters of places, counted again from the bookings: children once each, seats of the relais beside.

What a count finds too many is not given to anybody yet: the capacity may have been made larger to make up for
children counted twice, so that a director confirms it first (`flows.catalogue.recounting`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Sum

from marelle.activities import models as activities
from marelle.activities.kept_rows import kept_summed
from marelle.activities.models import KeptQuota
from marelle.bookings.kept import kept_on
from marelle.bookings.models import Booking
from marelle.bookings.reading import ChildBooking, held
from marelle.bookings.saving.ledger import Facts, Quota, quotas_held
from marelle.bookings.saving.locks import OF_GAUGE, OfGauge, lock, quotas_drawn
from marelle.cases.models import CaseState
from marelle.cases.selectors import cases_about
from marelle.cases.services import decide_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.relay.models import Visit

KIND: Final = "gauge"
"""Of the case, and of its subject."""


@dataclass(frozen=True, slots=True)
class Recounted:
    """A counter that was wrong: `before` as it was stored, `after` as it is."""

    gauge_id: int
    day: date
    before: int
    after: int


def counted(facts: Facts, rows: Iterable[ChildBooking], seats: Mapping[int, int]) -> dict[int, int]:
    """What each quota has taken, by id: its children once each, and the `seats` of openings, by id. Pure."""
    on: dict[int, set[int]] = {pk: set() for pk in facts.quotas}
    for child_id, opening, place in rows:
        for quota in quotas_held(opening, place, facts):
            on[quota.id].add(child_id)
    found = {pk: len(children) for pk, children in on.items()}
    for opening_id, taken in seats.items():
        for pk in facts.quotas_of.get(opening_id, ()):
            found[pk] += taken
    return found


def days_counted() -> list[date]:
    """The days that have places, in order."""
    return list(activities.Quota.objects.order_by("day").values_list("day", flat=True).distinct())


@transaction.atomic
def day_recount(day: date, *, today: date, writes: bool = True) -> list[Recounted]:
    """Count the places of a day again, under the locks of its quotas, and write those that were wrong.

    Who books meanwhile waits for the locks, or has been counted. From `today` on, places that a count frees
    are withheld. Does nothing the second time. Without `writes` it tells what is wrong, and leaves it.
    """
    rows = activities.Quota.objects.filter(day=day).order_by("pk")
    stored = list(OF_GAUGE.of(lock(rows)))
    quotas = {row.quota.id: row.quota for row in stored}
    holding = held(Booking.objects.holding().filter(day=day).order_by("pk"), None)
    openings = {opening.id: opening for _child, opening, _place in holding}
    seats = _seats_on(day)
    drawn = quotas_drawn({*openings, *seats})
    known = {pk: [quota for quota in ids if quota in quotas] for pk, ids in drawn.items()}
    found = counted(Facts(openings, known, quotas, places={}), holding, seats)
    wrong = []
    for gauge_id, quota in stored:
        taken = found[quota.id]
        if taken != quota.taken:
            wrong.append(Recounted(gauge_id, day, quota.taken, taken))
            if writes:
                _write(quota, taken, withhold=day >= today)
    return wrong + _kept_recount(stored, holding, day, writes=writes)


def _kept_recount(
    stored: Collection[OfGauge], holding: list[ChildBooking], day: date, *, writes: bool
) -> list[Recounted]:
    """The same of the places kept for some; no query where there are none."""
    quotas = {row.quota.id: row for row in stored if row.quota.kept}
    if not quotas:
        return []
    on = kept_on({pk: row.quota for pk, row in quotas.items()}, holding)
    wrong = []
    for part in KeptQuota.objects.filter(quota_id__in=quotas).order_by("pk"):
        taken = len(on.get((part.quota_id, part.kept_id), ()))
        if taken != part.taken:
            wrong.append(Recounted(quotas[part.quota_id].gauge_id, day, part.taken, taken))
            if writes:
                KeptQuota.objects.filter(pk=part.pk).update(taken=taken)
    if writes:
        kept_summed(quotas)
    return wrong


def _seats_on(day: date) -> dict[int, int]:
    visits = Visit.objects.filter(opening__day=day, cancelled_at=None).order_by()
    return dict(visits.values("opening_id").annotate(taken=Sum("seats")).values_list("opening_id", "taken"))


def _write(quota: Quota, taken: int, *, withhold: bool) -> None:
    row = activities.Quota.objects.get(pk=quota.id)
    freed = min(max(0, quota.taken - taken), row.capacity) if withhold else 0
    row.taken, row.withheld, row.capacity = taken, row.withheld + freed, row.capacity - freed
    row.overdraft = max(0, taken - row.capacity)
    row.save(update_fields=["taken", "withheld", "capacity", "overdraft"])


def withheld_on(gauge_ids: Collection[int] | None, *, since: date) -> dict[int, activities.Quota]:
    """Of each of these gauges, or of all, the first day from `since` on with places withheld; by its id."""
    rows = activities.Quota.objects.filter(withheld__gt=0, day__gte=since).order_by("gauge_id", "day", "part")
    if gauge_ids is not None:
        rows = rows.filter(gauge_id__in=gauge_ids)
    found: dict[int, activities.Quota] = {}
    for row in rows:
        found.setdefault(row.gauge_id, row)
    return found


def confirmed_close(*, actor: Actor, gauge_id: int, now: datetime) -> None:
    """Decide the case of a gauge of which nothing is withheld any more; joins the caller's transaction."""
    case = cases_about(kind=KIND, subject_kind=KIND, subject_ids=[gauge_id]).get(gauge_id)
    if case is None or case.state != CaseState.OPEN or withheld_on([gauge_id], since=local(now).date()):
        return
    decide_case(actor=actor, case_id=case.pk, state=CaseState.ACCEPTED, now=now)
