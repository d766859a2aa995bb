"""Debits of an authority without a creditor, and in a table."""

from __future__ import annotations

import pytest

from marelle.billing.models import AnnouncedDebit
from tests.billing.world import IBAN
from tests.flows.bills.test_debits import Drawn
from tests.flows.bills.test_tresor import all_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("terms", [{"ics": ""}, {"ics": "FR33ZZZ999001"}])
def test_without_its_creditor_nothing_is_announced(terms):
    world = Drawn(**terms)
    assert not AnnouncedDebit.objects.exists()
    [export] = world.leaves()
    assert not all_of(world.written(export), "NatPrel")


def test_a_table_has_the_debit_too():
    world = Drawn(layout="csv")
    [export] = world.leaves()
    content = world.written(export).decode("utf-8-sig")
    assert f"{IBAN};AGRIFRPP882" in content
