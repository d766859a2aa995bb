"""« Ce mois-ci » on the file of a home: what it comes to so far, for who reads it, and what it lacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from marelle.bookings.models import Attendance
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.families.incomes.rules import IncomeKind, IncomeStatus
from marelle.families.models import HealthSheet, Member
from marelle.flows.actor.actors import ACTING_FOR
from marelle.places.models import Post
from marelle.pricing.tariffs import Always, Plus
from marelle.pricing.writing import adjustment_write, tariff_write
from tests.agents.village import text
from tests.care import sheets_say
from tests.flows.prices.priced import WEDNESDAYS, Priced
from tests.pricing.sheets import BOOKS, EVENING, MEAL, MORNING, adjustment, traits

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = WEDNESDAYS


class Desk(Priced):
    def __init__(self, *books: str) -> None:
        super().__init__(*books)
        self.roy = self.home("Roy")
        self.zoe = self.enrols(self.roy, "Zoé")
        self.office, self.director = Client(), Client()
        self.office.force_login(self.staff("guichet", Role.OFFICE))
        self.director.force_login(self.staff("direction", Role.DIRECTOR))

    def card(self, by: Client | None = None) -> str:
        page = text((by or self.office).get(f"/agents/familles/{self.roy.family.pk}/"))
        return page.split('id="mois"')[1].split("</section>")[0] if 'id="mois"' in page else ""

    def came(self, day: date) -> None:
        opening = self.opening(self.slots[MEAL], day)
        Attendance.objects.create(
            opening=opening, child=self.zoe, day=day, present=True, noted_at=timezone.now(), noted_by="Sam"
        )


@pytest.fixture(autouse=True)
def now(time_machine) -> None:
    time_machine.move_to(datetime(2026, 11, 20, 10, tzinfo=PARIS))


def test_without_any_tariff_there_is_no_card():
    assert Desk().card() == ""


def test_the_office_reads_each_price_with_why():
    desk = Desk("wednesdays")
    desk.quotient(desk.roy, "400")
    for day in (FIRST, SECOND):
        desk.books(desk.zoe, day, MORNING)
    desk.books(desk.zoe, date(2026, 12, 2), MORNING)
    card = desk.card()
    assert "Novembre 2026 : 11,00 €" in card
    assert "2 × 5,50 €, les 4 et 18" in card
    assert "Le quotient de 400 du foyer" in card
    assert "Un revenu manque" not in card


def test_nothing_booked_is_said():
    assert "Rien n’est réservé ce mois-ci" in Desk("wednesdays").card()


def test_a_missing_quotient_is_told_with_the_way_to_give_it():
    desk = Desk("wednesdays")
    desk.books(desk.zoe, FIRST, MORNING)
    card = desk.card()
    assert "Un revenu manque : le prix le plus haut est compté" in card
    assert f'href="/agents/familles/{desk.roy.family.pk}/revenus/"' in card
    desk.income(desk.roy, IncomeKind.QUOTIENT, None, IncomeStatus.REFUSED)
    card = desk.card()
    assert "8,00 €" in card
    assert "Un revenu manque" not in card, "it does not want to say"


def test_a_missing_tariff_is_told_with_its_page():
    desk = Desk("wednesdays")
    desk.books(desk.zoe, FIRST, MEAL)
    for by in (desk.office, desk.director):
        card = desk.card(by)
        assert "Repas, le 4 : aucun tarif, rien n’est compté" in card
        assert f'href="/agents/activites/{desk.wednesdays.pk}/tarifs/"' in card
        assert "€" not in card


def test_a_director_sees_that_there_is_a_price_and_reads_it_where_it_was_given():
    desk = Desk("wednesdays")
    desk.quotient(desk.roy, "400")
    desk.books(desk.zoe, FIRST, MORNING)
    card = desk.card(desk.director)
    assert "Un prix est compté" in card
    assert "€" not in card
    assert "400" not in card
    Post.objects.filter(role=Role.DIRECTOR.value).update(reads_incomes=True)
    assert "5,50 €" in desk.card(desk.director)


def test_a_director_reads_nothing_of_another_structure():
    desk = Desk("wednesdays")
    desk.quotient(desk.roy, "400")
    Post.objects.filter(role=Role.DIRECTOR.value).update(reads_incomes=True)
    desk.books(desk.zoe, FIRST, MORNING)
    other = desk.activity("Cantine", kind="canteen", structure=desk.structure("École"))
    lunch = desk.slot(other, "Midi")
    desk.enrolment(desk.zoe, other, desk.roy)
    desk.books(desk.zoe, SECOND, lunch)
    assert "Midi, le 18" in desk.card()
    assert "Midi" not in desk.card(desk.director)
    assert "5,50 €" in desk.card(desk.director)


def test_an_office_reads_nothing_of_another_authority():
    desk = Desk("wednesdays")
    desk.books(desk.zoe, FIRST, MORNING)
    mairie = Client()
    mairie.force_login(desk.staff("mairie", Role.OFFICE, authority=desk.authority("Mairie")))
    card = desk.card(mairie)
    assert "€" not in card
    assert "Matin" not in card


def test_what_no_home_is_charged_for_is_told_to_both():
    desk = Desk("canteen")
    other = desk.home("Martin")
    Member.objects.create(
        family=other.family, person=desk.zoe, kind=Member.Kind.CHILD, since=date(2020, 1, 1)
    )
    desk.came(SECOND)
    card = desk.card()
    assert "Venus sans réservation, comptés à personne" in card
    assert "Zoé, " in card
    assert "(Repas) le 18" in card


def test_of_one_home_what_was_seen_is_its_own():
    desk = Desk("canteen")
    desk.came(SECOND)
    card = desk.card()
    assert "comptés à personne" not in card
    assert "5,05 €" in card


def test_late_fetching_is_told_with_its_warning():
    desk = Desk()
    desk.tariffs("closing")
    evening = desk.slot(desk.wednesdays, "Soir", "16:30", "18:30", pk=EVENING)
    for day in (FIRST, SECOND):
        [booked] = desk.books(desk.zoe, day, evening)
        left = datetime.combine(day, time(18, 50), PARIS)
        Attendance.objects.create(
            opening=booked.opening, child=desk.zoe, day=day, present=True, left_at=left,
            noted_at=timezone.now(), noted_by="Sam",
        )  # fmt: skip
    card = desk.card()
    assert "Soir · retard" in card
    assert "Cette fois n’est qu’un avertissement, le seul de l’année scolaire" in card
    assert "26,00 €, le 18" in card


def test_who_reads_a_price_learns_of_no_pai():
    """« Ce mois-ci », « Essayer un prix », the month and the grid in the name of the home: the home alone
    reads what its price is of."""
    desk = Desk()
    meal = replace(BOOKS["habits"].tariffs[2], name="Panier du PAI", order=0)
    less = adjustment(9, 10, Always(), Plus(Decimal("0.25")), who=traits("own_meal"))
    less = replace(less, name="Soutien au PAI")
    for row in (BOOKS["habits"].tariffs[0], meal):
        tariff_write(desk.the_authority.pk, row)
    adjustment_write(desk.the_authority.pk, less)
    HealthSheet.objects.create(
        child=desk.zoe, pai=True, pai_meal="family", updated_at=timezone.now(), updated_by="x"
    )
    desk.books(desk.zoe, FIRST, MEAL)
    Post.objects.filter(role=Role.DIRECTOR.value).update(reads_incomes=True)
    tried = f"/agents/activites/{desk.wednesdays.pk}/tarifs/essayer/"
    asked = {"jour": "2026-11-18", "creneaux": [str(MEAL)], "cas": "in_time", "enfant": "Zoé"}
    enrolled = f"/inscriptions/{desk.zoe.pk}/inscription/{Enrolment.objects.get().pk}/"
    acting = Client()
    acting.force_login(desk.staff("accueil", Role.OFFICE))
    session = acting.session
    session[ACTING_FOR] = desk.roy.family.pk
    session.save()
    shown = [
        desk.card(),
        desk.card(desk.director),
        text(desk.office.get(tried, asked)).split('id="essai"')[1],
        text(acting.get("/factures/mois/")),
    ]
    for page in shown:
        assert "2,00 €" in page
        assert "Repas · Selon la situation de l’enfant" in page
        assert page.count("Selon la situation de l’enfant : ") >= 2
        assert "PAI" not in page
        assert "repas de leur" not in page
    assert "votre prix" not in text(acting.get(enrolled))
    home = Client()
    home.force_login(desk.roy.user)
    page = text(home.get("/factures/mois/"))
    assert "Repas · Panier du PAI" in page
    assert "« Soutien au PAI »" in page
    assert "votre prix" in text(home.get(enrolled))
    sheets_say(pai=False)
    assert "votre prix" not in text(acting.get(enrolled)), "it is no sign of a PAI"
