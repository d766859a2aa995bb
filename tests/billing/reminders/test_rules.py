"""Which reminder of a bill is due: steps in their order, never two too close, none of what is held back."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.reminders.rules import (
    Hold,
    Next,
    Sent,
    Step,
    Way,
    Why,
    gravest,
    is_old,
    next_step,
    sent_by,
)

DUE = date(2026, 10, 31)
STEPS = tuple(Step(days, days, f"Étape {days}", "Texte", Way.MAIL) for days in (15, 30, 50))
FIRST, SECOND, LAST = STEPS


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def found(days: int, *sent: Sent, **facts: object) -> Next:
    said = {
        "due_on": DUE,
        "left": Decimal(10),
        "hold": None,
        "sent": sent,
        "steps": STEPS,
        "day": after(days),
    }
    return next_step(**{**said, **facts})


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, Next(why=Why.NOT_LATE)),
        (1, Next(FIRST, Why.SOON, after(15))),
        (14, Next(FIRST, Why.SOON, after(15))),
        (15, Next(FIRST)),
        (200, Next(FIRST)),
    ],
)
def test_the_first_is_due_so_many_days_after_the_date_and_never_left_out(days, expected):
    assert found(days) == expected


@pytest.mark.parametrize(
    ("sent_after", "days", "expected"),
    [
        (15, 29, Next(SECOND, Why.SOON, after(30))),
        (15, 30, Next(SECOND)),
        (28, 42, Next(SECOND, Why.SOON, after(43))),
        (28, 43, Next(SECOND)),
    ],
)
def test_between_two_passes_the_time_between_their_days_however_late_the_first_went(
    sent_after, days, expected
):
    assert found(days, Sent(15, after(sent_after))) == expected


def test_after_the_last_nothing_is_due():
    assert found(400, Sent(15, after(15)), Sent(50, after(50)), Sent(30, after(30))) == Next(why=Why.DONE)


def test_a_step_that_was_removed_or_added_between_leaves_the_bill_where_it_stands():
    without_first = STEPS[1:]
    assert found(30, Sent(15, after(15)), steps=without_first) == Next(SECOND)
    between = Step(9, 20, "Entre deux", "", Way.MAIL)
    assert found(20, Sent(15, after(15)), steps=(*STEPS, between)) == Next(between)
    assert found(90, Sent(30, after(30)), steps=(*STEPS, between)) == Next(LAST)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"left": Decimal(0)}, Why.NOTHING),
        ({"left": Decimal(-3)}, Why.NOTHING),
        *(({"hold": hold}, Why.HELD) for hold in Hold),
        ({"steps": ()}, Why.NO_STEP),
    ],
)
def test_why_none_is_due(facts, why):
    assert found(100, **facts) == Next(why=why)


@given(st.lists(st.integers(1, 90), min_size=1, max_size=5, unique=True), st.integers(1, 60))
def test_whenever_an_office_looks_each_step_comes_once_in_order_and_spaced(days, every):
    steps = [Step(n, n, str(n), "", Way.MAIL) for n in days]
    sent: list[Sent] = []
    for day in range(1, 600, every):
        step = found(day, *sent, steps=steps).due
        if step is not None:
            sent.append(Sent(step.days, after(day)))
    assert [one.days for one in sent] == sorted(days)
    for one in sent:
        assert one.on >= after(one.days)
    for before, one in itertools.pairwise(sent):
        assert (one.on - before.on).days >= one.days - before.days


def test_a_reminder_of_several_bills_speaks_as_the_gravest_of_their_steps():
    assert gravest([SECOND, FIRST, LAST]) == LAST


@pytest.mark.parametrize(
    ("way", "has_address", "is_home", "expected"),
    [
        (Way.MAIL, True, True, (True, False)),
        (Way.MAIL, False, True, (False, True)),
        (Way.LETTER, True, True, (False, True)),
        (Way.BOTH, True, True, (True, True)),
        (Way.BOTH, False, True, (False, True)),
        (Way.MAIL, True, False, (True, True)),
        (Way.LETTER, True, False, (True, True)),
        (Way.MAIL, False, False, (False, True)),
    ],
)
def test_who_has_no_address_gets_a_letter_and_who_is_no_home_always_does(way, has_address, is_home, expected):
    assert sent_by(way, has_address=has_address, is_home=is_home) == expected


def test_what_is_known_of_payments_is_old_after_a_week():
    assert not is_old(date(2026, 11, 1), date(2026, 11, 8))
    assert is_old(date(2026, 11, 1), date(2026, 11, 9))
