"""« Place à proposer »: a case for each opening whose free place goes to nobody unless an agent offers it.

What waits and what is free are in the tables: the cases follow them, at every round of the worker, and an
agent who offers or leaves the place closes its case in the same transaction. No row is locked but the case
itself, the last of the order, so that nothing waits for a save.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime

from django.db import transaction
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from marelle.activities import models as activities
from marelle.activities.kinds import Decider
from marelle.bookings.models import Booking
from marelle.bookings.rules import Opening
from marelle.bookings.saving.ledger import Waiter
from marelle.bookings.saving.room import to_offer
from marelle.bookings.states import BookingState
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import UNDO_FOR, undo_until
from marelle.cases.services import AlreadyDecided, AlreadyOpen, OwnFile, decide_case, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.french import day_long
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.mail.services import held_mails
from marelle.places.scope import in_charge, in_office, may_decide

LEFT = "booking.place_left"

KIND = "place"
SUBJECT = "opening"


def offer_cases_follow(*, now: datetime) -> int:
    """Open the cases of places to offer and close those that are none any more; returns how many changed.

    A place that an agent chose to leave free is not asked about again, unless somebody joins its queue. Nor
    is the next place of an opening asked about while what was decided of the one before may be undone.
    """
    wanted = _one_of_each_bundle(to_offer(now), now)
    waiting = dict(
        Case.objects.open().filter(kind=KIND, subject_kind=SUBJECT).values_list("subject_id", "pk")
    )
    changed = sum(_close(case_id, now) for opening_id, case_id in waiting.items() if opening_id not in wanted)
    asked = set(wanted) - set(waiting)
    quiet = _left(asked) | _just_decided(asked, now) if asked else frozenset()
    return changed + sum(_open(wanted[pk], now) for pk in sorted(asked - quiet))


@transaction.atomic
def place_leave(*, actor: Actor, opening_id: int, now: datetime) -> None:
    """Leave a place to nobody, though somebody waits.

    Raises `NotYours`, `OwnFile` when the first who waits is the actor's own, `AlreadyDecided` of the case.
    """
    if not may_decide(actor):
        raise NotYours
    mine = activities.Opening.objects.filter(given_by(actor), pk=opening_id)
    case = latest_case(opening_id) if mine.exists() else None
    if case is None:
        raise NotYours
    if first_is_own(actor, opening_id, now=now):
        raise OwnFile
    case = decide_case(actor=actor, case_id=case.pk, state=CaseState.REFUSED, now=now)
    record(actor=actor, verb=LEFT, subject=Subject(SUBJECT, opening_id, case.label), now=now)


def given_by(actor: Actor, activity: str = "activity__") -> Q:
    """Where the actor gives places, as a condition on the activity reached by `activity`: where the office
    alone decides, a director reads."""
    by_office = Q(**{f"{activity}decided_by": Decider.OFFICE})
    return in_charge(actor, f"{activity}structure__") & (
        ~by_office | in_office(actor, f"{activity}structure__authority__")
    )


def first_is_own(actor: Actor, opening_id: int, *, now: datetime) -> bool:
    """Whether the first who waits for a place is of the actor's own home, or its child."""
    if actor.person_id is None:
        return False
    waiting = Booking.objects.waiting().filter(opening_id=opening_id)
    first = waiting.values_list("family_id", "child_id").first()
    if first is None:
        return False
    family_id, child_id = first
    return is_own_file(actor, family_id=family_id, person_id=child_id, day=local(now).date())


def is_own_of(actor: Actor, waiter: Waiter, now: datetime) -> bool:
    """Whether who waits is of the actor's own home, or one of its children."""
    day = local(now).date()
    return any(
        is_own_file(actor, family_id=waiter.family_id, person_id=child_id, day=day)
        for child_id in waiter.children
    )


def may_give(actor: Actor, waiter: Waiter) -> bool:
    """Whether the actor gives the places of all that is waited for together; no query of what is not."""
    if not waiter.child_ids or actor == SYSTEM:
        return True
    openings = set(waiter.opening_ids)
    return activities.Opening.objects.filter(given_by(actor), pk__in=openings).count() == len(openings)


@contextmanager
def place_offered(*, actor: Actor, opening_ids: Collection[int], now: datetime) -> Iterator[None]:
    """Close the cases of places that were just offered or given; joins the caller's transaction.

    What is told within waits for the minute in which that may be undone, where there was a case.
    """
    cases = Case.objects.open().filter(kind=KIND, subject_kind=SUBJECT, subject_id__in=opening_ids)
    closed = [case.pk for case in cases.order_by("pk") if _accept(actor, case, now)]
    with held_mails(case_id=closed[0], until=undo_until(now)) if closed else nullcontext():
        yield


def _accept(actor: Actor, case: Case, now: datetime) -> bool:
    """False when a worker was faster."""
    try:
        decide_case(actor=actor, case_id=case.pk, state=CaseState.ACCEPTED, now=now)
    except AlreadyDecided:
        return False
    return True


def latest_case(opening_id: int) -> Case | None:
    rows = Case.objects.filter(kind=KIND, subject_kind=SUBJECT, subject_id=opening_id)
    return rows.order_by("-pk").first()


def _one_of_each_bundle(openings: Collection[Opening], now: datetime) -> dict[int, Opening]:
    """A bundle is offered whole: its first opening speaks for it."""
    found: dict[int, Opening] = {}
    bundles = set()
    for opening in sorted(openings, key=lambda one: (one.starts_at, one.id)):
        bundle = opening.bundle_at(now)
        if bundle is None or bundle not in bundles:
            found[opening.id] = opening
            bundles.add(bundle)
    return found


def _left(opening_ids: Collection[int]) -> frozenset[int]:
    """Those whose place an agent left free since the last one joined the queue; one query."""
    last: QuerySet[Booking] = Booking.objects.filter(
        opening_id=OuterRef("subject_id"), state=BookingState.WAITING
    ).order_by()
    joined = last.values("opening_id").annotate(last=Max("queued_at")).values("last")
    rows = Case.objects.filter(
        Q(decided_at__gte=Subquery(joined)),
        kind=KIND,
        subject_kind=SUBJECT,
        subject_id__in=opening_ids,
        state=CaseState.REFUSED,
    )
    return frozenset(rows.values_list("subject_id", flat=True))


def _just_decided(opening_ids: Collection[int], now: datetime) -> frozenset[int]:
    """Those of which what an agent decided may still be undone: its case must be the last; one query."""
    rows = Case.objects.filter(
        kind=KIND,
        subject_kind=SUBJECT,
        subject_id__in=opening_ids,
        state__in=(CaseState.ACCEPTED, CaseState.REFUSED),
        decided_at__gt=now - UNDO_FOR,
    )
    return frozenset(rows.values_list("subject_id", flat=True))


def _open(opening: Opening, now: datetime) -> bool:
    """False when another worker was faster."""
    activity = opening.activity
    names = ", ".join(name for name in (opening.slot.name, opening.title, activity.name) if name)
    try:
        open_case(
            actor=SYSTEM,
            kind=KIND,
            subject=Subject(SUBJECT, opening.id, f"{day_long(opening.day).capitalize()} · {names}"),
            authority_id=activity.authority_id,
            structure_id=activity.deciding_structure_id,
            until=opening.starts_at,
            now=now,
        )
    except AlreadyOpen:
        return False
    return True


def _close(case_id: int, now: datetime) -> bool:
    """False when an agent was faster."""
    try:
        decide_case(actor=SYSTEM, case_id=case_id, state=CaseState.WITHDRAWN, now=now)
    except AlreadyDecided:
        return False
    return True
