"""« Réserver pour l’enfant » says what it costs, to an agent who reads the incomes of the home there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.test import Client

from marelle.activities.models import Activity, Opening
from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.families.incomes.rules import IncomeKind, IncomeStatus
from marelle.places.models import Post
from marelle.pricing.amounts import Fixed
from marelle.pricing.tariffs import Adjustment, Percent, Rank, Sets, Tariff
from marelle.pricing.writing import adjustment_write, tariff_write
from tests.agents.test_stay_planning import TODAY, World, logged, text
from tests.portal.planning.cast import NOW, WEDNESDAY
from tests.pricing.sheets import brackets

pytestmark = pytest.mark.django_db

SINCE = date(2026, 9, 1)
NEXT = date(2026, 9, 23)
NOTHING = {"change": "", "total": ""}


class Priced(World):
    """A morning at 6.50, 8.00 from a quotient of 700 on; a meal at 3.60."""

    def __init__(self) -> None:
        super().__init__()
        self.meal = self.opening(self.slot(self.wednesdays, "Repas", "12:00", "13:30"), WEDNESDAY)
        self.morning_again = self.opening(self.morning, NEXT)
        self.tariff(self.morning.pk, brackets(("0", "6.50"), ("700", "8.00")))
        self.tariff(self.meal.slot_id, Fixed(Decimal("3.60")))
        self.quotient(self.durand, "400.00")
        self.office = logged(self.staff("guichet", Role.OFFICE))

    def tariff(self, slot_id: int, amount: Any) -> None:
        what = Sets((frozenset({slot_id}),))
        tariff_write(self.the_authority.pk, Tariff(0, "Tarif", SINCE, None, what, amount))

    def gives_incomes(self) -> None:
        Post.objects.filter(user=self.direction).update(reads_incomes=True)

    def elsewhere(self) -> tuple[Activity, Opening]:
        """Another structure of the same authority, where the child has something at 5.00."""
        judo = self.activity("Judo", structure=self.structure("Le dojo"))
        self.rule(judo)
        self.enrolment(self.zoe, judo, self.durand)
        course = self.opening(self.slot(judo, "Cours", "17:00", "18:00", capacity=9), WEDNESDAY)
        self.tariff(course.slot_id, Fixed(Decimal("5.00")))
        self.booking(self.zoe, course)
        return judo, course

    def told(self, agent: Client, **posted: object) -> dict[str, str]:
        answer = agent.post(f"{self.here}prix/", {"seen": "", **posted})
        assert answer.status_code == 200
        return answer.json()


@pytest.fixture
def world() -> Iterator[Priced]:
    with time_machine.travel(NOW, tick=False):
        yield Priced()


def test_the_office_reads_on_each_cell_what_it_adds(world: Priced) -> None:
    page = text(world.office.get(world.page))
    assert "6,50 € · jusqu’au 15 sept. 12 h" in page
    assert "3,60 € · jusqu’au 15 sept. 12 h" in page
    world.booking(world.zoe, world.wednesday)
    assert 'data-p="−\u00a06,50\u00a0€"' in world.office.get(world.page).content.decode()


def test_a_director_is_told_prices_once_it_reads_incomes(world: Priced) -> None:
    assert "€" not in text(world.director.get(world.page))
    assert world.told(world.director, c=world.key()) == NOTHING
    assert "€" not in text(world.director.post(world.page, {"seen": "", "c": world.key()}, follow=True))
    Booking.objects.all().delete()
    world.wednesday.quotas.update(taken=0)
    world.gives_incomes()
    assert "6,50 € · jusqu’au" in text(world.director.get(world.page))
    assert world.told(world.director, c=world.key())["change"] == "6,50\u00a0€ de plus en septembre"


def test_what_it_was_given_elsewhere_lets_it_read_nothing_here(world: Priced) -> None:
    """Incomes that it reads by another structure are those of the homes of that one."""
    elsewhere = world.structure("Ailleurs")
    Post.objects.create(user=world.direction, role=Role.DIRECTOR, structure=elsewhere, reads_incomes=True)
    assert "€" not in text(world.director.get(world.page))
    assert world.told(world.director, c=world.key()) == NOTHING


def test_what_the_month_comes_to_is_for_the_office_alone(world: Priced) -> None:
    """It tells what the home has in other structures."""
    world.gives_incomes()
    world.elsewhere()
    posted = {"seen": "", "c": world.key()}
    change = "6,50\u00a0€ de plus en septembre"
    assert world.told(world.director, c=world.key()) == {"change": change, "total": ""}
    assert world.told(world.office, c=world.key()) == {
        "change": change,
        "total": "Septembre\u00a0: 11,50\u00a0€ en tout",
    }
    page = text(world.director.post(world.page, posted, follow=True))
    assert "Prix : 6,50 € de plus en septembre" in page
    assert "en tout" not in page
    page = text(world.office.post(world.page, {"seen": world.key()}, follow=True))
    assert "Prix : 6,50 € de moins en septembre Septembre : 5,00 € en tout" in page


def test_prices_of_another_authority_are_not_the_offices(world: Priced) -> None:
    """The month of a home is told of the authority of the enrolment, were it read elsewhere too."""
    town = world.authority("Mairie")
    club = world.activity("Club", structure=world.structure("Le club", authority=town))
    world.enrolment(world.zoe, club, world.durand)
    there = world.opening(world.slot(club, "Séance", "17:00", "18:00", capacity=9), WEDNESDAY)
    what = Sets((frozenset({there.slot_id}),))
    tariff_write(town.pk, Tariff(0, "Séance", SINCE, None, what, Fixed(Decimal("40.00"))))
    world.booking(world.zoe, there)
    both = world.staff("deux", Role.OFFICE)
    Post.objects.create(user=both, role=Role.OFFICE, authority=town)
    assert world.told(logged(both), c=world.key())["total"] == "Septembre\u00a0: 6,50\u00a0€ en tout"


def test_a_brother_who_comes_counts(world: Priced) -> None:
    """The price is that of the home: the second child of the day pays half."""
    slots = frozenset({world.morning.pk})
    half = Adjustment(0, "Fratrie", SINCE, None, 1, Rank(2), Percent(Decimal(-50)), slots)
    adjustment_write(world.the_authority.pk, half)
    leo = world.child(world.durand, "Léo", born=date(2016, 1, 1))
    world.enrolment(leo, world.wednesdays, world.durand)
    world.wednesday.quotas.update(capacity=5)
    world.booking(leo, world.wednesday)
    world.gives_incomes()
    page = text(world.director.get(world.page))
    assert "3,25 € · jusqu’au" in page
    assert "Léo" not in page
    assert world.told(world.director, c=world.key())["change"] == "3,25\u00a0€ de plus en septembre"


def test_what_no_tariff_holds_says_so(world: Priced) -> None:
    snack = world.opening(world.slot(world.wednesdays, "Goûter", "16:00", "17:00"), WEDNESDAY)
    assert "sans tarif · jusqu’au" in text(world.office.get(world.page))
    assert world.told(world.office, c=world.key(snack))["change"] == "une partie sans prix connu"


def test_what_the_other_home_booked_has_no_price(world: Priced) -> None:
    other = world.home("Martin", "Alex")
    world.shared(world.zoe, world.durand, other)
    theirs = world.enrolment(world.zoe, world.wednesdays, other)
    world.booking(world.zoe, world.wednesday, enrolment=theirs)
    page = text(world.office.get(world.page))
    assert "par l’autre foyer" in page
    assert "6,50" not in page
    Booking.objects.all().delete()
    assert "6,50 €" in text(world.office.get(world.page))


def test_nobody_reads_prices_in_its_own_file_nor_in_the_other_home_of_its_child(world: Priced) -> None:
    """Those would tell the incomes of who separated from it."""
    other = world.home("Martin", "Alex")
    world.shared(world.zoe, world.durand, other)
    for home in (world.durand, other):
        Post.objects.create(user=home.user, role=Role.OFFICE, authority=world.the_authority)
    own = logged(world.durand.user)
    page = text(own.get(world.page))
    assert "C’est le dossier de votre propre famille" in page
    assert "€" not in page
    assert world.told(own, c=world.key()) == NOTHING
    parent = logged(other.user)
    assert parent.get(world.page).status_code == 403
    assert parent.post(f"{world.here}prix/", {"seen": "", "c": world.key()}).status_code == 403


def test_a_home_without_quotient_pays_the_highest_and_it_is_said(world: Priced) -> None:
    world.durand.family.incomes.all().delete()
    page = world.office.get(world.page)
    assert "8,00 € · jusqu’au" in text(page)
    assert "Le prix le plus élevé est affiché, faute de connaître les revenus du foyer." in text(page)
    there = f"/agents/familles/{world.durand.family.pk}/revenus/"
    assert f'href="{there}"' in page.content.decode()
    assert world.office.get(there).status_code == 200
    world.income(world.durand, IncomeKind.QUOTIENT, None, IncomeStatus.NONE)
    assert "Le prix le plus élevé" not in text(world.office.get(world.page))


def test_incomes_that_no_key_opens_are_not_said_to_be_unknown(world: Priced, settings) -> None:
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    page = text(world.office.get(world.page))
    assert "Le prix le plus élevé est affiché : la clé qui ouvre les revenus du foyer manque" in page
    assert "faute de connaître" not in page
    parent = logged(world.durand.user)
    page = text(parent.get("/reservations/", {"enfant": world.zoe.pk, "date": WEDNESDAY}, follow=True))
    assert "vos revenus ne peuvent pas être lus pour le moment" in page
    assert "faute de connaître" not in page


def test_a_home_that_says_no_income_has_none_unread(world: Priced) -> None:
    world.durand.family.incomes.all().delete()
    world.income(world.durand, IncomeKind.QUOTIENT, None, IncomeStatus.REFUSED)
    page = text(world.office.get(world.page))
    assert "Le prix le plus élevé est affiché, faute de connaître les revenus du foyer." in page


def test_the_bar_says_the_price_of_what_still_needs_its_reason(world: Priced) -> None:
    late = world.past()
    world.tariff(late.slot_id, Fixed(Decimal("2.00")))
    here = f"{world.here}?date={TODAY}&vue=semaine"
    assert "2,00 €" in text(world.office.get(here))
    asked = world.told(world.office, c=[world.key(late), world.key()])
    assert asked["change"] == "8,50\u00a0€ de plus en septembre"
    assert not Booking.objects.exists(), "nothing is saved"
    refused = text(world.office.post(here, {"seen": "", "c": world.key(late)}, follow=True))
    assert "indiquez un motif de dérogation" in refused
    assert "de plus en" not in refused, "nothing was booked"


def test_the_bar_counts_no_place_in_a_queue(world: Priced) -> None:
    """Full, and the waiting list is asked for: the reason of another cell lets nothing in."""
    martin = world.home("Martin", "Julie")
    ines = world.child(martin, "Inès")
    world.enrolment(ines, world.wednesdays, martin)
    world.booking(ines, world.wednesday)
    late = world.past()
    world.tariff(late.slot_id, Fixed(Decimal("2.00")))
    asked = world.told(world.office, c=[world.key(late), world.key()], full=world.key())
    assert asked["change"] == "2,00\u00a0€ de plus en septembre"


def test_the_bar_is_told_of_the_enrolment_alone(world: Priced) -> None:
    _judo, course = world.elsewhere()
    Booking.objects.all().delete()
    leo = world.child(world.durand, "Léo")
    world.enrolment(leo, world.wednesdays, world.durand)
    forged = [world.key(course), world.key(child=leo), f"{world.zoe.pk}.{10**17}", "x", "1.2.3"]
    assert "€" not in world.told(world.office, c=forged)["change"]
    many = [f"{world.zoe.pk}.{number}" for number in range(1, 2_002)]
    assert world.told(world.office, c=many) == NOTHING


def test_who_may_not_read_the_planning_is_told_no_price(world: Priced) -> None:
    elsewhere = world.structure("Ailleurs")
    answers = {
        "other director": (world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere), 404),
        "animator": (world.staff("animation", Role.ANIMATOR), 403),
        "parent": (world.durand.user, 403),
    }
    for who, (user, status) in answers.items():
        answer = logged(user).post(f"{world.here}prix/", {"seen": "", "c": world.key()})
        assert answer.status_code == status, who
    assert world.office.get(f"{world.here}prix/").status_code == 405


def test_prices_cost_one_query_and_three_once_saved(world: Priced, count_queries: Callable[..., Any]) -> None:
    world.booking(world.zoe, world.morning_again)
    month = f"{world.here}?date={WEDNESDAY}&vue=mois"
    world.director.get(month)
    with count_queries() as shown:
        world.director.get(month)
    with count_queries() as saved:
        world.director.post(month, {"seen": "", "c": world.key()})
    world.gives_incomes()
    Booking.objects.filter(day=WEDNESDAY).delete()
    world.wednesday.quotas.update(taken=0)
    world.director.get(month)
    with count_queries(len(shown) + 1):
        world.director.get(month)
    with count_queries(len(saved) + 4):
        world.director.post(month, {"seen": "", "c": world.key()})
    for number in range(3):
        child = world.child(world.durand, f"Sacha {number}")
        world.enrolment(child, world.wednesdays, world.durand)
        world.booking(child, world.meal)
    world.director.get(month)
    with count_queries(len(shown) + 1):
        world.director.get(month)
