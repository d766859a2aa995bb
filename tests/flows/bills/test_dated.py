"""What changes today changes no price of a day that is gone, nor puts right a month that is billed."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from marelle.core.actor import SYSTEM, Actor, Power, Role
from marelle.core.clock import PARIS, instant_at
from marelle.core.kept import kept_changed
from marelle.families.models import Member
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.shared import shared_edit
from marelle.journal.edits import held
from marelle.places.models import Commune, IncomesCount
from marelle.places.posts.services import agent_posts_set, post_give
from marelle.places.services import AuthoritySheet, authority_describe
from marelle.pricing.tariffs import Always, Becomes
from marelle.pricing.writing import adjustment_write
from tests.flows.bills.billed import FIRST, SECOND, Billed
from tests.pricing.sheets import MORNING, adjustment, fixed, traits

pytestmark = pytest.mark.django_db

DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
BEFORE, AFTER = date(2026, 12, 2), date(2026, 12, 16)


class Dated(Billed):
    """A home that comes in November, which is billed, then twice in December."""

    keeper: Actor

    def __init__(self) -> None:
        super().__init__("wednesdays")
        self.roy = self.home("Roy")
        self.quotient(self.roy, "400")
        self.zoe = self.enrols(self.roy, "Zoé")
        for day in (FIRST, SECOND, BEFORE, AFTER):
            self.books(self.zoe, day, MORNING)

    def billed(self, month: date) -> list[Decimal]:
        """What the bills of that month come to; none where nothing is due."""
        return [bill.total for bill in self.bills(month)]


def test_a_post_that_is_given_then_taken_changes_no_day_of_before():
    world = Dated()
    staff = adjustment(9, 10, Always(), Becomes(fixed("0")), who=traits("staff"))
    adjustment_write(world.the_authority.pk, staff)
    Member.objects.update(since=date(2026, 9, 1))
    assert world.billed(date(2026, 11, 1)) == [Decimal("11.00")]
    directs = Power(Role.DIRECTOR, structure_id=world.the_structure.pk)
    told: dict[str, Any] = {"actor": SYSTEM, "user_id": world.roy.adult.account.pk}
    post_give(**told, power=directs, now=datetime(2026, 12, 9, 9, tzinfo=PARIS))
    assert world.billed(DECEMBER) == [Decimal("5.50")], "that of the 2nd: the 16th is free, November stays"
    agent_posts_set(**told, powers=(), seen={directs}, now=instant_at(AFTER + timedelta(days=5), time(9)))
    assert world.billed(JANUARY) == [], "what was free when it was billed stays so"


def outside_from(world: Dated, since: date | None, *, agreement: bool = False) -> None:
    """Roy's commune is no more one of the authority from that day on; it may have an agreement."""
    commune, authority = world.the_commune, world.the_authority
    shared_edit(
        actor=world.keeper,
        model=Commune,
        pk=commune.pk,
        changes={"authorities": [], "agreements": [authority] if agreement else []},
        seen=held(commune, ("authorities", "agreements")),
        since=since,
        now=datetime(2026, 12, 9, 9, tzinfo=PARIS),
    )


@pytest.fixture
def lived() -> Dated:
    """Roy lives where the authority's residents do; it has another commune too."""
    world = Dated()
    world.keeper = actor_for(world.staff("chef", Role.ADMINISTRATOR))
    world.commune("Ailleurs", world.the_authority)
    kept_changed()
    return world


def test_a_commune_that_leaves_makes_its_homes_outside_from_its_day_on(lived: Dated):
    assert lived.billed(date(2026, 11, 1)) == [Decimal("11.00")]
    outside_from(lived, BEFORE + timedelta(days=1))
    assert lived.billed(DECEMBER) == [Decimal("13.00")], "5.50 on the 2nd, 7.50 on the 16th"


def test_a_fault_in_a_commune_is_put_right_where_no_day_is_given(lived: Dated):
    assert lived.billed(date(2026, 11, 1)) == [Decimal("11.00")]
    outside_from(lived, None)
    assert lived.billed(DECEMBER) == [Decimal("19.00")], "2.00 more for each day, those of November too"


def test_an_agreement_counts_from_its_day(lived: Dated):
    outside_from(lived, None)
    assert lived.billed(date(2026, 11, 1)) == [Decimal("15.00")]
    outside_from(lived, date(2026, 12, 9), agreement=True)
    assert lived.billed(DECEMBER) == [Decimal("13.00")], "7.50 on the 2nd, 5.50 on the 16th"


def test_incomes_count_another_way_from_a_month_on_and_those_of_before_as_they_did(lived: Dated):
    lived.quotient(lived.roy, "800", since=date(2026, 11, 9))
    lived.quotient(lived.roy, "900", since=date(2026, 12, 8))
    assert lived.billed(date(2026, 11, 1)) == [Decimal("11.00")], "800 counts from December"
    authority = lived.the_authority
    sheet = AuthoritySheet(**{one.name: getattr(authority, one.name) for one in fields(AuthoritySheet)})
    changed = authority_describe(
        actor=lived.bursar,
        authority_id=authority.pk,
        sheet=replace(sheet, incomes_count=IncomesCount.ITS_DATE),
        since=DECEMBER,
        now=datetime(2026, 12, 9, 9, tzinfo=PARIS),
    )
    assert changed == ("incomes_count",)
    assert lived.billed(DECEMBER) == [Decimal("13.50")], "6.50 with 800, then 7.00 with 900, of its date"
