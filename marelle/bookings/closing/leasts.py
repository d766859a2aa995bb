"""Less than the least was booked, and nothing more may be: those who answer for the activity are told, or
what is still to come of it is cancelled, as the rule says. Each span of each rule is judged once, by the
worker.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.activities.bound_labels import bound_label, span_label
from marelle.activities.bounds import Bound, BoundKind, Days, Then, Whose
from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import BookingBound, SpanJudged
from marelle.activities.rules import is_before
from marelle.activities.services.definitions import LEAST
from marelle.bookings.bounds import Held, Short, booked_until, shorts
from marelle.bookings.closing.services import what_became
from marelle.bookings.models import Booking
from marelle.bookings.offers.cases import given_by
from marelle.bookings.reading import held, openings_between
from marelle.bookings.rules import Opening
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.locks import children_locked
from marelle.bookings.saving.telling import by_home_and_child, journal_cells, tell_least_missed
from marelle.bookings.states import LIVE, EndCause
from marelle.cases.models import Case, CaseState
from marelle.cases.services import decide_case, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked
from marelle.journal.services import record
from marelle.places.scope import may_decide

SUBJECT: Final = "span_judged"
MISSED: Final = "booking.least_missed"
SEEN: Final = "booking.least_seen"

EVERY: Final = timedelta(minutes=5)
"""A limit is told to the minute; what comes of it may take some."""

_last: dict[str, datetime] = {}
"""When this process last looked: the round comes every few seconds."""


def leasts_followed(*, now: datetime) -> int:
    """`leasts_judged`, once in a while."""
    last = _last.get("round")
    if last is not None and last <= now < last + EVERY:
        return 0
    _last["round"] = now
    return leasts_judged(now=now)


def leasts_judged(*, now: datetime) -> int:
    """Judge the spans whose last limit has passed, of rules that were there before it, as long as something
    of them is to come. Returns how many were found short. Any number of processes judge a span once."""
    today = local(now).date()
    rows = BookingBound.objects.filter(
        Q(until=None) | Q(until__gte=today),
        kind=BoundKind.LEAST,
        activity__last_day__gte=today,
        set_at__lte=now,
    )
    return sum(_judged(row, now) for row in rows.select_related("activity").order_by("pk"))


def _judged(row: BookingBound, now: datetime) -> int:
    facts = activity_facts({row.activity_id: row.activity.revision})[row.activity_id]
    bound = next(one for one in facts.bounds if one.id == row.pk)
    to_come: dict[Days, list[Opening]] = {}
    for opening in openings_between([facts.id], local(now).date(), facts.last_day):
        if opening.starts_at > now and bound.holds(opening.slot.id, opening.day):
            to_come.setdefault(bound.span(opening.day, facts.calendar), []).append(opening)
    done = set(row.judged.values_list("first_day", flat=True))
    found = 0
    for days, openings in to_come.items():
        until = booked_until(bound, days, openings)
        if until is None or is_before(now, until) or (row.set_at is not None and until < row.set_at):
            continue
        if days[0] not in done:
            found += _span_judged(bound, facts, days, now)
    return found


def _span_judged(bound: Bound, facts: ActivityFacts, days: Days, now: datetime) -> int:
    openings = openings_between([facts.id], *days)
    missed = [
        short for booked in _booked(bound, facts, days) for short in _shorts(bound, days, booked, openings)
    ]
    ended = 0
    if bound.then is Then.CANCELLED:
        ended = sum(_ended(short, openings, now) for short in missed)
    with transaction.atomic():
        span = {"bound_id": bound.id, "first_day": days[0]}
        more = {"last_day": days[1], "judged_at": now}
        judged, is_new = SpanJudged.objects.get_or_create(**span, defaults=more)
        if is_new and missed and bound.then is Then.TOLD:
            names = {slot.id: slot.name for slot in facts.slots.values()}
            told = f"{facts.name} · {bound_label(bound, names)}, {span_label(bound, days)}"
            open_case(
                actor=SYSTEM,
                kind=LEAST,
                subject=Subject(SUBJECT, judged.pk, told),
                authority_id=facts.authority_id,
                structure_id=facts.deciding_structure_id,
                now=now,
            )
            return len(missed)
    return ended


def _booked(
    bound: Bound, facts: ActivityFacts, days: Days, only: Short | None = None, family_id: int | None = None
) -> list[list[Held]]:
    """What is booked in a span, by home where it is counted for homes: all of them, or `only` one that is
    short."""
    rows = Booking.objects.filter(
        opening__activity_id=facts.id, day__gte=days[0], day__lte=days[1], state__in=LIVE
    ).order_by("pk")
    if only is not None and only.child_id is not None:
        rows = rows.filter(child_id=only.child_id)
    if bound.whose is Whose.CHILD:
        return [list(held(rows, None))]
    homes = {family_id} if family_id else set(rows.order_by().values_list("family_id", flat=True))
    return [list(held(rows.filter(family_id=pk), pk)) for pk in sorted(homes)]


def _missed(bound: Bound, facts: ActivityFacts, days: Days, openings: list[Opening]) -> list[Short]:
    groups = _booked(bound, facts, days)
    return [short for booked in groups for short in _shorts(bound, days, booked, openings)]


def _shorts(bound: Bound, days: Days, booked: list[Held], openings: list[Opening]) -> list[Short]:
    found = shorts(booked, openings)
    return [short for short in found if short.bound.id == bound.id and short.days == days]


@transaction.atomic
def _ended(short: Short, openings: list[Opening], now: datetime) -> int:
    """Cancel what is to come of it, if it still is short once its homes and its children are held."""
    rows = Booking.objects.filter(pk__in=[place.id for _child, _opening, place in short.held])
    homes = set(rows.values_list("family_id", flat=True))
    homes_locked(homes)
    children_locked({child for child, _opening, _place in short.held})
    family_id = None if short.child_id is not None else next(iter(homes))
    again = [
        one
        for booked in _booked(short.bound, short.activity, short.days, short, family_id)
        for one in _shorts(short.bound, short.days, booked, openings)
    ]
    seen = {place.id for _child, _opening, place in short.held}
    if not again or not seen <= {place.id for _child, _opening, place in again[0].held}:
        return 0  # It has been completed, or ended by another who judged it.
    wanted = [place.id for _child, opening, place in again[0].held if opening.starts_at > now]
    ended = bookings_end(actor=SYSTEM, booking_ids=wanted, cause=EndCause.STRUCTURE, now=now)
    told = by_home_and_child([(row.place.id, row.opening, what_became(row)) for row in ended])
    journal_cells(SYSTEM, MISSED, told, now)
    tell_least_missed(told, short=again[0], now=now)
    return 1


def span_shorts(judged: SpanJudged) -> list[Short]:
    """Who is short in a span that was judged, as things stand; some queries, as many as there are homes."""
    row = judged.bound
    facts = activity_facts({row.activity_id: row.activity.revision})[row.activity_id]
    bound = next(one for one in facts.bounds if one.id == row.pk)
    days = (judged.first_day, judged.last_day)
    return _missed(bound, facts, days, openings_between([facts.id], *days))


def spans_decided_by(actor: Actor) -> QuerySet[SpanJudged]:
    """The spans judged of the activities where the actor decides."""
    if not may_decide(actor):
        return SpanJudged.objects.none()
    return SpanJudged.objects.filter(given_by(actor, "bound__activity__")).select_related("bound__activity")


@transaction.atomic
def least_seen(*, actor: Actor, judged_id: int, now: datetime) -> None:
    """Close the case of a span that was judged. Raises NotYours, AlreadyDecided."""
    judged = spans_decided_by(actor).filter(pk=judged_id).first()
    case = Case.objects.filter(kind=LEAST, subject_kind=SUBJECT, subject_id=judged_id).first()
    if judged is None or case is None:
        raise NotYours
    case = decide_case(actor=actor, case_id=case.pk, state=CaseState.ACCEPTED, now=now)
    record(actor=actor, verb=SEEN, subject=Subject(SUBJECT, judged_id, case.label), now=now)
