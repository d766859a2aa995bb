"""A director reads what its structure bills as totals of several homes: never what one of them earns."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client

from marelle.agents.figures.participation_tables import FEW
from marelle.billing.models import Invoice, InvoiceLine
from marelle.core.actor import Role
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.pricing.sheets import MORNING

pytestmark = pytest.mark.django_db

FIGURES = "/agents/chiffres/"
ASKED = {"annee": "2026", "de": "11", "a": "11"}


class Crowd(Billed):
    """Homes of a child each, once in the mornings."""

    def __init__(self, homes: int) -> None:
        super().__init__("wednesdays")
        self.clients: dict[Role, Client] = {}
        for number in range(homes):
            home = self.home(f"Roy {number}")
            self.quotient(home, "400")
            self.books(self.enrols(home, "Léo"), FIRST, MORNING)
        self.bills()

    def is_paid_by_another(self) -> None:
        """The bill of one of them."""
        payer = self.the_authority.payers.create(
            kind="ccas", last_name="CCAS", street="1 rue", postal_code="21000", city="Dijon"
        )
        Invoice.objects.filter(pk=Invoice.objects.earliest("pk").pk).update(payer=payer)

    def reads(self, role: Role, address: str = FIGURES, **asked: str) -> str:
        if role not in self.clients:
            self.clients[role] = Client()
            self.clients[role].force_login(self.staff(f"{role}1", role))
        answer = self.clients[role].get(address, {**ASKED, **asked})
        assert answer.status_code == 200
        page = answer.content.decode("utf-8-sig")
        return re.sub(r"[\s\u00a0\u202f]+", " ", page)


@pytest.fixture(autouse=True)
def _on_the_day(time_machine) -> None:
    time_machine.move_to(NOW)


def test_a_total_of_several_homes_is_told() -> None:
    world = Crowd(FEW)
    page = world.reads(Role.DIRECTOR)
    assert "27,50 €" in page
    assert "à moins de 5 foyers" in page
    table = world.reads(Role.DIRECTOR, f"{FIGURES}csv/", quoi="participations")
    assert "27,50" in table or "27,5" in table


@pytest.mark.parametrize("by", ["activite", "age", "mois", "commune"])
def test_that_of_few_is_not(by: str) -> None:
    world = Crowd(FEW - 1)
    assert "22,00 €" in world.reads(Role.OFFICE, par=by)
    assert "22,00 €" not in world.reads(Role.DIRECTOR, par=by)
    assert "22,0" not in world.reads(Role.DIRECTOR, f"{FIGURES}csv/", quoi="participations", par=by)


def test_what_another_pays_for_one_of_them_is_not() -> None:
    world = Crowd(FEW + 1)
    world.is_paid_by_another()
    assert "Facturé à d’autres payeurs" in world.reads(Role.OFFICE)
    page = world.reads(Role.DIRECTOR)
    assert "27,50 €" in page
    assert "autres payeurs" not in page


def test_who_is_paid_for_by_another_is_none_of_the_five() -> None:
    world = Crowd(FEW)
    world.is_paid_by_another()
    assert "22,00 €" in world.reads(Role.OFFICE)
    assert "22,00 €" not in world.reads(Role.DIRECTOR)


def test_by_age_few_would_be_told_apart() -> None:
    """One knows which child of its activity is of an age alone."""
    world = Crowd(FEW)
    assert "Âge le jour même" not in table_of(world.reads(Role.DIRECTOR, par="age"))
    assert "Âge le jour même" in table_of(world.reads(Role.OFFICE, par="age"))


def test_what_names_no_activity_is_the_offices_to_know() -> None:
    world = Crowd(FEW)
    world.books(world.enrols(world.home("Blanc"), "Zoé"), SECOND, MORNING)
    InvoiceLine.objects.filter(pk=InvoiceLine.objects.earliest("pk").pk).update(of_activity=None)
    assert "facturés sans activité" in world.reads(Role.OFFICE)
    assert "facturés sans activité" not in world.reads(Role.DIRECTOR)


def table_of(page: str) -> str:
    """That of the participations."""
    _before, _id, after = page.partition('id="participated"')
    return after.partition("</table>")[0]


@pytest.mark.parametrize("elsewhere", ["activity", "month"])
def test_nor_what_two_tables_differ_by(elsewhere: str) -> None:
    """A home alone in another activity, or in October, is in no table: nobody takes one from another."""
    world = Crowd(FEW)
    line = InvoiceLine.objects.earliest("pk")
    line.pk, line.order, line.amount = None, 99, Decimal("3.33")
    if elsewhere == "activity":
        line.of_activity_id, line.days = world.activity("Vacances").pk, ["2026-11-07"]
    else:
        line.days = ["2026-10-07"]
    line.save()
    asked = {"de": "10"}
    assert "30,83" in world.reads(Role.OFFICE, **asked)
    for by in ("activite", "structure", "mois"):
        page = world.reads(Role.DIRECTOR, par=by, **asked)
        assert "27,50 €" in page
        assert "30,83" not in page
        assert "3,33" not in page
