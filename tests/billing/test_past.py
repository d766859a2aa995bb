"""The last bills of another software: their numbers, what is left of them, what a year was paid for."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest

from marelle.billing.imports.problems import ImportRefused
from marelle.billing.late import late_bills
from marelle.billing.models import Invoice, InvoiceLine, Payment
from marelle.billing.tax.rules import Part
from marelle.billing.tax.statements import statements_of
from marelle.billing.tresor.report import waiting_bills
from marelle.flows.figures.participations import participations
from marelle.flows.figures.rows import Wanted
from marelle.mail.models import Message
from tests.billing.moved import Moved, sides
from tests.flows.bills.billed import NOW
from tests.standing import built_once

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


class Past(Moved):
    kind = "past"

    def rows(self, number: str = "A-17", paid: str = "30,00", on: str = "20/07/2026") -> tuple[str, str]:
        roy = self.numbers[0]
        activity = self.wednesdays.name
        whole = f"{number};{roy};06/2026;05/07/2026;04/08/2026"
        return (
            f"{whole};Zoé;{activity};Journée;4;12,50;50,00;66,70;{paid};{on};10,00;32",
            f"{number};;;;;;Adhésion;Année;1;16,70;16,70;;;;;",
        )


built = built_once(Past, now=NOW)


@pytest.fixture
def world(built, db) -> Past:
    return deepcopy(built)


def test_a_bill_of_before_keeps_its_number_and_what_is_left_of_it(world):
    run = world.sends(*world.rows())
    assert sides(world.report(run).counts) == {
        "asked": ("66.70", "66.70", "0.00"), "paid": ("30.00", "30.00", "0.00"),
        "left": ("36.70", "36.70", "0.00"),
    }  # fmt: skip
    assert not Invoice.objects.exists()
    done = world.confirms_file(run)
    assert sides(done.counts)["left"] == ("36.70", "36.70", "0.00")
    bill = Invoice.objects.get()
    assert (bill.number, bill.month, bill.total, bill.paid, bill.left) == (
        "A-17", date(2026, 6, 1), Decimal("66.70"), Decimal("30.00"), Decimal("36.70"),
    )  # fmt: skip
    assert [(one.amount, one.on) for one in Payment.objects.all()] == [(Decimal("30.00"), date(2026, 7, 20))]
    first, second = bill.lines.order_by("order")
    assert (first.of_activity, first.food, first.minutes) == (world.wednesdays, Decimal("10.00"), 1920)
    assert (second.of_activity, second.food, second.minutes) == (None, None, None)
    assert not Message.objects.exists()
    assert not waiting_bills().exists()
    assert [one.hold for one in late_bills(TODAY)] == ["brought"]  # type: ignore[attr-defined]


def test_the_home_is_told_where_an_agent_wants_it(world):
    world.confirms_file(world.sends(*world.rows()), tell=True)
    mail = Message.objects.get()
    assert (mail.kind, "juin 2026" in mail.subject) == ("billing/invoice_there", True)


def test_the_statement_of_the_year_counts_what_was_paid_there(world):
    """5 % of what was asked is paid: care and food in proportion, to the cent."""
    world.brings(*world.rows())
    [statement] = statements_of(Invoice.objects.all(), family_id=world.roy.family.pk, day=TODAY)
    assert (statement.year, statement.total) == (2026, Decimal("30.00"))
    zoe, home = statement.children
    assert zoe.amounts == {Part.CARE: Decimal("17.99"), Part.FOOD: Decimal("4.50")}
    assert home.amounts == {Part.OTHER: Decimal("7.51")}


def test_what_the_caf_reads_of_the_month_holds_it(world):
    world.brings(*world.rows())
    wanted = Wanted((world.the_structure.pk,), (date(2026, 6, 1),), date(2026, 6, 30), TODAY)
    found = participations(wanted, {world.the_authority.pk})
    [(key, one)] = found.cells.items()
    assert key.activity_id == world.wednesdays.pk
    assert (one.billed, one.paid, one.minutes, one.days) == (Decimal("50.00"), Decimal("22.49"), 1920, 0)
    assert found.apart == Decimal("16.70")


def test_twice_changes_nothing_and_what_is_paid_since_stays(world):
    world.brings(*world.rows())
    with pytest.raises(ImportRefused, match="already"):
        world.brings(*world.rows())
    again = world.brings(*world.rows(paid="30.0"))
    assert (again.counts["same"], again.counts["created"]) == (1, 0)
    assert sides(again.counts)["paid"] == ("30.00", "30.00", "0.00")
    earlier = world.sends(*world.rows(paid="", on=""))
    assert world.problems(earlier) == []
    assert sides(world.report(earlier).counts)["paid"] == ("0.00", "30.00", "30.00")
    [said] = world.problems(world.sends(*world.rows(paid="40,00")))
    assert said.startswith(
        "Ligne 2 : la facture « A-17 » est déjà là, payée de 30,00 €, et le fichier dit 40,00 €"
    )
    assert Payment.objects.count() == 1


def test_all_that_is_wrong_is_told_at_once(world):
    roy = world.numbers[0]
    *said, quantity, here = world.problems(
        world.sends(
            f"A-1;{roy};06/2026;05/07/2026;04/08/2026;Zoé;Cantine;Repas;2;4,00;8,00;8,00;9,00;;8,10;",
            f"A-2;{roy};07/2026;05/08/2026;04/09/2026;Zoé;Cantine;Repas;2;4,00;8,00;8,00;-1,00;02/12/2026;;x",
            f"A-3;{roy};09/2026;05/10/2026;04/11/2026;Zoé;Cantine;Repas;2;4,00;8,00;8,00;;;;",
        )
    )
    assert said == [
        "Ligne 2 : le montant payé, 9,00 €, dépasse le total de la facture, 8,00 €.",
        "Ligne 2 : colonne « payée le » : écrivez le jour où ce montant a été payé.",
        "Ligne 2 : la part du repas, 8,10 €, dépasse le montant de la ligne, 8,00 €.",
        "Ligne 3 : un paiement n’est pas négatif.",
        "Ligne 3 : la date du 2 décembre 2026 n’est pas encore venue.",
    ]
    assert quantity.startswith("Ligne 3 : « x », colonne « heures », n’est pas une quantité")
    assert here.startswith("Ligne 4 : les factures de septembre 2026 sont faites par Marelle")
    assert not InvoiceLine.objects.exists()


def test_a_correction_keeps_what_was_paid(world):
    world.brings(*world.rows())
    one, two = world.rows()
    world.brings(one.replace("4;12,50;50,00;66,70", "3;12,50;37,50;54,20"), two, correction=True)
    bill = Invoice.objects.get()
    assert (bill.total, bill.paid) == (Decimal("54.20"), Decimal("30.00"))
