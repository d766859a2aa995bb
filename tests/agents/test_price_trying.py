"""« Essayer un prix »: a day of an enrolled child, or of an invented one, line by line."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.places.models import Post
from marelle.pricing.models import ResourceBound
from marelle.pricing.tariffs import Always, Becomes
from marelle.pricing.writing import adjustment_write
from tests.agents.village import text
from tests.flows.prices.priced import Priced
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING, adjustment, fixed, traits

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 18)


class Desk(Priced):
    def __init__(self, *books: str) -> None:
        super().__init__(*books)
        self.roy = self.home("Roy")
        self.quotient(self.roy, "400")
        self.zoe = self.enrols(self.roy, "Zoé")
        self.url = f"/agents/activites/{self.wednesdays.pk}/tarifs/essayer/"
        self.office, self.director = Client(), Client()
        self.office.force_login(self.staff("guichet", Role.OFFICE))
        self.director.force_login(self.staff("direction", Role.DIRECTOR))

    def ask(self, *slots: int, by: Client | None = None, **typed: str) -> str:
        asked = {"jour": DAY.isoformat(), "creneaux": [str(one) for one in slots], "cas": "in_time"}
        asked |= {"commune": str(self.the_commune.pk)} | typed
        return text((by or self.office).get(self.url, asked))

    def tried(self, *slots: int, **typed: str) -> str:
        return self.ask(*slots, **typed).split('id="essai"')[1]


@pytest.fixture
def now(time_machine) -> None:
    time_machine.move_to(datetime(2026, 11, 2, 10, tzinfo=PARIS))


def world(*books: str) -> Desk:
    return Desk(*books)


def test_the_page_asks_first_and_tries_nothing(now):
    desk = world("wednesdays")
    page = text(desk.office.get(desk.url))
    assert "Essayer un prix" in page
    assert "Pourquoi" not in page
    assert f'href="{desk.url}"' in text(desk.office.get(desk.url.removesuffix("essayer/")))
    assert f'href="{desk.url}"' in text(desk.office.get(f"/agents/activites/{desk.wednesdays.pk}/essayer/"))


def test_an_invented_home_pays_by_its_quotient_and_the_highest_where_it_is_unknown(now):
    desk = world("wednesdays")
    page = desk.tried(MORNING, MEAL, quotient="400")
    assert "mercredi 18 novembre 2026 : 7,50 €" in page
    assert "un foyer inventé" in page
    assert "Pourquoi ce prix" in page
    assert ": 10,00 €" in desk.tried(MORNING, MEAL)
    assert ": 9,50 €" in desk.tried(MORNING, MEAL, quotient="400", commune=""), "2.00 more outside"


def test_an_invented_home_lives_somewhere_and_has_other_children(now):
    desk = world("wednesdays siblings")
    assert ": 5,50 €" in desk.tried(MORNING, quotient="400")
    page = desk.tried(MORNING, autres="2", quotient="400")
    assert ": 14,85 €" in page, "5.50, 4.95 and 4.40"
    assert "L’enfant essayé" in page
    assert "Frère ou sœur n° 2" in page


def test_an_invented_home_may_be_of_the_staff(now):
    desk = world("wednesdays")
    free = adjustment(9, 10, Always(), Becomes(fixed("0")), who=traits("staff"))
    adjustment_write(desk.the_authority.pk, free)
    assert ": 0,00 €" in desk.tried(MORNING, quotient="400", agent="on")
    assert ": 5,50 €" in desk.tried(MORNING, quotient="400")


def test_a_child_is_tried_with_what_its_home_holds_that_day(now):
    desk = world("wednesdays")
    desk.books(desk.zoe, DAY, MORNING)
    page = desk.tried(MEAL, enfant="zoé")
    assert "Roy Zoé" in page
    assert ": 7,50 €" in page
    assert "paie déjà 5,50 € ce jour-là : cela lui coûterait 2,00 € de plus" in page
    assert "400" in page
    assert "Votre quotient" not in page
    assert Booking.objects.count() == 1


def test_what_is_already_booked_may_be_tried_otherwise(now):
    desk = world("canteen penalties")
    desk.books(desk.zoe, DAY, MEAL)
    assert "cela n’y ajouterait rien" in desk.tried(MEAL, enfant="zoé")
    assert ": 4,73 €" in desk.tried(MEAL, enfant="zoé", cas="late")
    assert ": 10,00 €" in desk.tried(MEAL, enfant="zoé", cas="unbooked")
    assert "0,16 € de moins" in desk.tried(MEAL, enfant="zoé", cas="never_told")
    assert ": 0,00 €" in desk.tried(MEAL, enfant="zoé", cas="proved")


def test_a_slot_of_the_whole_day_is_tried_as_its_parts(now):
    desk = world("wednesdays")
    desk.books(desk.zoe, DAY, desk.whole_day)
    page = desk.tried(MORNING, enfant="zoé")
    assert ": 11,00 €" in page
    assert "cela n’y ajouterait rien" in page
    assert 'value="99"' not in desk.ask(MORNING)


def test_what_is_tried_of_a_day_that_is_held_whole_counts_as_it_is_tried(now):
    desk = world("late wednesdays whole")
    desk.books(desk.zoe, DAY, desk.whole_day)
    assert ": 11,00 €" in desk.tried(MORNING, enfant="zoé")
    assert ": 16,50 €" in desk.tried(MORNING, enfant="zoé", cas="late")


def test_what_has_no_price_says_where_one_is_set(now):
    desk = world("wednesdays")
    page = desk.tried(MEAL, enfant="zoé")
    assert "Zoé · Repas : aucun tarif" in page
    assert f'href="/agents/activites/{desk.wednesdays.pk}/tarifs/"' in page
    page = desk.tried(MEAL, enfant="zoé", by=desk.director)
    assert "Zoé · Repas : aucun tarif" in page
    assert "Régler un tarif" not in page, "a director sets none"


def test_who_does_not_read_incomes_sees_that_there_is_a_price(now):
    desk = world("wednesdays")
    desk.books(desk.zoe, DAY, AFTERNOON)
    page = desk.tried(MORNING, MEAL, enfant="zoé", by=desk.director)
    assert "Un prix est réglé ce jour-là" in page
    assert "€" not in page
    assert "400" not in page
    assert "Pourquoi" not in page
    Post.objects.filter(role=Role.DIRECTOR.value).update(reads_incomes=True)
    assert ": 11,00 €" in desk.tried(MORNING, MEAL, enfant="zoé", by=desk.director)


def test_reading_the_incomes_of_one_authority_tells_no_price_of_another(now):
    """What another alone was told of a home hangs on its prices."""
    desk = world("wednesdays")
    director = Client()
    user = desk.staff("deux", Role.DIRECTOR)
    elsewhere = desk.authority("Mairie")
    Post.objects.create(user=user, role=Role.OFFICE.value, authority=elsewhere)
    director.force_login(user)
    page = desk.tried(MORNING, enfant="zoé", by=director)
    assert "Un prix est réglé ce jour-là" in page
    assert "€" not in page
    desk.books(desk.zoe, date(2026, 11, 4), MORNING)
    card = text(director.get(f"/agents/familles/{desk.roy.family.pk}/")).split('id="mois"')[1]
    assert "5,50 €" not in card


def test_a_director_may_invent_a_home(now):
    desk = world("wednesdays")
    assert ": 5,50 €" in desk.tried(MORNING, quotient="400", by=desk.director)


def test_several_of_one_name_are_asked_which(now):
    desk = world("wednesdays")
    martin = desk.home("Martin")
    desk.quotient(martin, "1500")
    other = desk.enrols(martin, "Zoé")
    page = desk.tried(MORNING, enfant="zoé")
    assert "Lequel ?" in page
    enrolled = other.enrolments.get().pk
    assert ": 8,00 €" in desk.tried(MORNING, enfant="zoé", inscription=str(enrolled))
    assert "Aucun enfant de ce nom" in desk.ask(MORNING, enfant="Nobody")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"quotient": "douze"}, "Donnez un nombre, par exemple 734"),
        ({"quotient": "-3"}, "Donnez un nombre entre 0 et"),
        ({"charge": "99"}, "Donnez un nombre plus petit"),
        ({"autres": "x"}, "Donnez un nombre entier"),
        ({"jour": "hier"}, "Donnez une date"),
        ({"cas": "ailleurs"}, "Choisissez dans la liste"),
        ({"creneaux": "0"}, "Choisissez dans la liste"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(now, typed, told):
    page = world("wednesdays").ask(MORNING, **typed)
    assert told in page
    assert "Pourquoi" not in page


def test_hours_are_asked_of_what_is_booked_by_the_hour(now):
    desk = world()
    care = desk.slot(desk.wednesdays, "Accueil", "08:00", "18:00", pk=5, by_hour=True)
    desk.tariffs("crèche")
    ResourceBound.objects.create(
        authority=desk.the_authority, since=date(2026, 1, 1), floor=Decimal("814.62"), ceiling=Decimal(8500)
    )
    told = {"ressources": "3000", "charge": "2"}
    assert ": 12,40 €" in desk.tried(care.pk, de="08:00", a="16:00", **told), "eight hours at 1.55"
    assert ": 15,50 €" in desk.tried(care.pk, **told), "its own hours"
    assert "Donnez les deux heures" in desk.ask(care.pk, de="08:00", **told)
    assert "La fin vient avant le début" in desk.ask(care.pk, de="12:00", a="10:00", **told)


@pytest.mark.parametrize(("book", "said"), [("flat", True), ("canteen", False)])
def test_rules_of_weeks_are_said_to_be_left_out(now, book, said):
    desk = world(book)
    assert ("n’est pas compté ici" in desk.tried(MEAL)) is said
    assert 'name="de"' not in desk.ask(MEAL)
