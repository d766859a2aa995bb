"""The tariffs of docs/prices.md, made on the pages of an agent: they answer what the document states."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.pricing.models import Product
from marelle.pricing.selectors import book_of
from marelle.pricing.wishes import priced
from tests.agents.typed import TYPED, Typed
from tests.agents.village import text
from tests.forms import form_with
from tests.pricing.sheets import BOOKS, PRODUCTS, SLOTS
from tests.pricing.told import examples, placed
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 8, 20, 9, 30, tzinfo=PARIS)


class Office(Scenario):
    """Its slots have the numbers of the examples; its products get those of the database."""

    def __init__(self) -> None:
        super().__init__()
        self.care = self.activity("Accueil")
        for name, number in SLOTS.items():
            self.slot(self.care, name, pk=number)
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))
        self.page = f"/agents/activites/{self.care.pk}/tarifs/"
        self.products: dict[int, int] = {}

    def take(self, step: str, typed: Typed) -> None:
        if step == "grille":
            return self.paste(typed)
        if step == "ressources":
            address = f"/agents/activites/tarifs/ressources/{self.the_authority.pk}/"
        elif step.startswith("abonnement "):
            address = self.product(step.removeprefix("abonnement "))
        elif step.startswith("changer "):
            address = self.change(step.removeprefix("changer "))
        else:
            address = f"{self.page}{step}/"
        return self.save(address, typed)

    def save(self, address: str, typed: Typed) -> None:
        sent = form_with(text(self.client.get(address)), "since").data() | typed
        self.send(address, sent)

    def send(self, address: str, sent: Typed) -> None:
        page = text(self.client.post(address, {**sent, "enregistrer": "1"}, follow=True))
        assert "C’est enregistré" in page, re.findall(r'class="fault".*?</div>', page, re.DOTALL)

    def paste(self, typed: Typed) -> None:
        address = f"{self.page}ajouter/"
        sent = form_with(text(self.client.get(address)), "since").data() | {"colle": typed["colle"]}
        filled = self.client.post(address, {**sent, "remplir": "1"})
        self.send(address, form_with(text(filled), "since").data() | {**typed, "colle": ""})

    def change(self, name: str) -> str:
        page = text(self.client.get(self.page))
        found = re.findall(
            rf'<a class="btn" href="([^"]*)">Changer[^<]*(?:<span class="v">)?[^<]*{name}', page
        )
        if not found:
            found = re.findall(r'<a class="btn" href="([^"]*tarifs/ajouter/[^"]*)">', page)
        return found[0].replace("tarifs/ajouter/", "tarifs/prix/")

    def product(self, name: str) -> str:
        address = f"/agents/activites/tarifs/abonnements/ajouter/{self.the_authority.pk}/"
        self.client.post(address, {"name": name, "period": "month"})
        self.products[PRODUCTS[name]] = pk = Product.objects.get(name=name).pk
        return f"/agents/activites/tarifs/abonnements/{pk}/"


@pytest.fixture
def office(time_machine) -> Office:
    time_machine.move_to(NOW)
    return Office()


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_a_tariff_of_the_document_is_made_on_the_pages_and_answers_as_stated(office, name: str):
    for step, typed in TYPED[name]:
        office.take(step, typed)
    book = book_of(office.the_authority.pk)
    for example in (one for one in examples() if one.book == name):
        wishes = placed(example, {slot: slot for slot in SLOTS.values()}, office.products)
        example.assert_answers(priced(book, wishes))
