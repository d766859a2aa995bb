"""Which bills are of an exercise: the condition of the database says what the rule says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marelle.billing.accounting.exercises import bills_of, exercises_of, in_exercise
from marelle.billing.models import BillingRun, Invoice
from marelle.billing.terms import exercise_of, exercise_open
from tests.billing.world import Village

pytestmark = pytest.mark.django_db

MONTHS = [date(2024, 12, 1), date(2025, 1, 1), date(2025, 6, 1), date(2025, 12, 1), date(2026, 1, 1)]
SENT = [
    date(2024, 12, 20), date(2025, 1, 31), date(2025, 2, 1), date(2025, 12, 31), date(2026, 1, 1),
    date(2026, 1, 31), date(2026, 2, 1), date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 1),
]  # fmt: skip


def test_what_came_by_a_file_is_of_the_exercise_that_the_rule_says():
    world = Village()
    rows = [
        world.invoice(month=month, issued_on=on, due_on=on + timedelta(days=30))
        for month in MONTHS
        for on in SENT
    ]
    for year in range(2023, 2029):
        found = set(Invoice.objects.filter(in_exercise(year)).values_list("pk", flat=True))
        assert found == {one.pk for one in rows if exercise_of(one.month, one.issued_on) == year}
    expected = {exercise_of(one.month, one.issued_on) for one in rows}
    assert exercises_of(world.the_authority.pk) == sorted(expected, reverse=True)


def test_what_was_made_here_is_of_the_exercise_of_its_run():
    world = Village()
    run = BillingRun.objects.create(
        authority=world.the_authority, month=date(2025, 12, 1), cutoff=date(2025, 12, 31), exercise=2026,
        issued_on=date(2026, 1, 10), due_on=date(2026, 2, 10), state="issued",
        started_at="2026-01-10T09:00:00Z", started_by="Nadège",
    )  # fmt: skip
    bill = world.invoice(
        month=date(2025, 12, 1), issued_on=date(2026, 1, 10), run=run, due_on=date(2026, 2, 10)
    )
    note = world.invoice(
        total="-5.00", kind="credit", corrects=bill, month=date(2025, 12, 1), issued_on=date(2026, 1, 10),
        run=run, due_on=date(2026, 2, 10),
    )  # fmt: skip
    assert exercises_of(world.the_authority.pk) == [2026]
    assert list(bills_of(world.the_authority.pk, 2026)) == [bill]
    assert not bills_of(world.the_authority.pk, 2025).exists()
    assert note in Invoice.objects.filter(in_exercise(2026))


def test_the_first_exercise_that_is_not_closed_takes_the_bills():
    assert exercise_open(2025, {2024}) == 2025
    assert exercise_open(2025, {2025, 2026}) == 2027
