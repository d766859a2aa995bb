"""An authority that begins to bill by Marelle: its files bring no bill of those months, and replace none."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta

import pytest

from marelle.billing.models import BillingRun, BillingTerms, Invoice, InvoiceCounter
from marelle.billing.runs.services import counter_there, number_of, rank_of
from tests.billing.test_imports import NOVEMBER, NOW, Village
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def codes(world: Village, run) -> list[str]:
    return [problem.code for problem in world.report(run).problems]


def bills_from(world: Village, month: date, *, made_here: bool = True) -> None:
    BillingTerms.objects.create(authority=world.the_authority, since=month, made_here=made_here)


def test_a_month_that_is_billed_here_takes_no_file(world):
    bills_from(world, NOVEMBER)
    assert codes(world, world.prepare(world.line())) == ["month_made_here"]


def test_a_month_before_and_one_after_the_change_do(world):
    bills_from(world, NOVEMBER + timedelta(days=30))
    assert codes(world, world.prepare(world.line())) == []
    BillingTerms.objects.all().delete()
    bills_from(world, NOVEMBER - timedelta(days=31))
    bills_from(world, NOVEMBER, made_here=False)
    assert codes(world, world.prepare(world.line())) == []


def test_a_bill_made_here_is_never_replaced(world):
    run = BillingRun.objects.create(
        authority=world.the_authority, month=NOVEMBER, cutoff=NOVEMBER, issued_on=NOW.date(),
        due_on=NOW.date(), exercise=2026, state="issued", started_at=NOW, started_by="x",
    )  # fmt: skip
    Invoice.objects.create(
        authority=world.the_authority, family=world.durand.family, number="2026-000001", month=NOVEMBER,
        issued_on=NOW.date(), due_on=NOW.date(), total=1, run=run,
    )  # fmt: skip
    sent = world.line("2026-000001")
    assert codes(world, world.prepare(sent, correction=True)) == ["made_here"]


def test_the_numbers_to_come_are_kept_for_bills_made_here(world):
    bills_from(world, NOVEMBER + timedelta(days=30))
    InvoiceCounter.objects.create(authority=world.the_authority, exercise=2026, last=3)
    assert codes(world, world.prepare(world.line("2026-000004"))) == ["number_to_come"]
    assert codes(world, world.prepare(world.line("2026-00004"))) == []
    assert codes(world, world.prepare(world.line("2025-000004"))) == []


def test_a_counter_begins_after_the_numbers_that_were_imported(world):
    for number in ("2026-000007", "2026-00099", "2025-000050", "2026-abcdef"):
        Invoice.objects.create(
            authority=world.the_authority, family=world.durand.family, number=number, month=NOVEMBER,
            issued_on=NOW.date(), due_on=NOW.date(), total=1,
        )  # fmt: skip
    counter_there(world.the_authority.pk, 2026)
    counter_there(world.the_authority.pk, 2026)
    assert InvoiceCounter.objects.get().last == 7
    assert rank_of(number_of(2026, 8), 2026) == 8
