"""Invoices add up, to the cent, or their lines say what does not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.imports.drafts import COLUMNS, invoice_drafts
from marelle.billing.labels import problem_text
from marelle.billing.rules import amount_of
from marelle.core.tabular import table
from tests.billing.files import csv_of

NOVEMBER = date(2026, 11, 1)
GOOD = {
    "facture": "2026-1",
    "famille": "F00001",
    "mois": "2026-11",
    "émise le": "05/12/2026",
    "échéance": "31/12/2026",
    "enfant": "Zoé",
    "activité": "Restauration",
    "libellé": "Repas",
    "quantité": "2",
    "prix unitaire": "4,35",
    "montant": "8,70",
    "total": "8,70",
}


def row(**changes: str) -> str:
    titles = {"price": "prix unitaire", "issued": "émise le"}
    given_cells = {titles.get(name, name): value for name, value in changes.items()}
    return ";".join({**GOOD, **given_cells}.values())


def read(*rows: str):
    return invoice_drafts(table(csv_of(*rows).encode(), COLUMNS), NOVEMBER)


def test_an_invoice_of_several_lines_says_its_head_once():
    drafts, problems = read(
        row(total="9,20"),
        row(famille="", mois="", issued="", échéance="", quantité="0,5", price="1", montant="0,5", total=""),
        row(facture="2026-2"),
    )
    assert problems == []
    assert [(draft.number, draft.total, len(draft.lines)) for draft in drafts] == [
        ("2026-1", Decimal("9.20"), 2),
        ("2026-2", Decimal("8.70"), 1),
    ]
    assert drafts[0].month == NOVEMBER
    assert drafts[0].issued_on == date(2026, 12, 5)


def test_what_is_given_back_is_a_negative_line():
    drafts, problems = read(
        row(total="4,35"), row(quantité="-1", montant="-4,35", total=""), row(facture="2026-2")
    )
    assert problems == []
    assert drafts[0].lines[1].amount == Decimal("-4.35")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total": "8,71"}, "le total est de 8,71 €, et les lignes font 8,70 €."),
        ({"montant": "8,71"}, "le montant est de 8,71 €, et la quantité multipliée par le prix unitaire"),
        (
            {"mois": "2026-10"},
            "le mois de la facture (octobre 2026) n’est pas celui de l’import (novembre 2026).",
        ),
        ({"mois": "demain"}, "« demain », colonne « mois », n’est pas un mois"),
        ({"issued": "31/02/2026"}, "« 31/02/2026 », colonne « émise le », n’est pas une date"),
        ({"issued": "01/01/1850"}, "cette année n’est pas possible"),
        ({"échéance": "01/12/2026"}, "l’échéance vient avant l’émission."),
        ({"quantité": "deux"}, "« deux », colonne « quantité », n’est pas une quantité"),
        ({"quantité": "0,333"}, "n’est pas une quantité"),
        ({"price": "=4,35"}, "« =4,35 », colonne « prix unitaire », n’est pas un montant"),
        ({"montant": "8,705"}, "n’est pas un montant"),
        ({"total": "99999999999"}, "n’est pas un montant"),
        ({"facture": ""}, "la colonne « facture » est vide."),
        ({"facture": "../../etc/passwd"}, "n’est pas un numéro de facture"),
        ({"facture": "<b>1</b>"}, "n’est pas un numéro de facture"),
        ({"activité": ""}, "la colonne « activité » est vide."),
        ({"activité": "x" * 121}, "compte plus de 120 signes"),
        ({"libellé": "é" * 161}, "compte plus de 160 signes"),
        ({"total": "-8,70"}, "le total est négatif (-8,70 €)"),
        ({"total": "8,70;"}, None),
        ({"total": "8,70;surplus"}, "plus de colonnes que l’en-tête"),
    ],
)
def test_a_bad_line_says_why(changes, said):
    drafts, problems = read(row(**changes), row(facture="2026-9"))
    assert [draft.number for draft in drafts if draft.number == "2026-9"] == ["2026-9"]
    if said is None:
        assert problems == []
        return
    texts = [problem_text(problem).replace("\u00a0", " ") for problem in problems]
    assert any(text.startswith("Ligne 2 : ") and said in text for text in texts), texts
    assert len(drafts) == 1


def test_a_number_that_comes_back_is_refused():
    drafts, problems = read(row(), row(facture="2026-2"), row())
    assert [draft.number for draft in drafts] == ["2026-1", "2026-2"]
    assert "est déjà à la ligne 2" in problem_text(problems[0])


def test_lines_of_an_invoice_that_disagree_are_refused():
    drafts, problems = read(row(total="17,40"), row(famille="F00002", total="17,40"))
    assert drafts == []
    assert "la colonne « famille » n’est pas celle de la ligne 2" in problem_text(problems[0])


LINES = st.lists(
    st.tuples(st.decimals(-99, 999, places=2), st.decimals(0, 99, places=4)), min_size=1, max_size=6
)


@given(LINES, st.sampled_from(["0.01", "-0.01", "1"]))
def test_only_what_adds_up_to_the_cent_is_taken(lines, off):
    amounts = [amount_of(quantity, price) for quantity, price in lines]
    total = sum(amounts)
    for shown, right in ((total, True), (total + Decimal(off), False)):
        rows = [
            row(quantité=f"{quantity:f}", price=f"{price:f}", montant=f"{amount:f}", total=f"{shown:f}")
            for (quantity, price), amount in zip(lines, amounts, strict=True)
        ]
        drafts, problems = read(*rows)
        assert bool(drafts) is (right and total >= 0)
        assert bool(problems) is not bool(drafts)
