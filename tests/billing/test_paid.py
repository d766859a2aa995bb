"""What is paid of a bill is the sum of its payments, whoever wrote them."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.checks import check_paid
from marelle.billing.models import Invoice, Payment
from marelle.billing.paid import Means, Told, paid_of, told
from marelle.billing.payments import NewPayment, bills_locked, payments_add
from marelle.core.clock import PARIS
from tests.billing.world import Village
from tests.standing import built_once

NOW = datetime(2026, 12, 20, 10, 0, tzinfo=PARIS)
FIRST, SECOND, THIRD = (date(2026, 12, day) for day in (1, 5, 9))

amounts = st.decimals(min_value=-50, max_value=50, places=2)
rows = st.lists(
    st.builds(
        Told,
        on=st.sampled_from((FIRST, SECOND, THIRD)),
        means=st.sampled_from(Means),
        amount=amounts,
    )
)


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def add(*new: NewPayment) -> None:
    with transaction.atomic():
        bills_locked({one.invoice_id for one in new})
        payments_add(new, run=None, who="Nadège", now=NOW)


def one(bill: Invoice, amount: str, on: date = FIRST, reference: str = "") -> NewPayment:
    return NewPayment(bill.pk, Decimal(amount), on, Means.STATE, reference)


@given(rows)
def test_what_is_told_comes_to_what_is_paid(found):
    said = told(found)
    assert sum(row.amount for row in said) == sum(row.amount for row in found) == paid_of(found)[0]
    assert len({(row.on, row.means) for row in said}) == len(said)
    assert all(row.amount for row in said)
    assert [row.on for row in said] == sorted(row.on for row in said)


@given(rows)
def test_the_last_day_is_one_on_which_something_was_paid(found):
    paid, on = paid_of(found)
    assert (on is None) == (paid <= 0)
    if on is not None:
        assert sum(row.amount for row in found if row.on == on) > 0


def test_a_bill_is_paid_what_its_rows_come_to(world):
    bill, other = world.invoice(total="40.00"), world.invoice(total="40.00")
    add(one(bill, "15.00", SECOND), one(bill, "25.00", FIRST), one(other, "3.00"), one(other, "0.00"))
    for row, paid, on in ((bill, "40.00", SECOND), (other, "3.00", FIRST)):
        row.refresh_from_db()
        assert (row.paid, row.paid_on) == (Decimal(paid), on)
    add(one(bill, "-15.00", SECOND))
    bill.refresh_from_db()
    assert (bill.paid, bill.paid_on, bill.left) == (Decimal("25.00"), FIRST, Decimal("15.00"))
    add(one(bill, "-25.00", THIRD))
    bill.refresh_from_db()
    assert (bill.paid, bill.paid_on) == (0, None)
    assert Payment.objects.count() == 5, "nothing of nothing is written"


@pytest.mark.parametrize("new", [("-3.01", ""), ("1.00", "R1")])
def test_never_less_than_nothing_and_a_reference_once(world, new):
    bill = world.invoice(total="40.00")
    add(one(bill, "3.00", reference="R1"))
    with pytest.raises(IntegrityError):
        add(one(bill, new[0], reference=new[1]))
    assert Payment.objects.aggregate(sum=Sum("amount"))["sum"] == 3


def test_a_check_tells_what_went_round_the_services_and_a_recount_mends_it(world):
    bill, right = world.invoice(total="40.00"), world.invoice(total="40.00", paid="2.00")
    bare = world.invoice(total="40.00")
    add(one(bill, "15.00"))
    assert check_paid(databases=["default"]) == []
    Invoice.objects.filter(pk__in=(bill.pk, bare.pk)).update(paid=Decimal("1.00"))
    (warned,) = check_paid(databases=["default"])
    assert warned.id == "marelle.W008"
    assert check_paid() == []
    out = StringIO()
    call_command("recount", stdout=out)
    assert [number in out.getvalue() for number in (bill.number, bare.number, right.number)] == [
        True,
        True,
        False,
    ]
    bill.refresh_from_db()
    bare.refresh_from_db()
    assert (bill.paid, bill.paid_on, bare.paid) == (15, FIRST, 0)
    assert check_paid(databases=["default"]) == []


def test_cents_that_floating_numbers_do_not_add_are_no_difference(world):
    bill = world.invoice(total="40.00")
    add(one(bill, "0.01"), one(bill, "3.76"))
    assert check_paid(databases=["default"]) == []
    Invoice.objects.filter(pk=bill.pk).update(paid=Decimal("3.78"))
    assert check_paid(databases=["default"]) != []


def test_before_its_table_the_check_says_nothing(world, monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", lambda _cursor: [])
    assert check_paid(databases=["default"]) == []
