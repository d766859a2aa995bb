"""What the dashboard makes of facts: what there is to do, in which order, what changed, which days come.

Pure: no ORM, no clock, no French.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from marelle.billing.selectors import DueInvoices
from marelle.bookings.bounds import Short
from marelle.bookings.selectors import ComingBooking, LostBooking, NothingBooked
from marelle.bookings.states import BookingState
from marelle.campaigns.reading import CampaignTold, Step
from marelle.core.clock import instant_at, local
from marelle.papers.selectors import PaperCounts, WaitingPaper
from marelle.places.rules import DAY

DAYS_SHOWN = 5
DAYS_READ = 8
"""Five days that are no weekend are within seven; one more costs nothing."""

SATURDAY = 5

SOON = timedelta(days=7)
"""A limit as near as that comes before what has none."""

BILL_TOLD = timedelta(days=10)
"""How long before its date a bill becomes something to do."""

TOLD_FOR = timedelta(days=14)
"""How long a refusal, or a day that was closed, is told."""

NO_PAPER = PaperCounts()

PAPERS_NAMED = 3
"""So few papers are told one by one, each with the way to send it; more are one task."""


class What(StrEnum):
    """Something for the family to do; of two as urgent, the first here comes first."""

    OVERDUE = "overdue"
    OFFER = "offer"
    ANSWER = "answer"
    """Places of a campaign, to accept or to give back."""
    NURSERY = "nursery"
    """A place in a crèche that a commission gave, to accept or to give back."""
    WISHES = "wishes"
    FIRST_CHILD = "first_child"
    FIRST_ENROLMENT = "first_enrolment"
    NOTHING_BOOKED = "nothing_booked"
    SHORT = "short"
    """Less is booked than the least."""
    DUE = "due"
    MISMATCH = "mismatch"
    UNREAD = "unread"
    PAPERS = "papers"
    CARE = "care"
    TO_ACCEPT = "to_accept"
    TO_CONFIRM = "to_confirm"


ASKED: Final = {Step.OPEN: What.WISHES, Step.TO_ANSWER: What.ANSWER}
"""The steps of a campaign at which a home has something to do; of the others it is told."""


class Urgency(IntEnum):
    NOW = 0
    SOON = 1
    OPEN = 2


@dataclass(frozen=True, slots=True)
class Task:
    """`until` is the last instant at which it can be done, None without a limit; `rank` is which of the facts
    of its kind it is about."""

    what: What
    until: datetime | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class CareGap:
    """What is still empty for a child who is enrolled, and the actor may fill: its health sheet, answers to
    the authorisations."""

    child_id: int
    sheet: bool
    answers: bool


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """An enrolment that was refused lately, and was not asked again."""

    enrolment_id: int
    child_id: int
    activity_name: str


@dataclass(frozen=True, slots=True)
class DayAhead:
    """`closed` are the activities that the structure closes, or calls off, and where something was booked."""

    day: date
    bookings: tuple[ComingBooking, ...]
    closed: tuple[str, ...] = ()


class Span(StrEnum):
    """Where the days shown are, seen from today."""

    THIS_WEEK = "this_week"
    NEXT_WEEK = "next_week"
    NEXT_DAYS = "next_days"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the home itself: nothing of it for one that has left.

    `to_confirm`: its file is to be confirmed for the school year. `changes` wait for an agent, `refused` were
    refused lately, `unread` are exchanges with an answer to read, `unread_id` the one that changed last,
    `to_accept` rules of a structure to read
    and accept, `mismatches` what was booked and seen otherwise, of which it has said nothing.
    `campaigns`: one of places concerns it. `nursery_until`: the last day to accept a place in a crèche, the
    nearest of several. `may_write_health`: the authority lets homes write on the health
    sheet.
    """

    left_on: date | None = None
    to_confirm: bool = False
    changes: int = 0
    refused: int = 0
    unread: int = 0
    unread_id: int | None = None
    papers: PaperCounts = NO_PAPER
    publications: int = 0
    to_accept: int = 0
    mismatches: int = 0
    campaigns: bool = False
    nursery_until: date | None = None
    may_write_health: bool = True


def urgency(task: Task, now: datetime) -> Urgency:
    """What is late or held for the family comes now; a limit within the week, soon."""
    if task.what in {What.OVERDUE, What.OFFER}:
        return Urgency.NOW
    if task.until is not None and task.until <= now + SOON:
        return Urgency.SOON
    return Urgency.OPEN


def in_order(tasks: Iterable[Task], now: datetime) -> tuple[Task, ...]:
    """The most urgent first; of those that a limit makes urgent, the nearest; else by their kind."""
    kinds = tuple(What)

    def key(task: Task) -> tuple[int, int, float, int, int]:
        level, kind = urgency(task, now), kinds.index(task.what)
        limit = float("inf") if task.until is None else task.until.timestamp()
        if level is Urgency.SOON:
            return level, 0, limit, kind, task.rank
        return level, kind, limit, kind, task.rank

    return tuple(sorted(tasks, key=key))


