"""What the dashboard of a family reads, across the domains, in a fixed number of queries.

What is said of it, and in which order, is in `dashboard_rules`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from marelle.activities.bounds import BoundKind
from marelle.activities.models import BookingBound
from marelle.attendance.mismatch_pages import mismatches_waiting
from marelle.attendance.mismatch_rules import ANSWERED_WITHIN
from marelle.billing.selectors import DueInvoices, due_invoices
from marelle.bookings.bounds import Short
from marelle.bookings.selectors import (
    Coming,
    ComingBooking,
    LostBooking,
    NothingBooked,
    RefusedProof,
    coming_days,
    first_days,
    unbooked,
)
from marelle.bookings.shortfalls import home_shorts
from marelle.campaigns.commissions.reading import to_answer as nursery_to_answer
from marelle.campaigns.reading import CampaignTold, campaigns_live, campaigns_told
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns
from marelle.enrolments.models import Enrolment
from marelle.enrolments.selectors import (
    LIVE,
    EnrolmentCounts,
    LiveEnrolments,
    LiveRow,
    live_of_rows,
    live_on,
)
from marelle.families.care.policy import COLUMNS as HEALTH
from marelle.families.care.policy import health_shut
from marelle.families.care.scope import answers_for
from marelle.families.file.confirmation import asked_at, unconfirmed
from marelle.families.file.reading import changes_open, changes_refused
from marelle.families.models import Consent, ConsentType, Family, HealthSheet
from marelle.families.pages import Household, PersonLine, household
from marelle.families.selectors import Child
from marelle.flows.dashboard.rules import (
    DAYS_READ,
    TOLD_FOR,
    CareGap,
    DayAhead,
    RefusedRequest,
    Span,
    Task,
    Waiting,
    days_ahead,
    is_offer,
    offers_open,
    span_of,
    still_told,
    tasks,
)
from marelle.flows.papers.asked import paper_counts
from marelle.flows.prices.estimates import total_so_far
from marelle.journal.models import Entry
from marelle.journal.verbs import Verb
from marelle.messaging.models import News
from marelle.messaging.selectors import latest_news, unread_threads
from marelle.papers.selectors import count_shown, count_to_accept
from marelle.places.rules import school_year_of
from marelle.places.selectors import StructureCard, structures_kept


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`last_connection` is the account's own, before this one; None for an agent who acts for the family.

    `has_left`: the home reads its bills and its history, and nothing else is told of it. `offers`: places
    that it may still take, the nearest limit first; the days of a bundle are one. `lost` is what the
    structure took away of what is to come, or refused; `refused_proofs` are those of absences, lately.
    `may_book`: for a child who is enrolled. `so_far`: what this month comes to, where any of it has a price.
    """

    today: date
    people: tuple[PersonLine, ...]
    todo: tuple[Task, ...]
    nothing_booked: tuple[NothingBooked, ...]
    enrolments: EnrolmentCounts
    days: tuple[DayAhead, ...]
    span: Span
    next_booking: ComingBooking | None
    structures: tuple[StructureCard, ...]
    last_connection: datetime | None
    due: DueInvoices
    waiting: Waiting
    news: tuple[News, ...]
    has_left: bool
    may_book: bool = False
    offers: tuple[ComingBooking, ...] = ()
    shorts: tuple[Short, ...] = ()
    gaps: tuple[CareGap, ...] = ()
    lost: tuple[LostBooking, ...] = ()
    refused: tuple[RefusedRequest, ...] = ()
    refused_proofs: tuple[RefusedProof, ...] = ()
    so_far: Decimal | None = None
    campaigns: tuple[CampaignTold, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """`gaps` for each child who is enrolled, in the order of the home, as is `unbooked`. `bounded`: the
    activities where so much at least is to be booked, by id."""

    live: LiveEnrolments
    gaps: tuple[CareGap, ...] = ()
    refused: tuple[RefusedRequest, ...] = ()
    unbooked: tuple[NothingBooked, ...] = ()
    bounded: frozenset[int] = frozenset()


def dashboard(actor: Actor, *, now: datetime) -> Dashboard:
    """The dashboard of the actor's home as it is at `now`."""
    today = local(now).date()
    home = household(actor, day=today)
    kids = home.children
    last, since = today + timedelta(days=DAYS_READ), now - TOLD_FOR
    coming = coming_days(actor, kids, first=today, last=last, lost_since=since)
    enrolled = _enrolled(actor, kids, today, since)
    waiting, last_connection = _waiting(actor, home, enrolled.live, today, since)
    campaigns = campaigns_told(actor, now=now) if waiting.campaigns else ()
    has_left = waiting.left_on is not None and waiting.left_on <= today
    if has_left:
        coming, enrolled = Coming(), Enrolled(enrolled.live)
    may_book = {child.id for child in kids if child.may_book}
    due, offers = due_invoices(actor), offers_open(coming.held, may_book, now)
    to_book = first_days(actor, kids, enrolled.unbooked, now=now)
    gaps = _open_gaps(enrolled.gaps, waiting)
    shorts = home_shorts(actor.family_id or 0, enrolled.bounded, now)
    lost = tuple(row for row in coming.lost if still_told(row, now))
    days = days_ahead(coming.held, today, lost)
    return Dashboard(
        today=today,
        people=home.people,
        todo=tasks(
            due=due,
            offers=offers,
            nothing_booked=to_book,
            shorts=shorts,
            campaigns=campaigns,
            waiting=waiting,
            gaps=gaps,
            has_child=bool(kids),
            has_enrolment=bool(enrolled.live.counts.accepted or enrolled.live.counts.requested),
            has_left=has_left,
            now=now,
        ),
        nothing_booked=to_book,
        shorts=shorts,
        enrolments=enrolled.live.counts,
        days=days,
        span=span_of(days, today),
        next_booking=next((row for row in coming.held if row.ends_at > now and not is_offer(row)), None),
        structures=structures_kept(enrolled.live.structure_ids),
        last_connection=last_connection,
        due=due,
        waiting=waiting,
        news=_news(actor, enrolled.live, today),
        has_left=has_left,
        may_book=bool(may_book and enrolled.live.counts.accepted),
        offers=offers,
        gaps=gaps,
        lost=lost,
        refused=enrolled.refused,
        refused_proofs=coming.refused_proofs,
        so_far=None if has_left else total_so_far(actor, today),
        campaigns=() if has_left else campaigns,
    )


def _news(actor: Actor, enrolled: LiveEnrolments, today: date) -> tuple[News, ...]:
    if actor.family_id is None:
        return ()
    return tuple(latest_news(actor.family_id, enrolled.structure_ids, enrolled.activity_ids, today))


class _Row(NamedTuple):
    """An enrolment; `may_write_care`: the actor, about that child."""

    live: LiveRow
    id: int
    child_id: int
    activity_name: str
    activity_order: int
    unbooked: bool
    bounded: bool
    may_write_care: bool
    no_sheet: bool
    unanswered: bool


def _enrolled(actor: Actor, home: tuple[Child, ...], today: date, since: datetime) -> Enrolled:
    """What is asked for or in course, what is empty of the care that it asks for, what was refused lately,
    and for what nothing is booked; one query."""
    if actor.family_id is None:
        return Enrolled(live_of_rows(()))
    found = _enrolments(actor, [child.id for child in home], today, school_year_of(today), since)
    live = [row for row in found if row.live.state in Enrolment.LIVE]
    again = {(row.child_id, row.live.activity_id) for row in live}
    written = [row for row in live if row.live.state == Enrolment.State.ACCEPTED and row.may_write_care]
    sheets = {row.child_id for row in written if row.no_sheet}
    answers = {row.child_id for row in written if row.unanswered}
    return Enrolled(
        live_of_rows([row.live for row in live]),
        tuple(
            CareGap(child.id, sheet=child.id in sheets, answers=child.id in answers)
            for child in home
            if child.id in sheets | answers
        ),
        tuple(
            RefusedRequest(row.id, row.child_id, row.activity_name)
            for row in found
            if row.live.state == Enrolment.State.REFUSED and (row.child_id, row.live.activity_id) not in again
        ),
        tuple(
            NothingBooked(row.id, child.id, child.first_name, row.live.activity_id, row.activity_name)
            for child in home
            for row in sorted(live, key=lambda row: row.activity_order)
            if row.unbooked and row.child_id == child.id
        ),
        frozenset(row.live.activity_id for row in live if row.bounded),
    )


@prepared
def _enrolments(
    actor: Actor, child_ids: Collection[int], day: date, year: int, since: datetime
) -> QuerySet[Enrolment, _Row]:
    refused = Q(state=Enrolment.State.REFUSED, decided_at__gte=since)
    rows = Enrolment.objects.filter(live_on(day) | refused, family_id=actor.home_id, person_id__in=child_ids)
    said = Consent.objects.filter(
        type=OuterRef("pk"),
        child_id=OuterRef(OuterRef("person_id")),
        family_id=actor.home_id,
        school_year=year,
    )
    unsaid = ConsentType.objects.filter(
        ~Exists(said), active=True, authority_id=OuterRef("activity__structure__authority_id")
    )
    return columns(
        _Row,
        live=LIVE,
        id="pk",
        child_id="person_id",
        activity_name="activity__name",
        activity_order="activity__order",
        unbooked=ExpressionWrapper(unbooked(day), output_field=BooleanField()),
        bounded=Exists(BookingBound.objects.filter(activity=OuterRef("activity_id"), kind=BoundKind.LEAST)),
        may_write_care=Value(True) if actor.on_behalf_of else answers_for(actor, day),
        no_sheet=~Exists(HealthSheet.objects.filter(child_id=OuterRef("person_id"))),
        unanswered=Exists(unsaid),
    ).of(rows.order_by("pk"))


def _open_gaps(gaps: Iterable[CareGap], waiting: Waiting) -> tuple[CareGap, ...]:
    """Without the sheet where the authority lets no home write on it."""
    if waiting.may_write_health:
        return tuple(gaps)
    return tuple(CareGap(gap.child_id, sheet=False, answers=True) for gap in gaps if gap.answers)


def _waiting(
    actor: Actor, home: Household, enrolled: LiveEnrolments, today: date, since: datetime
) -> tuple[Waiting, datetime | None]:
    """And the last connection. One query for the home, one to three for its papers."""
    if actor.family_id is None:
        return Waiting(), None
    year = school_year_of(today)
    activities = rounded(enrolled.activity_ids)
    (row,) = _home(actor, activities, today, year, asked_at(year), today - ANSWERED_WITHIN, since)
    waiting = Waiting(
        left_on=row.left_on,
        to_confirm=row.to_confirm,
        changes=row.changes or 0,
        refused=row.refused or 0,
        unread=row.unread or 0,
        unread_id=row.unread_id,
        papers=paper_counts(actor, people={line.id for line in home.people}, day=today),
        publications=row.publications or 0,
        to_accept=row.to_accept or 0,
        mismatches=row.mismatches or 0,
        campaigns=row.campaigns,
        nursery_until=row.nursery_until,
        may_write_health=(row.health_shut or 0) < len(HEALTH),
    )
    return waiting, row.last_connection


class _Home(NamedTuple):
    """When it left, whether to confirm its file, changes open, and refused lately, threads unread and the
    last of them, mismatches to answer, on how many fields of health it may not write, what the structures
    publish, and is to be accepted, whether a campaign of places concerns it, until which day it may take a
    place in a crèche. `last_connection`: of the account, before this one."""

    left_on: date | None
    to_confirm: bool
    changes: int | None
    refused: int | None
    unread: int | None
    unread_id: int | None
    mismatches: int | None
    health_shut: int | None
    publications: int | None
    to_accept: int | None
    campaigns: bool
    nursery_until: date | None
    last_connection: datetime | None


@prepared
def _home(
    actor: Actor,
    activities: Collection[int],
    day: date,
    year: int,
    asked_at: datetime,
    seen_since: date,
    decided_since: datetime,
) -> QuerySet[Family, _Home]:
    unread = unread_threads(actor)
    return columns(
        _Home,
        "left_on",
        to_confirm=ExpressionWrapper(unconfirmed(day, year, asked_at), output_field=BooleanField()),
        changes=_count_of(changes_open(actor, day=day)),
        refused=_count_of(changes_refused(actor, day=day, since=decided_since)),
        unread=_count_of(unread),
        unread_id=Subquery(unread.order_by("-last_at", "-pk").values("pk")[:1]),
        mismatches=_count_of(mismatches_waiting(actor, day=day, since=seen_since)),
        health_shut=health_shut(by_agent=actor.on_behalf_of),
        publications=count_shown(activities, day=day),
        to_accept=count_to_accept(actor.home_id, activities, day=day),
        campaigns=Exists(campaigns_live(actor)),
        nursery_until=Subquery(nursery_to_answer(actor, day).values("answer_until")[:1]),
        last_connection=_connection_before(actor),
    ).of(Family.objects.filter(pk=actor.home_id))


def _count_of(rows: QuerySet[Any]) -> Subquery:
    """How many rows of the home, as a column of it."""
    counted = rows.order_by().values("family_id").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())


def _connection_before(actor: Actor) -> Subquery | Value:
    """The last but one of the account; none for an agent who acts for the home."""
    if actor.user_id is None or actor.on_behalf_of:
        return Value(None, output_field=DateTimeField())
    opened = Entry.objects.filter(actor_user_id=actor.user_id, verb=Verb.CONNECTION_OPENED)
    return Subquery(opened.order_by("-at", "-id").values("at")[1:2])
