"""What a home has taken at once comes to the prices of docs/prices.md, « What a home has taken »."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import pytest
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import BookingMode
from marelle.activities.models import AbsenceRule, Activity
from marelle.bookings.models import Absence, AbsenceProof, Attendance
from marelle.core.actor import SYSTEM
from marelle.core.kept import kept_changed
from marelle.families.models import Family, Member
from marelle.files.services import file_make
from marelle.flows.prices.comparing import compared
from marelle.flows.prices.months import MonthPrice
from marelle.pricing.facts import Period, Trait, TraitKind
from marelle.pricing.lines import LineKind
from marelle.pricing.models import Product, Subscription
from marelle.pricing.selectors import book_of
from marelle.pricing.writing import tariff_write
from tests.flows.prices.priced import NOVEMBER, Priced, amounts, months_of_home
from tests.flows.prices.test_months import QUERIES
from tests.pricing.sheets import BOOKS, MEAL, PRODUCTS, ByNumber, brackets, fixed, tariff
from tests.pricing.sheets import Product as Pure

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 11, day) for day in range(1, 31)]
FIRST, SECOND, THIRD = (date(2026, 11, day) for day in (4, 18, 25))
NOV, DEC, JAN = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


def euros(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def month(first: date) -> tuple[date, date]:
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


class Sold(Priced):
    """A home that buys: meals at 3.60 a day, the card of prices.md, a fee of 15.00."""

    def __init__(self, *books: str) -> None:
        super().__init__(*books)
        self.roy = self.home("Roy")
        self.quotient(self.roy, "400")
        self.zoe = self.enrols(self.roy, "Zoé", date(2016, 5, 14))

    def product(self, name: str, period: Period, *slots: int) -> Product:
        row, new = Product.objects.get_or_create(
            pk=PRODUCTS[name], defaults={"authority": self.the_authority, "name": name}
        )
        Product.objects.filter(pk=row.pk).update(period=period.value)
        row.slots.set(self.slots[slot] for slot in slots)
        if new:
            with connection.cursor() as cursor:  # PostgreSQL's next number does not know those given
                for sql in connection.ops.sequence_reset_sql(no_style(), [Product]):
                    cursor.execute(sql)
            book = BOOKS[{"card": "card", "fee": "youth"}[name]]
            tariff_write(self.the_authority.pk, book.tariffs[0])
        return row

    def card(self, period: Period = Period.MONTH) -> Product:
        return self.product("card", period, MEAL)

    def fee(self, period: Period) -> Product:
        return self.product("fee", period)

    def takes(self, product: Product, child=None, since=NOV, until=None, home=None) -> Subscription:
        return Subscription.objects.create(
            family=(home or self.roy).family, child=child, product=product, since=since, until=until,
            noted_at=timezone.now(), noted_by="G",
        )  # fmt: skip

    def misses(self, child, day: date, *, letter: bool) -> None:
        [booked] = self.books(child, day, MEAL)
        self.proofs  # noqa: B018 - one counts within 48 hours
        file = file_make(actor=SYSTEM, content=b"%PDF-1.7", name="c.pdf", pages=1, now=booked.starts_at)
        proof = letter and AbsenceProof.objects.create(
            family=self.roy.family, child=child, structure=self.the_structure, file=file,
            sent_at=booked.starts_at, sent_by="x", state="accepted",
        )  # fmt: skip
        Absence.objects.create(
            booking=booked, declared_at=booked.starts_at, declared_by="x", proof=proof or None
        )

    @cached_property
    def proofs(self) -> AbsenceRule:
        rule = AbsenceRule.objects.create(activity=self.wednesdays, since=date(2026, 9, 1))
        rule.delays.create(n=48, unit="hours")
        definition_changed(Activity.objects.all())
        return rule

    def total(self, first: date = NOV, home=None) -> Decimal:
        found = months_of_home((home or self.roy).family.pk, month(first))
        return sum((one.total for one in found), Decimal(0))

    def lines(self, first: date = NOV) -> list[tuple[date, Decimal]]:
        found: list[MonthPrice] = months_of_home(self.roy.family.pk, month(first))
        return [(line.day, line.amount) for one in found for line in one.lines]


def test_t1_a_card_pays_all_the_meals_of_its_month():
    world = Sold("canteen plain")
    world.takes(world.card(), world.zoe)
    for day in DAYS[:20]:
        world.books(world.zoe, day, MEAL)
    assert world.total() == Decimal("59.00")
    assert sorted(amounts(world.roy)) == euros(*["0.00"] * 20, "59.00")


@pytest.mark.parametrize(("children", "total"), [(2, "114.00"), (4, "220.00")])
def test_t2_t3_it_is_less_each_for_more_children(children: int, total: str):
    world = Sold("canteen plain")
    card = world.card()
    for child in [world.zoe, *(world.enrols(world.roy, name) for name in ("Léo", "Noé", "Ava"))][:children]:
        world.takes(card, child)
    assert world.total() == Decimal(total)


@pytest.mark.parametrize(
    ("missed", "letter", "total"), [(2, True, "51.30"), (2, False, "59.00"), (20, True, "0.00")]
)
def test_t4_t5_t6_a_meal_missed_with_a_letter_gives_back_and_never_more_than_was_paid(missed, letter, total):
    world = Sold("canteen plain")
    world.takes(world.card(), world.zoe)
    for day in DAYS[:missed]:
        world.misses(world.zoe, day, letter=letter)
    assert world.total() == Decimal(total)


def test_t7_one_begun_in_mid_month_is_paid_whole_from_its_day_on():
    world = Sold("canteen plain")
    world.takes(world.card(), world.zoe, since=date(2026, 11, 10))
    for day in (FIRST, SECOND):
        world.books(world.zoe, day, MEAL)
    assert sorted(world.lines()) == [
        (FIRST, Decimal("3.60")),
        (date(2026, 11, 10), Decimal("59.00")),
        (SECOND, Decimal("0.00")),
    ]


def test_t8_one_ended_in_mid_month_has_been_paid_whole():
    world = Sold("canteen plain")
    world.takes(world.card(), world.zoe, until=date(2026, 11, 10))
    for day in (FIRST, SECOND, date(2026, 12, 2)):
        world.books(world.zoe, day, MEAL)
    assert sorted(world.lines()) == [
        (NOV, Decimal("59.00")),
        (FIRST, Decimal("0.00")),
        (SECOND, Decimal("3.60")),
    ]
    assert world.lines(DEC) == [(date(2026, 12, 2), Decimal("3.60"))]


@pytest.mark.parametrize(
    ("period", "paid"),
    [
        (Period.ONCE, {"2026-11-10": "15.00"}),
        (Period.CALENDAR_YEAR, {"2026-11-10": "15.00", "2027-01-01": "15.00"}),
        (Period.SCHOOL_YEAR, {"2026-11-10": "15.00", "2027-09-01": "15.00"}),
    ],
)
def test_t9_t10_t11_a_fee_is_counted_once_in_the_month_of_its_day_and_needs_no_booking(period, paid):
    world = Sold()
    world.takes(world.fee(period), world.zoe, since=date(2026, 11, 10))
    found = {
        day.isoformat(): f"{amount:.2f}"
        for number in range(14)
        for day, amount in world.lines(date(2026 + (8 + number) // 12, (8 + number) % 12 + 1, 1))
    }
    assert found == paid
    together = months_of_home(world.roy.family.pk, (date(2026, 9, 1), date(2027, 10, 31)))
    total = sum(map(Decimal, paid.values()))
    assert sum(one.total for one in together) == total, "months together come to what each comes to"


def test_t12_who_leaves_the_home_takes_no_card_along_and_leaves_none_to_pay():
    world = Sold("canteen plain")
    other = world.home("Blanc")
    world.takes(world.card(), world.zoe)
    world.books(world.zoe, FIRST, MEAL)
    Member.objects.filter(person=world.zoe).update(until=date(2026, 11, 17))
    Member.objects.create(family=other.family, person=world.zoe, kind="child", since=SECOND)
    enrolment = world.enrolment(world.zoe, world.wednesdays, other, state="ended")
    world.books(world.zoe, THIRD, MEAL, enrolment=enrolment)
    assert (world.total(), world.total(home=other)) == (Decimal("59.00"), Decimal("3.60"))
    assert (world.total(DEC), world.total(DEC, other)) == (Decimal(0), Decimal(0))


def test_t13_what_was_not_booked_is_in_no_card():
    world = Sold("canteen penalties")
    world.takes(world.card(), world.zoe)
    Attendance.objects.create(
        opening=world.opening(world.slots[MEAL], FIRST), child=world.zoe, day=FIRST, present=True,
        noted_at=timezone.now(), noted_by="Sam",
    )  # fmt: skip
    assert sorted(amounts(world.roy)) == euros("10.00", "59.00")


def test_t14_what_a_year_gives_back_is_never_more_than_it_cost_told_at_its_end(django_assert_num_queries):
    """A month reads its own days alone, but that in which the year ends."""
    world = Sold("canteen plain")
    world.takes(world.card(Period.SCHOOL_YEAR), world.zoe)
    for day in DAYS[:20]:
        world.misses(world.zoe, day, letter=True)
    assert (world.total(), world.total(DEC)) == (Decimal("-18.00"), Decimal(0))
    assert world.lines(date(2027, 8, 1)) == [(date(2027, 8, 31), Decimal("18.00"))]


def test_t15_who_takes_it_later_changes_no_price_that_was_paid_before():
    world = Sold("canteen plain")
    leo = world.enrols(world.roy, "Léo")
    card = world.card()
    world.takes(card, world.zoe)
    world.takes(card, leo, since=date(2026, 11, 16))
    assert world.total() == Decimal("114.00"), "of one month, both are counted"
    world.card(Period.SCHOOL_YEAR)
    Subscription.objects.filter(child=leo).update(since=JAN)
    assert (world.total(), world.total(JAN)) == (Decimal("59.00"), Decimal("59.00"))


def test_t16_for_all_of_the_home_it_covers_each_child_and_is_paid_once():
    world = Sold("canteen plain")
    leo = world.enrols(world.roy, "Léo")
    world.takes(world.card())
    for child in (world.zoe, leo):
        world.books(child, FIRST, MEAL)
    assert sorted(amounts(world.roy)) == euros("0.00", "0.00", "59.00")
    for day in DAYS[10:20]:
        world.misses(world.zoe, day, letter=True)
        world.misses(leo, day, letter=True)
    assert world.total() == 0, "never more than was paid, whoever missed it"


def test_t17_one_taken_again_in_its_month_is_paid_once():
    world = Sold("canteen plain")
    card = world.card()
    world.takes(card, world.zoe, until=date(2026, 11, 8))
    world.takes(card, world.zoe, since=date(2026, 11, 16))
    for day in (FIRST, date(2026, 11, 11), SECOND):
        world.books(world.zoe, day, MEAL)
    assert world.total() == Decimal("62.60")
    assert (NOV, Decimal("59.00")) in world.lines(), "on the first of its days"


def test_a_home_that_has_left_pays_nothing_more():
    world = Sold("canteen plain")
    world.takes(world.card(), world.zoe)
    world.takes(world.fee(Period.CALENDAR_YEAR))
    Family.objects.filter(pk=world.roy.family.pk).update(left_on=DEC)
    assert (world.total(), world.total(DEC), world.total(JAN)) == (Decimal("74.00"), 0, 0)


def test_what_another_authority_sells_covers_nothing_here():
    world = Sold("canteen plain")
    card = world.card()
    world.takes(card, world.zoe)
    world.books(world.zoe, FIRST, MEAL)
    village = world.authority("Mairie")
    Product.objects.filter(pk=card.pk).update(authority=village)
    assert amounts(world.roy) == euros("3.60")


def test_what_has_no_tariff_on_its_day_is_a_gap():
    world = Sold("canteen plain")
    card = Product.objects.create(authority=world.the_authority, name="Sans tarif", period="month")
    world.takes(card, world.zoe)
    [found] = months_of_home(world.roy.family.pk, NOVEMBER)
    assert [(gap.what, gap.id) for gap in found.gaps] == [("product", card.pk)]


def test_it_is_paid_by_the_income_of_its_day():
    world = Sold()
    world.quotient(world.roy, "1500", since=DEC)
    product = Product.objects.create(authority=world.the_authority, name="Forfait", period="month")
    row = tariff(0, (), brackets(("0", "20"), ("1000", "40")))
    tariff_write(world.the_authority.pk, replace(row, what=Pure(product.pk)))
    world.takes(product, world.zoe)
    assert (world.total(), world.total(DEC)) == (Decimal("20.00"), Decimal("40.00"))


def test_no_query_more_is_asked_for_it(django_assert_num_queries):
    world = Sold("canteen plain")
    world.takes(world.card(), world.zoe)
    world.takes(world.fee(Period.SCHOOL_YEAR))
    world.books(world.zoe, FIRST, MEAL)
    amounts(world.roy)
    with django_assert_num_queries(QUERIES):
        amounts(world.roy)


def test_tariffs_that_are_tried_count_what_is_paid_at_once():
    world = Sold("canteen plain")
    world.takes(world.card(), world.zoe)
    world.books(world.zoe, FIRST, MEAL)
    book = book_of(world.the_authority.pk)
    dearer = replace(
        book,
        tariffs=tuple(
            replace(row, amount=ByNumber((fixed("60"),))) if isinstance(row.what, Pure) else row
            for row in book.tariffs
        ),
    )
    [home] = compared(world.the_authority.pk, (book, dearer), NOVEMBER).homes
    assert (home.before, home.after) == (Decimal("59.00"), Decimal("60.00"))


def test_a_day_that_is_covered_says_so():
    world = Sold("canteen plain")
    world.takes(world.card(), world.zoe)
    world.books(world.zoe, FIRST, MEAL)
    [found] = months_of_home(world.roy.family.pk, NOVEMBER)
    assert {line.kind for line in found.lines} == {LineKind.TAKEN, LineKind.PREPAID}


def test_where_nothing_is_booked_who_comes_from_outside_is_known():
    world = Sold()
    product = Product.objects.create(authority=world.the_authority, name="Forfait", period="month")
    row = tariff(0, (), fixed("20"))
    outside = frozenset({Trait(TraitKind.OUTSIDE)})
    for one in (row, replace(row, amount=fixed("30"), who=outside)):
        tariff_write(world.the_authority.pk, replace(one, what=Pure(product.pk)))
    world.takes(product)
    assert world.total() == Decimal("20.00")
    world.commune("Ailleurs").authorities.add(world.the_authority)
    world.the_commune.authorities.clear()
    kept_changed()
    assert world.total() == Decimal("30.00")


def test_who_comes_where_nothing_is_booked_has_what_its_fee_covers():
    world = Sold("canteen penalties")
    Activity.objects.update(booking_mode=BookingMode.FREE)
    definition_changed(Activity.objects.all())
    opening = world.opening(world.slots[MEAL], NOV)
    Attendance.objects.create(
        opening=opening, child=world.zoe, day=NOV, present=True, noted_at=timezone.now(), noted_by="Sam"
    )
    assert amounts(world.roy) == euros("3.15"), "no meal without a booking: none is ever booked"
    world.takes(world.product("fee", Period.MONTH, MEAL), world.zoe)
    kept_changed()
    assert sorted(amounts(world.roy)) == euros("0.00", "15.00")
