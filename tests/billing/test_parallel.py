"""A month that two programs bill: what differs is told to the cent, and nothing is issued or kept."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.imports.comparing import parallel_compared
from marelle.billing.imports.parallel import Compared, Key, Sum, Why, compared
from marelle.billing.imports.services import import_confirm, imports_forget
from marelle.billing.labels import problem_text
from marelle.billing.models import ImportRun, Invoice
from marelle.core.refusals import NotYours
from marelle.core.tabular import plain
from tests.billing.moved import Moved
from tests.flows.bills.billed import NOW
from tests.flows.bills.test_payers import covers, payer_of
from tests.flows.prices.priced import NOVEMBER
from tests.standing import built_once

CENTS = st.decimals(min_value=-500, max_value=500, places=2)
SUMS = st.builds(Sum, st.decimals(min_value=0, max_value=40, places=1), CENTS)
SIDES = st.dictionaries(st.builds(Key, st.integers(1, 4), st.sampled_from(["cantine", "matin"])), SUMS)
OTHER_WAY = {Why.THERE: Why.HERE, Why.HERE: Why.THERE}


@pytest.mark.once
@given(SIDES, SIDES)
def test_both_ways_say_the_same_and_gaps_come_to_what_lies_between(ours, theirs):
    found = {one.key: one for one in compared(ours, theirs)}
    back = {one.key: one for one in compared(theirs, ours)}
    assert found.keys() == back.keys()
    for key, one in found.items():
        assert back[key].gap == -one.gap
        assert back[key].why is OTHER_WAY.get(one.why, one.why)
        assert (one.gap == 0) == (one.why is Why.SAME)
    between = sum((one.amount for one in ours.values()), Decimal(0))
    between -= sum((one.amount for one in theirs.values()), Decimal(0))
    assert sum((one.gap for one in found.values()), Decimal(0)) == between
    assert all(one.why is Why.SAME for one in compared(ours, ours))


@pytest.mark.once
@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        (("12", "52.20"), ("12", "52.20"), Why.SAME),
        (("6", "52.20"), ("12", "52.20"), Why.SAME),
        (("12", "52.20"), ("11", "47.85"), Why.QUANTITY),
        (("3", "10.00"), ("2", "6.67"), Why.QUANTITY),
        (("12", "52.20"), ("12", "51.00"), Why.PRICE),
        (("12", "52.20"), ("11", "44.00"), Why.BOTH),
        (("12", "52.20"), None, Why.HERE),
        (None, ("12", "52.20"), Why.THERE),
        (("1", "0.00"), None, Why.SAME),
    ],
)
def test_why_an_amount_differs(ours, theirs, why):
    told = (None if one is None else Sum(*map(Decimal, one)) for one in (ours, theirs))
    assert Compared(Key(1, "cantine"), *told).why is why


class Parallel(Moved):
    kind = "parallel"

    def __init__(self) -> None:
        super().__init__()
        self.what = self.wednesdays.name

    def month(self, *rows: str) -> ImportRun:
        return self.sends(*rows, month=NOVEMBER[0])

    def seen(self, run: ImportRun):
        return parallel_compared(actor=self.bursar, run_id=run.pk, now=NOW)[1]


built = built_once(Parallel, now=NOW)


@pytest.fixture
def world(built, db) -> Parallel:
    return deepcopy(built)


@pytest.mark.django_db
def test_each_home_is_compared_and_nothing_is_issued(world):
    roy, sand = world.numbers
    run = world.month(
        f"{roy};;{world.what.upper()};1;5,50", f"{roy};;{world.what};1;5,50",
        f";Max Sand;{world.what};3;16,50", f"F77;;{world.what};1;2,00", f"{sand};;Étude;1;1,00",
    )  # fmt: skip
    assert world.seen(run).run is None
    preview = world.previews()
    what = plain(world.what)
    assert {one.key: (one.why, str(one.gap)) for one in world.seen(run).rows} == {
        Key(world.roy.family.pk, what): (Why.SAME, "0.00"),
        Key(world.sand.family.pk, what): (Why.QUANTITY, "-5.50"),
        Key(world.sand.family.pk, "etude"): (Why.THERE, "-1.00"),
        Key("F77", what): (Why.THERE, "-2.00"),
    }
    found = world.seen(run)
    assert (found.total(ours=True), found.total(ours=False)) == (Decimal("22.00"), Decimal("30.50"))
    assert found.run == preview
    assert not Invoice.objects.exists()
    assert ImportRun.objects.get().done_at is None


@pytest.mark.django_db
def test_what_somebody_else_pays_is_taken_off_and_is_no_number_of_them(world):
    covers(world, world.roy.family.pk, payer_id=payer_of(world).pk, figure=50)
    world.previews()
    rows = world.seen(world.month(f"{world.numbers[0]};;{world.what};2;11,00")).rows
    [one] = [one for one in rows if one.key.home == world.roy.family.pk]
    assert (one.ours, one.why) == (Sum(Decimal(2), Decimal("5.50")), Why.PRICE)


@pytest.mark.django_db
def test_what_cannot_be_read_or_placed_is_told_at_once(world):
    world.previews()
    self_again = world.home("Sand", "Ève")
    world.child(self_again, "Max", born=date(2019, 1, 1))
    run = world.month(";;Matin;1;2,00", f"{world.numbers[0]};;Matin;x;1,234", ";Sand Max;Matin;1;2,00")
    whose, quantity, amount, several = (
        problem_text(one).replace("\u00a0", " ") for one in world.seen(run).problems
    )
    assert whose == "Ligne 2 : ni la famille ni l’enfant n’est dit."
    assert quantity.startswith("Ligne 3 : « x », colonne « quantité », n’est pas une quantité")
    assert amount == "Ligne 3 : « 1,234 », colonne « montant », n’est pas un montant : écrivez 12,50."
    assert several.startswith("Ligne 4 : plusieurs foyers ont un enfant qui s’appelle « Sand Max »")


@pytest.mark.django_db
def test_it_is_its_offices_alone_is_never_imported_and_goes_after_a_week(world):
    run = world.month(f"{world.numbers[0]};;Matin;1;2,00")
    with pytest.raises(NotYours):
        parallel_compared(actor=world.roy.actor, run_id=run.pk, now=NOW)
    with pytest.raises(NotYours):
        import_confirm(actor=world.bursar, run_id=run.pk, tell=True, now=NOW)
    assert imports_forget(now=NOW + timedelta(days=6)) == 0
    assert imports_forget(now=NOW + timedelta(days=7)) == 1
    with pytest.raises(NotYours):
        world.seen(run)
