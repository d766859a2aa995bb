"""Files for the Trésor in another layout, or of several budgets."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.files.storage import storages

from marelle.billing.models import ExportedBill, Invoice, InvoiceLine
from marelle.billing.tresor.files import export_name, exports_write
from marelle.billing.tresor.report import waiting_of
from marelle.files.services import STORAGE
from tests.billing.tresor.checker import faults
from tests.flows.bills.billed import NOW
from tests.flows.bills.test_tresor import Sent, all_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sort", ["role", "titles"])
def test_a_months_bills_leave_in_one_file_that_the_tresor_takes(sort):
    world = Sent(sort=sort)
    InvoiceLine.objects.update(account="7067")
    [waiting] = waiting_of(world.bursar)
    assert (waiting.batch, waiting.count, waiting.total) == (world.batch(), 3, Decimal("22.50"))
    [export] = world.leaves()
    assert (export.count, export.net, export.number, export.sort) == (3, Decimal("22.50"), 1, sort)
    assert not waiting_of(world.bursar)
    content = world.written(export)
    assert faults(content) == []
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    assert export.size == len(content)
    assert export_name(export).endswith("_0000001.xml")
    assert all_of(content, "Nom") == ["Roy", "Lukasz", "OEil"]
    assert all_of(content, "NumDette") == [one.debt_reference for one in world.sent]
    assert set(all_of(content, "Civilite")) == {"Mme"}


def test_budgets_have_a_file_each_and_numbers_of_their_own():
    world = Sent(budgets={"": "01", "annexe": "02"})
    InvoiceLine.objects.filter(invoice=world.sent[1]).update(budget="annexe")
    exports = world.leaves()
    assert [(one.budget, one.number, one.count) for one in exports] == [("01", 1, 2), ("02", 1, 1)]
    debts = list(ExportedBill.objects.values_list("debt", flat=True))
    assert len(set(debts)) == 3
    for one in exports:
        assert faults(world.written(one)) == []


def test_a_pdf_that_is_lost_holds_up_its_own_file_alone():
    world = Sent(budgets={"": "01", "annexe": "02"})
    InvoiceLine.objects.filter(invoice=world.sent[1]).update(budget="annexe")
    first, second = world.leaves()
    lost = Path(storages[STORAGE].path(Invoice.objects.get(pk=world.sent[0].pk).pdf.path))
    content = lost.read_bytes()
    lost.unlink()
    assert exports_write(now=NOW) == 1
    for one in (first, second):
        one.refresh_from_db()
    assert (first.key, bool(second.key)) == ("", True)
    lost.write_bytes(content)
    assert faults(world.written(first)) == []


def test_a_table_for_a_finance_program():
    world = Sent(layout="csv")
    [export] = world.leaves()
    rows = world.written(export).decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + 3
    assert export_name(export).endswith(".csv")
    assert all(a != b for a, b in pairwise(rows))
