"""« Réserver pour l’enfant »: what it costs, for who reads incomes; that it does, for who does not."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.places.models import Post
from tests.flows.prices.priced import WEDNESDAYS, Priced
from tests.pricing.sheets import MEAL, MORNING

pytestmark = pytest.mark.django_db
FIRST, SECOND, _THIRD = WEDNESDAYS
HIDDEN = "Un prix est compté : seul qui lit les revenus du foyer le lit."


class Desk(Priced):
    """Zoé may come on a Wednesday that her sister has booked, who costs less then."""

    def __init__(self, *books: str) -> None:
        super().__init__(*books)
        self.rule(self.wednesdays)
        self.roy = self.home("Roy")
        self.quotient(self.roy, "400")
        self.zoe = self.enrols(self.roy, "Zoé", date(2016, 5, 14))
        self.anna = self.enrols(self.roy, "Anna", date(2019, 5, 14))
        self.meal = self.opening(self.slots[MEAL], SECOND)
        self.morning = self.books(self.anna, SECOND, MORNING)[0].opening
        self.director = self.logged("direction", Role.DIRECTOR)
        self.office = self.logged("guichet", Role.OFFICE)
        stay = self.zoe.enrolments.get(activity=self.wednesdays)
        self.here = f"/agents/inscriptions/{stay.pk}/reservations/"

    def logged(self, name: str, role: Role) -> Client:
        client = Client()
        client.force_login(self.staff(name, role))
        return client

    def page(self, by: Client) -> str:
        return text(by.get(f"{self.here}?date={SECOND}&vue=semaine"))

    def why(self, by: Client) -> str:
        """Of a morning with its meal."""
        keys = [f"{self.zoe.pk}.{opening.pk}" for opening in (self.morning, self.meal)]
        typed = {"c": keys, "pourquoi": "1"}
        return text(by.post(f"{self.here}prix/", typed))


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture(autouse=True)
def now(time_machine) -> None:
    time_machine.move_to(datetime(2026, 11, 2, 10, tzinfo=PARIS))


def test_why_it_would_cost_that_before_it_is_saved():
    desk = Desk("wednesdays siblings")
    assert "Pourquoi ce prix ?" in desk.page(desk.office)
    why = desk.why(desk.office)
    assert "7,50 €" in why
    assert "quotient de 400" in why
    assert "Votre quotient" not in why, "it is the home's, not the agent's"
    assert "4,95 €" in why, "what her sister costs then, who was the first"


def test_a_director_who_reads_incomes_learns_nothing_of_another_child():
    desk = Desk("wednesdays siblings")
    Post.objects.filter(role=Role.DIRECTOR.value).update(reads_incomes=True)
    why = desk.why(desk.director)
    assert "7,50 €" in why
    assert "4,95 €" not in why


def test_a_director_without_the_power_sees_that_there_is_a_price_and_not_which():
    desk = Desk("wednesdays siblings")
    page = desk.page(desk.director)
    assert HIDDEN in page
    assert "€" not in page
    assert "Pourquoi ce prix ?" not in page
    assert "€" not in desk.why(desk.director)
    Post.objects.filter(role=Role.DIRECTOR.value).update(reads_incomes=True)
    assert HIDDEN not in desk.page(desk.director)


def test_where_nothing_has_a_price_nothing_is_said_of_it():
    assert HIDDEN not in (desk := Desk()).page(desk.director)
