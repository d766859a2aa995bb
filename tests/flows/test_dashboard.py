"""What the dashboard makes of facts: what there is to do and in which order, what is told, which days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.selectors import DueInvoice, DueInvoices
from marelle.bookings.selectors import ComingBooking, LostBooking, NothingBooked
from marelle.bookings.states import BookingState
from marelle.core.clock import instant_at
from marelle.flows.dashboard import rules
from marelle.flows.dashboard.rules import CareGap, Span, Task, Urgency, Waiting, What, days_ahead, in_order
from marelle.papers.rules import Standing
from marelle.papers.selectors import PaperCounts, WaitingPaper

WEDNESDAY = date(2026, 11, 25)
SATURDAY = date(2026, 11, 28)
DAY = timedelta(days=1)
NOW = instant_at(WEDNESDAY, time(10))


def coming(day: date, *, offered_until: datetime | None = None) -> ComingBooking:
    starts_at, ends_at = instant_at(day, time(8)), instant_at(day, time(12))
    state = BookingState.BOOKED if offered_until is None else BookingState.OFFERED
    return ComingBooking(day, 1, "Zoé", "Matin", starts_at, ends_at, False, state, 7, None, offered_until)


def lost(day: date, *, ended: date = WEDNESDAY, refused: bool = False) -> LostBooking:
    hours = instant_at(day, time(8)), instant_at(day, time(12))
    ended_at = instant_at(ended, time(9))
    return LostBooking(
        day, 1, "Zoé", "Matin", *hours, False, "Périscolaire", "Neige", ended_at, not refused, refused
    )


def bill(due_on: date) -> DueInvoice:
    return DueInvoice(1, due_on, Decimal(10), due_on.replace(day=1))


def tasks(**told: object) -> list[What]:
    facts = {
        "due": DueInvoices(),
        "offers": (),
        "nothing_booked": (),
        "waiting": Waiting(),
        "gaps": (),
        "has_child": True,
        "has_enrolment": True,
        "has_left": False,
        "now": NOW,
        **told,
    }
    return [task.what for task in rules.tasks(**facts)]  # type: ignore[arg-type]


def unbooked(closes_at: datetime | None) -> NothingBooked:
    return NothingBooked(1, 1, "Léo", 1, "Mercredis", None if closes_at is None else WEDNESDAY, closes_at)


def test_what_is_late_or_held_comes_first_then_the_nearest_limit_then_the_rest():
    found = tasks(
        due=DueInvoices((bill(WEDNESDAY - DAY), bill(WEDNESDAY + 3 * DAY))),
        offers=(coming(WEDNESDAY + 20 * DAY, offered_until=NOW + 15 * DAY),),
        nothing_booked=(unbooked(NOW + 2 * DAY), unbooked(NOW + 30 * DAY), unbooked(None)),
        waiting=Waiting(to_confirm=True, unread=1, papers=PaperCounts(refused=1), to_accept=1, mismatches=1),
        gaps=(CareGap(1, sheet=True, answers=True),),
    )
    assert found == [
        What.OVERDUE,
        What.OFFER,
        What.NOTHING_BOOKED,
        What.DUE,
        What.NOTHING_BOOKED,
        What.NOTHING_BOOKED,
        What.MISMATCH,
        What.UNREAD,
        What.PAPERS,
        What.CARE,
        What.TO_ACCEPT,
        What.TO_CONFIRM,
    ]


def test_a_place_in_a_creche_waits_until_the_end_of_its_day():
    told = rules.tasks(
        due=DueInvoices(), offers=(), nothing_booked=(), waiting=Waiting(nursery_until=WEDNESDAY), gaps=(),
        has_child=True, has_enrolment=True, has_left=False, now=NOW,
    )  # fmt: skip
    assert told == (Task(What.NURSERY, instant_at(WEDNESDAY + DAY, time())),)


@pytest.mark.parametrize(("papers", "told"), [(0, 0), (1, 1), (3, 3), (4, 1)])
def test_papers_are_told_one_by_one_as_long_as_they_are_few(papers: int, told: int):
    waits = (WaitingPaper(1, "Attestation", None, Standing.MISSING),) * papers
    found = tasks(waiting=Waiting(papers=PaperCounts(to_send=papers, waits=waits)))
    assert found == [What.PAPERS] * told


def test_of_two_places_held_the_one_that_ends_first_comes_first():
    ends = (NOW + 2 * DAY, NOW + timedelta(hours=1))
    held = [Task(What.OFFER, until, rank) for rank, until in enumerate(ends)]
    assert [task.rank for task in in_order(held, NOW)] == [1, 0]


def test_a_limit_within_a_week_is_soon_and_not_a_moment_later():
    assert rules.urgency(Task(What.NOTHING_BOOKED, NOW + rules.SOON), NOW) is Urgency.SOON
    assert (
        rules.urgency(Task(What.NOTHING_BOOKED, NOW + rules.SOON + timedelta.resolution), NOW) is Urgency.OPEN
    )
    assert rules.urgency(Task(What.TO_CONFIRM), NOW) is Urgency.OPEN
    assert rules.urgency(Task(What.OFFER, NOW + 30 * DAY), NOW) is Urgency.NOW


@given(
    st.permutations(
        [
            Task(What.OVERDUE, NOW - DAY),
            Task(What.OFFER, NOW + DAY),
            Task(What.DUE, NOW + 2 * DAY),
            Task(What.NOTHING_BOOKED, NOW + 3 * DAY),
            Task(What.NOTHING_BOOKED, None, 1),
            Task(What.TO_CONFIRM),
        ]
    )
)
def test_the_order_hangs_on_nothing_but_the_tasks(shuffled: list[Task]):
    assert [task.what for task in in_order(shuffled, NOW)] == [
        What.OVERDUE,
        What.OFFER,
        What.DUE,
        What.NOTHING_BOOKED,
        What.NOTHING_BOOKED,
        What.TO_CONFIRM,
    ]


@pytest.mark.parametrize(
    ("due_on", "told"),
    [
        (WEDNESDAY - DAY, [What.OVERDUE]),
        (WEDNESDAY, [What.DUE]),
        (WEDNESDAY + rules.BILL_TOLD, [What.DUE]),
        (WEDNESDAY + rules.BILL_TOLD + DAY, []),
    ],
)
def test_a_bill_is_late_from_the_day_after_and_told_ten_days_before(due_on: date, told: list[What]):
    assert tasks(due=DueInvoices((bill(due_on),))) == told


def test_a_home_that_has_left_owes_its_bills_and_does_nothing_else():
    late = DueInvoices((bill(WEDNESDAY - DAY),))
    waiting = Waiting(to_confirm=True, unread=1, mismatches=2)
    assert tasks(due=late, waiting=waiting, has_child=False, has_left=True) == [What.OVERDUE]


def test_the_first_step_is_a_child_then_an_enrolment():
    assert tasks(has_child=False, has_enrolment=False) == [What.FIRST_CHILD]
    assert tasks(has_enrolment=False) == [What.FIRST_ENROLMENT]
    waiting = Waiting(to_confirm=True)
    assert tasks(has_enrolment=False, waiting=waiting) == [What.FIRST_ENROLMENT, What.TO_CONFIRM]
    assert tasks() == []


def test_what_was_called_off_is_told_while_it_is_fresh_or_near():
    long_ago = WEDNESDAY - rules.TOLD_FOR - DAY
    far = WEDNESDAY + 60 * DAY
    assert rules.still_told(lost(far), NOW)
    assert not rules.still_told(lost(far, ended=long_ago), NOW)
    assert rules.still_told(lost(WEDNESDAY + 5 * DAY, ended=long_ago), NOW)
    assert not rules.still_told(lost(WEDNESDAY + 5 * DAY, ended=long_ago, refused=True), NOW)
    assert not rules.still_told(lost(WEDNESDAY - DAY), NOW), "it is over"


def test_a_weekend_with_nothing_is_left_out():
    shown = [ahead.day.day for ahead in days_ahead((), WEDNESDAY)]
    assert shown == [25, 26, 27, 30, 1]


def test_a_saturday_with_something_is_shown():
    shown = days_ahead((coming(SATURDAY),), WEDNESDAY)
    assert [ahead.day.day for ahead in shown] == [25, 26, 27, 28, 30]
    assert shown[3].bookings == (coming(SATURDAY),)


def test_a_day_that_closed_says_so_once_for_an_activity_and_a_refusal_closes_nothing():
    thursday = WEDNESDAY + DAY
    shown = days_ahead((), WEDNESDAY, [lost(thursday), lost(thursday), lost(WEDNESDAY, refused=True)])
    assert [ahead.closed for ahead in shown[:2]] == [(), ("Périscolaire",)]
    assert days_ahead((), WEDNESDAY, [lost(SATURDAY)])[3].day == SATURDAY


def test_five_days_even_from_a_saturday():
    assert [ahead.day.day for ahead in days_ahead((), SATURDAY)] == [30, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("today", "span"),
    [
        (SATURDAY, Span.NEXT_WEEK),
        (SATURDAY + DAY, Span.NEXT_WEEK),
        (SATURDAY + 2 * DAY, Span.THIS_WEEK),
        (WEDNESDAY, Span.NEXT_DAYS),
    ],
)
def test_the_days_are_named_by_the_week_that_holds_them_all(today: date, span: Span):
    assert rules.span_of(days_ahead((), today), today) is span