def tasks(
    *,
    due: DueInvoices,
    offers: Sequence[ComingBooking],
    nothing_booked: Sequence[NothingBooked],
    shorts: Sequence[Short] = (),
    campaigns: Sequence[CampaignTold] = (),
    waiting: Waiting,
    gaps: Sequence[CareGap],
    has_child: bool,
    has_enrolment: bool,
    has_left: bool,
    now: datetime,
) -> tuple[Task, ...]:
    """What there is to do, in order; a home that has left has its bills alone."""
    found = _bills(due, now)
    if has_left:
        return in_order(found, now)
    if not has_child:
        found.append(Task(What.FIRST_CHILD))
    elif not has_enrolment:
        found.append(Task(What.FIRST_ENROLMENT))
    found += [Task(What.OFFER, row.offered_until, rank) for rank, row in enumerate(offers)]
    found += [Task(What.NOTHING_BOOKED, row.closes_at, rank) for rank, row in enumerate(nothing_booked)]
    found += [Task(What.SHORT, row.until, rank) for rank, row in enumerate(shorts)]
    found += [Task(ASKED[row.step], row.at, rank) for rank, row in enumerate(campaigns) if row.step in ASKED]
    if waiting.nursery_until is not None:
        found.append(Task(What.NURSERY, _end_of(waiting.nursery_until)))
    named = papers_named(waiting.papers)
    found += [Task(What.PAPERS, rank=rank) for rank in range(len(named))]
    counted = {
        What.MISMATCH: waiting.mismatches,
        What.UNREAD: waiting.unread,
        What.PAPERS: 0 if named else waiting.papers.in_all,
        What.CARE: len(gaps),
        What.TO_ACCEPT: waiting.to_accept,
        What.TO_CONFIRM: waiting.to_confirm,
    }
    found += [Task(what) for what, count in counted.items() if count]
    return in_order(found, now)


def papers_named(papers: PaperCounts) -> tuple[WaitingPaper, ...]:
    """The papers that are told one by one; none where they are too many."""
    return papers.waits if len(papers.waits) <= PAPERS_NAMED else ()


def _bills(due: DueInvoices, now: datetime) -> list[Task]:
    today = local(now).date()
    late, near = due.late(today), due.ahead(today)
    found = []
    if late.next_due is not None:
        found.append(Task(What.OVERDUE, _end_of(late.next_due)))
    if near.next_due is not None and near.next_due <= today + BILL_TOLD:
        found.append(Task(What.DUE, _end_of(near.next_due)))
    return found


def _end_of(day: date) -> datetime:
    return instant_at(day + DAY, time())


def still_told(row: LostBooking, now: datetime) -> bool:
    """Whether a booking that was taken away, or refused, is told: it was lately, or its day is near."""
    if row.ends_at <= now:
        return False
    near = row.day <= local(now).date() + DAYS_READ * DAY
    return row.ended_at >= now - TOLD_FOR or (near and not row.is_refused)


def days_ahead(
    coming: Iterable[ComingBooking], today: date, lost: Iterable[LostBooking] = ()
) -> tuple[DayAhead, ...]:
    """The next five days, today first; a day of the weekend only when there is something to say of it."""
    by_day: dict[date, list[ComingBooking]] = {}
    for booking in coming:
        by_day.setdefault(booking.day, []).append(booking)
    closed: dict[date, dict[str, None]] = {}
    for row in lost:
        if not row.is_refused:
            closed.setdefault(row.day, {})[row.activity_name] = None
    days = (today + offset * DAY for offset in range(DAYS_READ))
    shown = [day for day in days if day.weekday() < SATURDAY or day in by_day or day in closed]
    return tuple(
        DayAhead(day, tuple(by_day.get(day, ())), tuple(closed.get(day, ()))) for day in shown[:DAYS_SHOWN]
    )


def span_of(days: Sequence[DayAhead], today: date) -> Span:
    monday = today - today.weekday() * DAY
    weeks = {(ahead.day - monday).days // 7 for ahead in days}
    return {frozenset({0}): Span.THIS_WEEK, frozenset({1}): Span.NEXT_WEEK}.get(
        frozenset(weeks), Span.NEXT_DAYS
    )


def offers_open(
    coming: Iterable[ComingBooking], may_book: Collection[int], now: datetime
) -> tuple[ComingBooking, ...]:
    """Places offered to these children and not yet let go: of a bundle, its first day alone."""
    found: dict[tuple[int, object], ComingBooking] = {}
    for row in coming:
        if is_offer(row) and row.child_id in may_book and row.offered_until and row.offered_until > now:
            found.setdefault((row.child_id, row.bundle_id or (row.booking_id,)), row)
    return tuple(sorted(found.values(), key=lambda row: (row.offered_until, row.booking_id)))


def is_offer(row: ComingBooking) -> bool:
    return row.state is BookingState.OFFERED
