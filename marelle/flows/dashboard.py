"""What the dashboard of a family reads, across the domains, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, IntegerField, QuerySet, Subquery

from marelle.attendance.mismatch_pages import mismatches_waiting
from marelle.attendance.mismatch_rules import ANSWERED_WITHIN
from marelle.billing.selectors import DueInvoices, due_invoices
from marelle.bookings.selectors import ComingBooking, NothingBooked, coming_days, nothing_booked
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.enrolments.selectors import EnrolmentCounts, LiveEnrolments, live_enrolments
from marelle.families.confirmation import asked_at, unconfirmed
from marelle.families.file import changes_open
from marelle.families.models import Family
from marelle.families.pages import PersonLine, people
from marelle.families.selectors import children
from marelle.flows.papers import paper_counts
from marelle.journal.models import Entry
from marelle.journal.verbs import Verb
from marelle.messaging.models import News
from marelle.messaging.selectors import latest_news, unread_threads
from marelle.papers.selectors import PaperCounts, publication_counts
from marelle.places.rules import DAY, school_year_of
from marelle.places.selectors import StructureCard, structures_kept

DAYS_SHOWN = 5
DAYS_READ = 8
"""Five days that are no weekend are within seven; one more costs nothing."""

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayAhead:
    day: date
    bookings: tuple[ComingBooking, ...]


NO_PAPER = PaperCounts()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the home itself: nothing of it for one that has left.

    `to_confirm`: its file is to be confirmed for the school year. `changes` wait for an agent, `unread` are
    exchanges with an answer to read, `to_accept` rules of a structure to read and accept, `mismatches` what
    was booked and seen otherwise, of which it has said nothing.
    """

    left_on: date | None = None
    to_confirm: bool = False
    changes: int = 0
    unread: int = 0
    papers: PaperCounts = NO_PAPER
    publications: int = 0
    to_accept: int = 0
    mismatches: int = 0


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`last_connection` is the account's own, before this one; None for an agent who acts for the family.

    `has_left`: the home reads its bills and its history, and nothing else is told of it. `offers`: places
    that it may still take, the nearest limit first; the days of a bundle are one.
    """

    today: date
    people: tuple[PersonLine, ...]
    nothing_booked: tuple[NothingBooked, ...]
    enrolments: EnrolmentCounts
    days: tuple[DayAhead, ...]
    next_booking: ComingBooking | None
    structures: tuple[StructureCard, ...]
    last_connection: datetime | None
    due: DueInvoices
    waiting: Waiting
    news: tuple[News, ...]
    has_left: bool
    offers: tuple[ComingBooking, ...] = ()


def dashboard(actor: Actor, *, now: datetime) -> Dashboard:
    """The dashboard of the actor's home as it is at `now`."""
    today = local(now).date()
    home = children(actor, day=today)
    everybody = people(actor, day=today)
    coming = coming_days(actor, home, first=today, last=today + timedelta(days=DAYS_READ))
    enrolled = live_enrolments(actor, [child.id for child in home], day=today)
    waiting = _waiting(actor, everybody, enrolled, today)
    has_left = waiting.left_on is not None and waiting.left_on <= today
    return Dashboard(
        today=today,
        people=everybody,
        nothing_booked=() if has_left else nothing_booked(actor, home, now=now),
        enrolments=enrolled.counts,
        days=days_ahead(coming, today),
        next_booking=next((row for row in coming if row.ends_at > now and not _is_offer(row)), None),
        structures=structures_kept(enrolled.structure_ids),
        last_connection=_last_connection(actor),
        due=due_invoices(actor),
        waiting=waiting,
        news=_news(actor, enrolled, today),
        has_left=has_left,
        offers=() if has_left else offers_open(coming, {child.id for child in home if child.may_book}, now),
    )


def _news(actor: Actor, enrolled: LiveEnrolments, today: date) -> tuple[News, ...]:
    if actor.family_id is None:
        return ()
    return tuple(latest_news(actor.family_id, enrolled.structure_ids, enrolled.activity_ids, today))


def _waiting(actor: Actor, everybody: Iterable[PersonLine], enrolled: LiveEnrolments, today: date) -> Waiting:
    """One query for the home, one for what the structures publish, three or four for its papers."""
    if actor.family_id is None:
        return Waiting()
    year = school_year_of(today)
    since = today - ANSWERED_WITHIN
    ((left_on, to_confirm, changes, unread, differing),) = _home_waits(
        actor, today, year, asked_at(year), since
    )
    published, to_accept = publication_counts(actor, enrolled.activity_ids, day=today)
    return Waiting(
        left_on=left_on,
        to_confirm=to_confirm,
        changes=changes or 0,
        unread=unread or 0,
        papers=paper_counts(actor, people={line.id for line in everybody}, day=today),
        publications=published,
        to_accept=to_accept,
        mismatches=differing or 0,
    )


@prepared
def _home_waits(
    actor: Actor, day: date, year: int, asked_at: datetime, since: date
) -> QuerySet[Family, tuple[date | None, bool, int | None, int | None, int | None]]:
    """The row of the home: when it left, whether to confirm its file, changes open, threads unread, and
    mismatches since then to answer."""
    return Family.objects.filter(pk=actor.home_id).values_list(
        "left_on",
        ExpressionWrapper(unconfirmed(day, year, asked_at), output_field=BooleanField()),
        _count_of(changes_open(actor, day=day)),
        _count_of(unread_threads(actor)),
        _count_of(mismatches_waiting(actor, day=day, since=since)),
    )


def _count_of(rows: QuerySet[Any]) -> Subquery:
    """How many rows of the home, as a column of it."""
    counted = rows.order_by().values("family_id").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())


def days_ahead(coming: tuple[ComingBooking, ...], today: date) -> tuple[DayAhead, ...]:
    """The next five days, today first; a day of the weekend only when something is booked on it."""
    by_day: dict[date, list[ComingBooking]] = {}
    for booking in coming:
        by_day.setdefault(booking.day, []).append(booking)
    days = (today + offset * DAY for offset in range(DAYS_READ))
    shown = [day for day in days if day.weekday() < SATURDAY or day in by_day]
    return tuple(DayAhead(day, tuple(by_day.get(day, ()))) for day in shown[:DAYS_SHOWN])


def offers_open(
    coming: Iterable[ComingBooking], may_book: set[int], now: datetime
) -> tuple[ComingBooking, ...]:
    """Places offered to these children and not yet let go: of a bundle, its first day alone."""
    found: dict[tuple[int, object], ComingBooking] = {}
    for row in coming:
        if _is_offer(row) and row.child_id in may_book and row.offered_until and row.offered_until > now:
            found.setdefault((row.child_id, row.bundle_id or (row.booking_id,)), row)
    return tuple(sorted(found.values(), key=lambda row: (row.offered_until, row.booking_id)))


def _is_offer(row: ComingBooking) -> bool:
    return row.state is BookingState.OFFERED


def _last_connection(actor: Actor) -> datetime | None:
    if actor.user_id is None or actor.on_behalf_of:
        return None
    latest = _connections(actor.user_id)
    return latest[1] if len(latest) == 2 else None


@prepared
def _connections(user_id: int) -> QuerySet[Entry, datetime]:
    """The last two: this one, and the one before."""
    opened = Entry.objects.filter(actor_user_id=user_id, verb=Verb.CONNECTION_OPENED)
    return opened.order_by("-at", "-id").values_list("at", flat=True)[:2]
