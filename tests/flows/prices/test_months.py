"""What a home has booked, and what was seen, come to the prices of docs/prices.md."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from marelle.bookings.models import Absence, Attendance
from marelle.bookings.states import BookingState
from marelle.core.actor import SYSTEM, Power, Role
from marelle.core.clock import instant_at
from marelle.families.care.health import health_sheet_save, version_of
from marelle.families.care.rules import SheetData
from marelle.families.incomes.rules import IncomeKind, IncomeStatus
from marelle.families.models import HealthSheet, Member, Residence
from marelle.flows.prices.homes import situations_of
from marelle.flows.prices.situations import Territory
from marelle.places.models import Authority, Employment
from marelle.places.posts.services import agent_posts_set, agent_resume, agent_suspend, post_give
from marelle.pricing.facts import Trait, TraitKind
from tests.flows.prices.priced import NOVEMBER, WEDNESDAYS, Priced, amounts, months_of_home
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = WEDNESDAYS


def euros(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def seen(booking, *, present: bool = True, hours: tuple[datetime, datetime] | None = None) -> None:
    arrived, left = hours or (None, None)
    Attendance.objects.create(
        opening=booking.opening, child=booking.child, day=booking.day, present=present,
        arrived_at=arrived, left_at=left, noted_at=timezone.now(), noted_by="Sam",
    )  # fmt: skip


def test_a_set_has_its_price_whatever_it_was_clicked_as():
    world = Priced("wednesdays")
    home = world.home("Roy")
    world.quotient(home, "400")
    zoe = world.enrols(home, "Zoé")
    world.books(zoe, FIRST, MORNING, MEAL)
    world.books(zoe, SECOND, world.whole_day)
    world.books(zoe, THIRD, MORNING, MEAL, AFTERNOON)
    assert amounts(home) == euros("7.50", "11.00", "11.00")
    assert [month.total for month in months_of_home(home.family.pk, NOVEMBER)] == euros("29.50")


@pytest.mark.parametrize("state", [BookingState.WAITING, BookingState.OFFERED, BookingState.CANCELLED])
def test_what_is_not_taken_is_not_paid(state: BookingState):
    world = Priced("wednesdays")
    home = world.home("Roy")
    world.books(world.enrols(home, "Zoé"), FIRST, MORNING, state=state)
    assert amounts(home) == []


def test_what_must_still_be_validated_is_counted():
    world = Priced("wednesdays")
    home = world.home("Roy")
    world.quotient(home, "400")
    world.books(world.enrols(home, "Zoé"), FIRST, MORNING, state=BookingState.REQUESTED)
    assert amounts(home) == euros("5.50")


def test_each_home_of_a_shared_child_pays_its_own_set():
    world = Priced("wednesdays apart")
    first, second = world.home("Roy"), world.home("Blanc")
    world.quotient(first, "400")
    world.quotient(second, "1500")
    zoe = world.enrols(first, "Zoé")
    world.shared(zoe, first, second)
    other = world.enrolment(zoe, world.wednesdays, second, state="ended")
    world.books(zoe, FIRST, MORNING)
    world.books(zoe, FIRST, MEAL, enrolment=other)
    assert (amounts(first), amounts(second)) == (euros("5.50"), euros("3.15"))


def test_a_move_counts_by_day():
    world = Priced("wednesdays")
    home = world.home("Roy", commune=world.commune("Ailleurs"))
    world.the_commune  # noqa: B018 - the authority has a commune, and the home does not live there
    world.quotient(home, "300")
    Residence.objects.create(
        family=home.family, street="1 rue Neuve", postal_code="21999", city="Arelle",
        commune=world.the_commune, since=date(2026, 11, 12), source="justificatif",
    )  # fmt: skip
    zoe = world.enrols(home, "Zoé")
    for day in WEDNESDAYS:
        world.books(zoe, day, world.whole_day)
    assert amounts(home) == euros("12.00", "10.00", "10.00")


def test_a_commune_with_an_agreement_is_not_outside():
    world = Priced("wednesdays")
    commune = world.commune("Voisine")
    world.the_commune  # noqa: B018 - the authority's own
    commune.agreements.add(world.the_authority)
    home = world.home("Roy", commune=commune)
    world.quotient(home, "300")
    world.books(world.enrols(home, "Zoé"), FIRST, world.whole_day)
    assert amounts(home) == euros("10.00")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [("next_month", euros("12.00", "12.00")), ("its_date", euros("12.00", "10.00"))],
)
def test_a_quotient_that_changes_in_mid_month_counts_as_the_authority_says(counts, expected):
    world = Priced("wednesdays")
    Authority.objects.filter(pk=world.the_authority.pk).update(incomes_count=counts)
    home = world.home("Roy")
    world.quotient(home, "590", since=date(2026, 9, 1))
    world.quotient(home, "350", since=date(2026, 11, 16))
    zoe = world.enrols(home, "Zoé")
    for day in (FIRST, SECOND):
        world.books(zoe, day, world.whole_day)
    assert amounts(home) == expected


def test_who_does_not_show_its_quotient_pays_the_highest_price():
    world = Priced("wednesdays")
    home = world.home("Roy")
    world.income(home, IncomeKind.QUOTIENT, None, IncomeStatus.REFUSED)
    world.books(world.enrols(home, "Zoé"), FIRST, MORNING)
    assert amounts(home) == euros("8.00")


def test_brothers_and_sisters_of_a_day():
    world = Priced("wednesdays siblings")
    home = world.home("Roy")
    world.quotient(home, "400")
    zoe, leo = world.enrols(home, "Zoé", date(2016, 5, 14)), world.enrols(home, "Léo")
    world.books(zoe, FIRST, MORNING)
    world.books(leo, FIRST, MORNING, MEAL, AFTERNOON)
    world.books(leo, SECOND, MORNING)
    assert amounts(home) == euros("4.95", "11.00", "5.50")


def test_the_price_of_who_brings_its_meal():
    world = Priced("habits")
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    HealthSheet.objects.create(
        child=zoe, pai=True, pai_meal="family", pai_until=FIRST, updated_at=timezone.now(), updated_by="x"
    )
    world.books(zoe, FIRST, MEAL)
    world.books(zoe, SECOND, MEAL)
    assert amounts(home) == euros("1.75", "6.10"), "its PAI ends after the first day"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (SheetData(), SheetData(pai=True, pai_meal="family"), ("6.10", "1.75", "1.75")),
        (SheetData(pai=True, pai_meal="family"), SheetData(pai=False), ("1.75", "6.10", "6.10")),
        (
            SheetData(pai=True, pai_meal="family", pai_until=FIRST),
            SheetData(pai=True, pai_meal="family", pai_until=THIRD - timedelta(days=1)),
            ("1.75", "1.75", "6.10"),
        ),
    ],
)
def test_a_meal_that_is_brought_from_today_on_changes_no_day_that_is_over(before, after, expected):
    world = Priced("habits")
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    kept = HealthSheet.objects.create(child=zoe, updated_at=timezone.now(), updated_by="x")
    kept.data = before
    kept.save()
    for day in (FIRST, SECOND, THIRD):
        world.books(zoe, day, MEAL)
    health_sheet_save(
        actor=home.actor, child_id=zoe.pk, typed=after, seen=version_of(kept), now=instant_at(SECOND, time(7))
    )
    assert amounts(home) == euros(*expected)


def staff_on(world: Priced, home: Any, *days: date) -> list[bool]:
    territory = Territory(world.the_authority.pk, frozenset(), frozenset())
    [situation] = situations_of([home.family.pk]).values()
    return [Trait(TraitKind.STAFF) in situation.on(day, territory).of_home for day in days]


def test_who_had_a_post_on_the_day_is_staff_whatever_became_of_it_since():
    world = Priced()
    home = world.home("Roy")
    Member.objects.update(since=date(2026, 9, 1))
    user_id = home.adult.account.pk
    directs = Power(Role.DIRECTOR, structure_id=world.the_structure.pk)
    animates = Power(Role.ANIMATOR, structure_id=world.the_structure.pk)

    def told(day: date) -> dict[str, Any]:
        return {"actor": SYSTEM, "user_id": user_id, "now": instant_at(day, time(9))}

    days = [date(2026, 11, day) for day in range(1, 11)]
    post_give(**told(days[1]), power=directs)
    agent_suspend(**told(days[3]))
    agent_resume(**told(days[5]))
    agent_posts_set(**told(days[6]), powers={animates}, seen={directs})
    agent_posts_set(**told(days[8]), powers=(), seen={animates})
    assert [n for n, is_staff in enumerate(staff_on(world, home, *days)) if is_staff] == [1, 2, 5, 6, 7]
    post_give(**told(days[9]), power=directs)
    agent_posts_set(**told(days[9]), powers=(), seen={directs})
    assert staff_on(world, home, days[9], days[9] + timedelta(days=1)) == [False, False]


def test_an_administrator_works_for_no_authority_and_an_office_for_its_own():
    world = Priced()
    home = world.home("Roy")
    told = {"actor": SYSTEM, "user_id": home.adult.account.pk, "now": instant_at(SECOND, time(9))}
    Member.objects.update(since=date(2026, 9, 1))
    post_give(**told, power=Power(Role.ADMINISTRATOR))
    post_give(**told, power=Power(Role.OFFICE, authority_id=world.authority("Arelle").pk))
    assert staff_on(world, home, SECOND) == [False]
    post_give(**told, power=Power(Role.OFFICE, authority_id=world.the_authority.pk))
    assert staff_on(world, home, SECOND) == [True]


def test_who_works_there_is_of_the_home_on_the_day_too():
    world = Priced()
    home = world.home("Roy")
    Employment.objects.create(user=home.adult.account, authority=world.the_authority)
    Member.objects.update(since=FIRST, until=SECOND - timedelta(days=1))
    assert staff_on(world, home, FIRST - timedelta(days=1), FIRST, SECOND) == [False, True, False]


def test_late_missed_and_seen_without_a_booking():
    world = Priced("canteen penalties")
    home = world.home("Roy")
    world.quotient(home, "400")
    zoe = world.enrols(home, "Zoé")
    world.books(zoe, FIRST, MEAL, late=True)
    [missed] = world.books(zoe, SECOND, MEAL)
    seen(missed, present=False)
    opening = world.opening(world.slots[MEAL], THIRD)
    Attendance.objects.create(
        opening=opening, child=zoe, day=THIRD, present=True, noted_at=timezone.now(), noted_by="Sam"
    )
    assert amounts(home) == euros("4.73", "2.99", "10.00")


def test_an_absence_told_is_one_too():
    world = Priced("canteen penalties")
    home = world.home("Roy")
    world.quotient(home, "400")
    [told] = world.books(world.enrols(home, "Zoé"), FIRST, MEAL)
    Absence.objects.create(booking=told, declared_at=timezone.now(), declared_by="x")
    assert amounts(home) == euros("2.99")


def test_seen_without_a_booking_is_of_the_home_whose_day_it_is():
    world = Priced("canteen penalties")
    first, second = world.home("Roy"), world.home("Blanc")
    zoe = world.enrols(first, "Zoé")
    world.shared(zoe, first, second)
    for day in (FIRST, date(2026, 11, 11)):  # Weeks 45 and 46: even weeks are the first home's.
        Attendance.objects.create(
            opening=world.opening(world.slots[MEAL], day), child=zoe, day=day, present=True,
            noted_at=timezone.now(), noted_by="Sam",
        )  # fmt: skip
    found = {
        name: [line.day for month in months_of_home(home.family.pk, NOVEMBER) for line in month.lines]
        for name, home in (("first", first), ("second", second))
    }
    assert found == {"first": [date(2026, 11, 11)], "second": [FIRST]}


def test_seen_without_a_booking_and_without_a_pattern_is_of_nobody():
    world = Priced("canteen penalties")
    first, second = world.home("Roy"), world.home("Blanc")
    zoe = world.enrols(first, "Zoé")
    Member.objects.create(family=second.family, person=zoe, kind="child", since=date(2020, 1, 1))
    Attendance.objects.create(
        opening=world.opening(world.slots[MEAL], FIRST), child=zoe, day=FIRST, present=True,
        noted_at=timezone.now(), noted_by="Sam",
    )  # fmt: skip
    assert amounts(first) == amounts(second) == []


def test_what_another_home_booked_is_not_seen_without_a_booking():
    world = Priced("canteen penalties")
    first, second = world.home("Roy"), world.home("Blanc")
    world.quotient(first, "400")
    zoe = world.enrols(first, "Zoé")
    world.shared(zoe, first, second)
    [booked] = world.books(zoe, FIRST, MEAL)
    seen(booked)
    assert (amounts(first), amounts(second)) == (euros("3.15"), [])


def test_half_hours_as_seen():
    world = Priced("garderie")
    evening = world.slot(world.wednesdays, "Soir", "16:30", "18:30", pk=4, by_hour=True)
    home = world.home("Roy")
    world.quotient(home, "651")
    zoe = world.enrols(home, "Zoé")
    [booked] = world.books(zoe, FIRST, evening, hours=("16:30", "17:30"))
    assert amounts(home) == euros("0.96")
    start = instant_at(FIRST, booked.starts_at.time().replace(hour=16, minute=30))
    seen(booked, hours=(start, start + timedelta(minutes=61)))
    assert amounts(home) == euros("1.44")


def test_a_week_that_begins_in_the_month_before_is_counted_whole():
    """Monday 30 November to Friday 4 December 2026: five meals of a flat week of 19.80 are one price, and
    what the week takes off is of its last day."""
    world = Priced("flat")
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    for shift in range(5):
        world.books(zoe, date(2026, 11, 30) + timedelta(days=shift), MEAL)
    assert amounts(home) == euros("4.00")
    december = date(2026, 12, 1), date(2026, 12, 31)
    assert amounts(home, december) == euros("4.00", "4.00", "4.00", "4.00", "-0.20")
    assert amounts(home, (NOVEMBER[0], december[1])) == euros(*["4.00"] * 5, "-0.20")


def test_two_authorities_each_with_its_tariffs():
    world = Priced("wednesdays")
    village = world.authority("Mairie d’Arelle")
    school = world.structure("École", authority=village)
    canteen = world.activity("Cantine", kind="canteen", structure=school)
    meal = world.slot(canteen, "Repas", "12:00", "14:00", pk=5)
    world.tariffs("crèche", village.pk)
    home = world.home("Roy")
    world.quotient(home, "400")
    zoe = world.enrols(home, "Zoé")
    world.enrolment(zoe, canteen, home)
    world.books(zoe, FIRST, MORNING)
    world.books(zoe, FIRST, meal)
    found = {one.authority_id: one.total for one in months_of_home(home.family.pk, NOVEMBER)}
    assert set(found) == {world.the_authority.pk, village.pk}
    assert found[world.the_authority.pk] == Decimal("5.50")


def test_a_price_depends_on_no_other_home():
    world = Priced("wednesdays siblings")
    home = world.home("Roy")
    world.quotient(home, "400")
    world.books(world.enrols(home, "Zoé"), FIRST, MORNING)
    alone = amounts(home)
    for number in range(3):
        other = world.home(f"Autre{number}")
        world.quotient(other, "2000")
        world.books(world.enrols(other, "Ava", date(2015, 1, 1)), FIRST, MORNING, MEAL, AFTERNOON)
    assert amounts(home) == alone == euros("5.50")


def test_a_month_is_read_in_as_many_queries_whatever_there_is(django_assert_num_queries):
    world = Priced("wednesdays")
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    world.books(zoe, FIRST, MORNING)
    amounts(home)
    with django_assert_num_queries(QUERIES):
        amounts(home)
    leo = world.enrols(home, "Léo")
    for day in (SECOND, THIRD):
        world.books(zoe, day, MORNING, MEAL)
        world.books(leo, day, MORNING, MEAL)
    with django_assert_num_queries(QUERIES):
        amounts(home)


QUERIES = 2 + 2
"""The situation, bookings with what was seen; the revision of what is kept, twice out of a request."""
