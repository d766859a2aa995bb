"""The tariffs of docs/prices.md, typed on the pages of an agent: they are those of the sheets, and answer
as stated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.pricing.facts import Period
from marelle.pricing.models import Product as ProductRow
from marelle.pricing.products import ProductTerms, product_terms
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import LateFetch, Product, Sets, Tariff, TariffBook
from marelle.pricing.wishes import priced
from tests.agents.prices import rows_of
from tests.agents.typed import TYPED, Typed
from tests.agents.village import text
from tests.forms import CHOSEN, form_with
from tests.pricing.sheets import BOOKS, MEAL, PRODUCTS, SLOTS, START
from tests.pricing.told import examples, placed
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 8, 20, 9, 30, tzinfo=PARIS)
EVERY_SLOT = frozenset(SLOTS.values())
LINK = re.compile(r'<a[^>]* href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


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
        self.shared = "/agents/activites/tarifs/"
        self.product = ""
        self.products: dict[int, int] = {}

    def take(self, step: str, typed: Typed) -> None:
        match step:
            case "grille":
                self.paste(self.way("tarifs/ajouter"), typed)
            case "vendre":
                self.sell(self.way("abonnements/ajouter"), typed)
            case "tarif":
                self.save(self.product, typed)
            case _:
                self.save(self.way(step), typed)

    def way(self, told: str) -> str:
        """Where a link of the pages to choose from leads, by its words or the end of its address."""
        pages = (self.page, f"{self.page}regles/", self.shared)
        end = re.compile(rf"/{told}/([0-9]+/)?$")
        for address, words in LINK.findall("".join(text(self.client.get(page)) for page in pages)):
            plain = " ".join(re.sub(r"<[^>]+>", " ", words).split())
            if told == plain or end.search(address):
                return address
        raise AssertionError(f"no link to {told}")

    def filled(self, page: str, typed: Typed) -> Typed:
        """The form of a page with what is typed in it: only where it has a blank, only what it offers."""
        form = form_with(page, "name" if "since" not in typed else "since")
        for name, told in typed.items():
            blank = form.inputs[name]
            if blank.kind in (*CHOSEN, "select"):
                assert {told} if isinstance(told, str) else {*told} <= {*blank.offered}, (name, blank.offered)
        return form.data() | typed

    def save(self, address: str, typed: Typed) -> None:
        self.send(address, self.filled(text(self.client.get(address)), typed))

    def send(self, address: str, sent: Typed) -> str:
        """Where it leads."""
        answer = self.client.post(address, {**sent, "enregistrer": "1"}, follow=True)
        page = text(answer)
        assert re.search("C’est (enregistré|ajouté)", page), re.findall(
            r'class="fault".*?</div>', page, re.DOTALL
        )
        return answer.redirect_chain[-1][0]

    def paste(self, address: str, typed: Typed) -> None:
        page = text(self.client.get(address))
        pasted = self.filled(page, {name: typed[name] for name in ("colle", "since")})
        grid = text(self.client.post(address, {**pasted, "remplir": "1"}))
        self.send(address, self.filled(grid, {**typed, "colle": ""}))

    def sell(self, address: str, typed: Typed) -> None:
        self.product = self.send(address, self.filled(text(self.client.get(address)), typed))
        self.products[PRODUCTS[typed["name"]]] = int(self.product.rstrip("/").rpartition("/")[2])


built = built_once(Office, now=NOW)


@pytest.fixture
def office(built, db, time_machine) -> Office:
    time_machine.move_to(NOW)
    return deepcopy(built)


def told(book: TariffBook, products: Mapping[int, int] = {}) -> Counter:
    """Its rows but for their numbers, their names and the order of their sets; one about each slot of this
    activity is one about all."""
    return Counter(_told(row, products) for row in rows_of(book))


def _told(row, products: Mapping[int, int]):
    plain = replace(row, id=0, name="", since=max(row.since, START))
    if not isinstance(row, Tariff):
        return replace(plain, slots=row.slots or EVERY_SLOT)
    what = row.what
    if isinstance(what, Sets):
        what = replace(what, sets=tuple(sorted(what.sets, key=sorted)))
    elif isinstance(what, LateFetch):
        what = replace(what, slots=what.slots or EVERY_SLOT)
    elif isinstance(what, Product):
        what = replace(what, id=products.get(what.id, what.id))
    return replace(plain, what=what)


def test_every_tariff_of_the_document_is_typed():
    assert TYPED.keys() == BOOKS.keys()


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_a_tariff_of_the_document_is_typed_on_the_pages_and_answers_as_stated(office, name: str):
    for step, typed in TYPED[name]:
        office.take(step, typed)
    book = book_of(office.the_authority.pk)
    assert told(book) == told(BOOKS[name], office.products)
    for example in (one for one in examples() if one.book == name):
        wishes = placed(example, {slot: slot for slot in SLOTS.values()}, office.products)
        example.assert_answers(priced(book, wishes))


def test_what_is_paid_at_once_covers_what_was_ticked(office):
    for step, typed in TYPED["card"]:
        office.take(step, typed)
    terms = product_terms(ProductRow.objects.get())
    assert terms == ProductTerms("card", Period.MONTH, frozenset({MEAL}))
