"""Prices of any kind and what changes them, typed: what is refused at which field, what another did
meanwhile, and that a form shows all of a row."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from marelle.activities.absences import Told
from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.pricing.facts import SpanKind
from marelle.pricing.lines import Ledger
from marelle.pricing.models import Product as ProductRow
from marelle.pricing.models import ResourceBound
from marelle.pricing.selectors import book_of
from marelle.pricing.services import tariff_set
from marelle.pricing.tariffs import (
    Always,
    Becomes,
    By,
    Flat,
    Hours,
    LateFetch,
    Missed,
    Most,
    Nth,
    Percent,
    Plus,
    Product,
    Rank,
    Sets,
    SpanRule,
    Started,
    Tariff,
    TariffBook,
    Voted,
)
from tests.agents.village import NOW, Village, text
from tests.forms import form_with
from tests.pricing.reglement import CARD, invented
from tests.pricing.sheets import BOOKS, PRODUCTS, SLOTS, adjustment, brackets, euros, fixed, traits
from tests.pricing.sheets import tariff as sheet
from tests.pricing.translated import book_of as book_said

pytestmark = pytest.mark.django_db

TODAY, JANUARY = NOW.date(), date(2027, 1, 1)
MEAL = frozenset({SLOTS["Repas"]})


class Desk(Village):
    """Slots and products have the numbers of the examples."""

    def __init__(self) -> None:
        super().__init__()
        self.care = self.activity("Accueil")
        for name, number in SLOTS.items():
            self.slot(self.care, name, pk=number + 1000)
        self.care_page = f"/agents/activites/{self.care.pk}/tarifs/"
        self.shared = "/agents/activites/tarifs/"
        self.product = ProductRow.objects.create(authority=self.the_authority, name="Carte")
        self.product_page = f"{self.shared}abonnements/{self.product.pk}/"
        self.bounds_page = f"{self.shared}ressources/{self.the_authority.pk}/"
        self.actor = actor_for(self.staff("chef", Role.OFFICE))
        self.office = self.logged("guichet", Role.OFFICE)
        self.colleague = self.logged("mairie", Role.OFFICE)

    def shown(self, page: str):
        return form_with(text(self.office.get(page)), "since").data()

    def send(self, page: str, *, client=None, **others) -> str:
        told = {**self.shown(page), **others, "enregistrer": "1"}
        return text((client or self.office).post(page, told, follow=True))

    @property
    def book(self) -> TariffBook:
        return book_of(self.the_authority.pk)

    def stored(self, row):
        told = {"actor": self.actor, "authority_id": self.the_authority.pk, "now": NOW}
        return tariff_set(**told, tariff=row)


@pytest.fixture
def world(time_machine) -> Desk:
    time_machine.move_to(NOW)
    return Desk()


def moved(slots, by: int = 1000):
    return frozenset(slot + by for slot in slots)


def here(row, world: Desk):
    """The row of an example, on the slots and the product of this world, from January."""
    said = {"since": JANUARY, "until": None if row.until is None else date(2027, 7, 2)}
    if not isinstance(row, Tariff):
        return replace(row, slots=moved(row.slots), **said)
    match row.what:
        case Sets(sets, started):
            what = Sets(tuple(map(moved, sets)), started)
        case LateFetch() as late:
            what = replace(late, slots=moved(late.slots))
        case Product() as product:
            what = replace(product, id=world.product.pk)
    return replace(row, what=what, **said)


def page_of(world: Desk, row) -> str:
    """The page of a form that changes this row, as a link leads there."""
    own = text(world.office.get(world.care_page))
    if isinstance(row, Tariff) and isinstance(row.what, Product):
        own = text(world.office.get(world.shared))
    kinds = {Tariff: "(?:prix|retard|ajouter|abonnements/[0-9]+)", SpanRule: "duree"}
    kind = kinds.get(type(row), "regles/[a-z-]+")
    links = re.findall(rf'href="([^"]*/{kind}/\?[^"]*)"', own)
    link = next(link for link in links if f"remplace={row.id}" in re.split("[?&]", link))
    if "ajouter" in link:
        return f"{world.care_page}prix/?remplace={row.id}"
    return link


def like(row):
    """But for what a form chooses itself: its number, its day, and its vote, which is another."""
    told = {"id": 0, "since": JANUARY}
    if not isinstance(row, Tariff):
        return replace(row, **told)
    what = row.what
    if isinstance(what, Sets):
        what = replace(what, sets=tuple(sorted(what.sets, key=sorted)))
    return replace(row, voted=None, what=what, **told)


def is_kept(world: Desk, row) -> None:
    world.stored(row)
    (old,) = rows_of(world.book)
    page = world.send(page_of(world, old), since=JANUARY.isoformat())
    assert "C’est enregistré" in page, re.findall(r'class="fault".*?</div>', page, re.DOTALL)
    (new,) = rows_of(world.book)
    assert like(new) == like(old)
    assert new.id != old.id


def rows_of(book: TariffBook):
    return (*book.tariffs, *book.adjustments, *book.span_rules)


INVENTED = [row for seed in range(8) for row in rows_of(book_said(invented(Random(seed))))]
STATED = [row for name in sorted(BOOKS) for row in rows_of(BOOKS[name])]
SAID = Ledger("7067", "CANTINE", "Régie 2", Decimal("5.50"))
WHOLE = [
    replace(
        sheet(1, (MEAL, frozenset({1, 3})), brackets(("0", "3.15"), ("600.50", "3.60"))),
        food=fixed("1.20"),
        ledger=SAID,
        weekdays=frozenset({0, 2}),
        who=traits("staff", "outside"),
        order=4,
        until=date(2027, 7, 2),
        voted=Voted("2026-80", date(2026, 11, 20)),
    ),
    sheet(2, (MEAL,), fixed("2"), started=Started(Hours.LONGER, 12, 60)),
    adjustment(
        3,
        45,
        Missed(frozenset({Told.LATE, Told.NEVER}), excused=False, within=1),
        Becomes(brackets(("0", "1"), ("500", "2"))),
        slots=MEAL,
        spared=2,
        whole=True,
        weekdays=frozenset({4}),
        who=traits("agreement"),
        order=3,
    ),
    adjustment(4, 20, Rank(2, 3, By.HOUSEHOLD), Plus(euros("-1.50")), slots=frozenset({1, 2})),
    adjustment(5, 10, Always(), Percent(Decimal(0)), who=traits("staff")),
    SpanRule(
        6,
        "Mois",
        TODAY,
        None,
        SpanKind.MONTH,
        3,
        Most(brackets(("0", "50"), ("900", "70"))),
        MEAL,
        ledger=SAID,
    ),
    SpanRule(
        7, "An", TODAY, None, SpanKind.YEAR, 1, Nth(30, Decimal("12.5")), who=traits("regular"), order=2
    ),
    SpanRule(8, "Semaine", TODAY, None, SpanKind.WEEK, 1, Flat(4, fixed("15")), weekdays=frozenset({0})),
]


@pytest.mark.parametrize("row", [*STATED, *WHOLE], ids=lambda row: row.name)
def test_a_form_shows_all_of_a_row(world, row):
    for bound in (bound for one in STATED for bound in getattr(getattr(one, "amount", None), "bounds", ())):
        ResourceBound.objects.get_or_create(
            authority=world.the_authority, since=bound.since, floor=bound.floor, ceiling=bound.ceiling
        )
    is_kept(world, replace(here(row, world), since=JANUARY))


@pytest.mark.parametrize("number", range(0, len(INVENTED), 5))
def test_a_form_shows_all_of_an_invented_row(world, number):
    is_kept(world, here(INVENTED[number], world))


def test_the_products_of_the_examples_are_known():
    assert CARD not in PRODUCTS.values()
