"""A decision is undone within its minute: the bookings that it ended live again, all of them or none.

They are the same rows, for the decision never was: what was told of them, and the request that they are of,
still holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from marelle.activities import models as activities
from marelle.bookings.closing.restoring import Missing, Taken, facts_back, settle_back
from marelle.bookings.models import Booking
from marelle.bookings.reading import held, marks_read, stays_by_id
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Facts, Hours, Quota, quotas_held
from marelle.bookings.saving.locks import counters_write, quotas_drawn, quotas_locked
from marelle.bookings.saving.requests import KIND as REQUEST
from marelle.bookings.states import HOLDING, BookingState
from marelle.cases.services import CannotUndo, reopen_withdrawn
from marelle.core.clock import local


def ended_locked(bookings: QuerySet[Booking], *, decided_at: datetime) -> list[Booking]:
    """What a decision ended among these, once what they draw on is locked; their children already are."""
    ended = bookings.filter(ended_at=decided_at).exclude(ended_state="")
    quotas_locked(set(ended.order_by().values_list("opening_id", flat=True)))
    return list(ended.order_by("created_at", "pk"))


def bookings_revive(
    ended: Sequence[Booking], *, decided_at: datetime, stayed: Collection[int] = (), now: datetime
) -> None:
    """Let what a decision taken at `decided_at` ended, read by `ended_locked`, be what it was.

    Joins the transaction of who undoes that decision, who has put back the enrolment. A deadline does not
    count again, nor what has begun meanwhile; nor a capacity that was passed already, unless somebody else
    has come. `stayed` are the ids of those that the same decision had left where they are.

    Raises `CannotUndo`: "places_gone", with `places` (day, slot) of those that somebody else has by now or
    that closed, "booked" when the child is booked anew there or on what excludes it, "changed" when it has
    another group, another enrolment, or is elsewhere.
    """
    if not ended:
        return
    opening_ids = {row.opening_id for row in ended}
    facts = facts_back(opening_ids, {row.child_id for row in ended})
    stays = stays_by_id({row.enrolment_id for row in ended}, today=local(now).date())
    taken = [
        Taken(
            id=row.pk,
            child_id=row.child_id,
            opening_id=row.opening_id,
            stay=stays.get(row.enrolment_id),
            hours=Hours(row.starts_at, row.ends_at),
            state=BookingState(row.ended_state),
            derogation=row.derogation,
            kept=marks_read(row.kept),
        )
        for row in ended
    ]
    room = _held_before(facts, taken, stayed, decided_at)
    back, missing = settle_back(facts, taken, begun=True, room=room, now=now)
    whys = {no.why for no in missing}
    if len(back) + len(missing) < len(taken) or Why.CONFLICT in whys:
        raise CannotUndo("booked")
    if whys - {Why.FULL, Why.CLOSED, Why.REQUIRES}:
        raise CannotUndo("changed")
    if missing:
        raise CannotUndo("places_gone", places=_named(missing, facts))
    counters_write(facts.quotas.values())
    for state in {one.state for one in back}:
        Booking.objects.filter(pk__in=[one.id for one in back if one.state is state]).update(
            state=state, ended_at=None, ended_by="", ended_state="", end_cause="", refusal="", changed_at=now
        )
    asked = {row.request_id for row in ended if row.request_id and row.ended_state == BookingState.REQUESTED}
    reopen_withdrawn(kind=REQUEST, subject_ids=asked, decided_at=decided_at)


def _held_before(
    facts: Facts, taken: Iterable[Taken], stayed: Collection[int], decided_at: datetime
) -> dict[int, int]:
    """Children who held a place when the decision was taken and that nobody else has got since, by quota, of
    those quotas that would be passed; two queries where there are any."""
    held_then: dict[int, set[int]] = {}
    for one in taken:
        if one.state in HOLDING:
            for quota in quotas_held(facts.openings[one.opening_id], one.hours, facts):
                held_then.setdefault(quota.id, set()).add(one.child_id)
    passed = {pk for pk, then in held_then.items() if _is_passed(facts.quotas[pk], len(then))}
    if not passed:
        return {}
    drawing = activities.Opening.quotas.through.objects.filter(quota_id__in=passed).values("opening_id")
    untouched = Q(changed_at=None) | Q(changed_at__lt=decided_at)
    rows = held(
        Booking.objects.holding()
        .filter(Q(untouched, created_at__lt=decided_at) | Q(pk__in=stayed), opening_id__in=drawing)
        .order_by("pk"),
        None,
    )
    openings = {opening.id: opening for _child, opening, _place in rows}
    drawn = {pk: [q for q in ids if q in passed] for pk, ids in quotas_drawn(openings).items()}
    there = Facts(openings=openings, quotas=facts.quotas, quotas_of=drawn, places={})
    for child_id, opening, place in rows:
        for quota in quotas_held(opening, place, there):
            held_then[quota.id].add(child_id)
    return {pk: len(held_then[pk]) for pk in passed}


def _is_passed(quota: Quota, more: int) -> bool:
    return quota.now_taken + more > quota.capacity


def _named(missing: Sequence[Missing], facts: Facts) -> list[tuple[object, str]]:
    openings = [facts.openings[no.taken.opening_id] for no in missing]
    return [(one.day, one.slot.name) for one in sorted(openings, key=lambda one: (one.starts_at, one.id))]
