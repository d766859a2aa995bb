"""An office and an activity whose slots have the numbers of the examples, and what it types of prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.pricing.models import Product as ProductRow
from marelle.pricing.selectors import book_of
from marelle.pricing.services import tariff_set
from marelle.pricing.tariffs import LateFetch, Product, Sets, Tariff, TariffBook
from tests.agents.village import NOW, Village, text
from tests.forms import form_with
from tests.pricing.sheets import SLOTS

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


def rows_of(book: TariffBook):
    return (*book.tariffs, *book.adjustments, *book.span_rules)


def meal(**others):
    """A price of the meal, but for its amount."""
    return {"name": "Repas", "sets": ["1002"], "since": JANUARY.isoformat(), **others}
