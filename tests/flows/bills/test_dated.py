"""What changes today changes no price of a day that is gone, nor puts right a month that is billed."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from marelle.activities.models import Slot, SlotBefore
from marelle.activities.services import part_change
from marelle.activities.services.definitions import part_remove
from marelle.bookings.models import Attendance
from marelle.core.actor import SYSTEM, Actor, Power, Role
from marelle.core.clock import PARIS, instant_at
from marelle.core.kept import kept_changed
from marelle.families.models import Member
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.shared import shared_edit
from marelle.journal.edits import InUse, held
from marelle.places.models import Commune, IncomesCount
from marelle.places.posts.services import agent_posts_set, post_give
from marelle.places.services import AuthoritySheet, authority_describe
from marelle.pricing.tariffs import Always, Becomes, Hours, Started
from marelle.pricing.writing import adjustment_write, tariff_write
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING, adjustment, fixed, tariff, traits

pytestmark = pytest.mark.django_db

DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
BEFORE, AFTER = date(2026, 12, 2), date(2026, 12, 16)


class Dated(Billed):
    """A home that comes in November, which is billed, then twice in December."""

    keeper: Actor

    def __init__(self, what: str = "Matin") -> None:
        super().__init__(*(["wednesdays"] if what == "Matin" else []))
        self.roy = self.home("Roy")
        self.quotient(self.roy, "400")
        self.zoe = self.enrols(self.roy, "Zoé")
        booked = {"Matin": MORNING, "Journée": self.whole_day}.get(what)
        for day in (FIRST, SECOND, BEFORE, AFTER) if booked else ():
            self.books(self.zoe, day, booked)

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


# What a slot was


def changed(world: Dated, row: Any, day: date = date(2026, 12, 9), **changes: Any) -> None:
    """As its form does."""
    done = part_change(
        actor=world.bursar, model=type(row), pk=row.pk, changes=changes, now=instant_at(day, time(9))
    )
    assert done


def whole_days(counted: Hours) -> Dated:
    """« Journée », of which the morning is paid by half-hours begun: 8 × 0.50, 3.00 and 2.00."""
    world = Dated("Journée")
    rows = ((MORNING, "0.50", Started(counted, 30, 30)), (MEAL, "3", None), (AFTERNOON, "2", None))
    for number, (slot, price, started) in enumerate(rows, 1):
        row = tariff(number, (frozenset({slot}),), fixed(price), started=started)
        tariff_write(world.the_authority.pk, row)
    return world


@pytest.fixture
def whole() -> Dated:
    return whole_days(Hours.BOOKED)


def test_the_parts_of_a_whole_day_have_the_hours_that_they_had_on_the_day(whole: Dated):
    assert whole.billed(date(2026, 11, 1)) == [Decimal("18.00")]
    changed(whole, whole.slots[MORNING], day=date(2026, 12, 3), starts=time(8, 30))
    changed(whole, whole.slots[MORNING], starts=time(9))
    assert whole.billed(DECEMBER) == [Decimal("17.00")], "9.00 on the 2nd, six half-hours on the 16th"


def test_a_whole_day_is_made_of_what_it_was_made_of_on_the_day(whole: Dated):
    assert whole.billed(date(2026, 11, 1)) == [Decimal("18.00")]
    parts = [whole.slots[MORNING], whole.slots[AFTERNOON]]
    changed(whole, whole.whole_day, day=BEFORE + timedelta(days=1), includes=parts)
    assert whole.billed(DECEMBER) == [Decimal("15.00")], "9.00 on the 2nd, without its meal on the 16th"
    [kept] = SlotBefore.objects.all()
    assert kept.until == BEFORE
    with pytest.raises(InUse, match="in_use"):  # days that are billed are made of it
        part_remove(actor=whole.bursar, model=Slot, pk=whole.slots[MEAL].pk, now=NOW)


def test_the_hours_that_were_seen_are_those_of_what_it_was_made_of():
    world = whole_days(Hours.SEEN)
    opening = world.whole_day.openings.get(day=FIRST)
    hours = {"arrived_at": instant_at(FIRST, time(8)), "left_at": instant_at(FIRST, time(9))}
    noted = {"noted_at": NOW, "noted_by": "Sam", **hours}
    Attendance.objects.create(opening=opening, child=world.zoe, day=FIRST, present=True, **noted)
    assert world.billed(date(2026, 11, 1)) == [Decimal("15.00")], "two half-hours seen, then eight booked"
    parts = [world.slots[MEAL], world.slots[AFTERNOON]]
    changed(world, world.whole_day, day=BEFORE + timedelta(days=1), includes=parts)
    assert world.billed(DECEMBER) == [Decimal("14.00")], "9.00, then 5.00 without its morning"


def test_what_changes_twice_in_a_day_was_nothing_between(whole: Dated):
    changed(whole, whole.slots[MORNING], starts=time(9))
    changed(whole, whole.slots[MORNING], starts=time(10))
    assert [row.starts for row in SlotBefore.objects.all()] == [time(8)]
    changed(whole, whole.slots[MORNING], name="Matinée")
    assert SlotBefore.objects.count() == 1
    assert whole.billed(DECEMBER) == [Decimal("34.00")], "9.00 thrice, then four half-hours: 7.00"


def test_who_came_without_a_booking_came_for_it_as_long_as_none_was_asked():
    world = Dated("none")
    world.tariffs("canteen penalties")
    changed(world, world.wednesdays, day=date(2026, 11, 1), booking_mode="free")
    for day in (FIRST, AFTER):
        opening = world.opening(world.slots[MEAL], day)
        noted = {"noted_at": NOW, "noted_by": "Sam"}
        Attendance.objects.create(opening=opening, child=world.zoe, day=day, present=True, **noted)
    assert world.billed(date(2026, 11, 1)) == [Decimal("3.15")]
    changed(world, world.wednesdays, booking_mode="parent")
    assert world.billed(DECEMBER) == [Decimal("10.00")], "unbooked on the 16th; the 4th of November stays"
