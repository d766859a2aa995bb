"""A line that others pay too is contested."""

from __future__ import annotations

from decimal import Decimal

import pytest

from marelle.billing.contests import (
    contest_accept,
    contest_open,
)
from marelle.billing.models import Share
from marelle.core.refusals import NotYours
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.flows.bills.test_contests import WHY
from tests.flows.bills.test_payers import DECEMBER, both_homes, covers, payer_of
from tests.flows.bills.test_runs import home_of
from tests.pricing.sheets import MORNING

pytestmark = pytest.mark.django_db


def test_all_who_pay_are_given_back_their_part():
    world = Billed("wednesdays")
    home, zoe = home_of(world)
    covers(world, home.family.pk, payer_id=payer_of(world).pk, figure=Decimal(30), most=Decimal("2.00"))
    for day in (FIRST, SECOND):
        world.books(zoe, day, MORNING)
    own, theirs = world.bills()
    assert (own.total, theirs.total) == (Decimal("9.00"), Decimal("2.00"))
    line = own.lines.earliest("order")
    row = contest_open(actor=home.actor, invoice_id=own.pk, line_id=line.pk, days=[FIRST], words=WHY, now=NOW)
    contest_accept(actor=world.bursar, contest_id=row.pk, now=NOW)
    world.bills(DECEMBER)
    waiting = dict(Share.objects.filter(state="waiting").values_list("payer", "total"))
    assert sum(waiting.values()) == Decimal("-5.50")
    assert waiting[None] == Decimal("-5.15"), "the payer's 2.00 now go to the second day as far as 1.65"


def test_a_part_of_what_another_home_books_is_not_contested():
    world = Billed("wednesdays")
    home, zoe, other, _member = both_homes(world)
    covers(world, home.family.pk, payer_home_id=other.family.pk, child_id=zoe.pk, figure=Decimal(50))
    world.books(zoe, FIRST, MORNING)
    _own, theirs = world.bills()
    with pytest.raises(NotYours):
        contest_open(
            actor=other.actor, invoice_id=theirs.pk, line_id=theirs.lines.get().pk, days=[FIRST], words=WHY,
            now=NOW,
        )  # fmt: skip
