"""Bills of every kind, as pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.tresor.csv import CsvExporter
from marelle.billing.tresor.making import budgets_of, piece_of
from marelle.billing.tresor.pes import PesExporter
from marelle.billing.tresor.pieces import Bill, BillLine, Bordereau, Numbers, Origin, Sender, Sort, Terms

PDF = b"%PDF-1.7\n1 0 obj << /Type /Page >> endobj\n%%EOF"
SIRET = "22210001800019"
SENDER = Sender("VAL ARELLE", "1 place de la Mairie 21999 Arelle", "021030", "21210001000017", "123", "01")
TERMS = Terms(
    post="021030", collection="123", acronym="VAL ARELLE", period="last_digit", budgets={"": "01"},
    products={"": "PERI", "7067": "CANT"},
)  # fmt: skip
DAY = date(2026, 11, 29)
CAMILLE = Addressed(
    last_name="Durand", reference="F-00012", first_name="Camille", civility="mrs",
    street="4 rue du Lavoir", postal_code="21999", city="Arelle", birth_date=date(1988, 2, 29),
)  # fmt: skip
DEPARTMENT = Addressed(
    last_name="Département de la Côte-d’Or", reference="P3", kind=PayerKind.DEPARTMENT, siret=SIRET,
    street="53 bis rue de la Préfecture", postal_code="21000", city="Dijon",
)  # fmt: skip


def line(amount: str = "12.30", account: str = "7067", **fields: Any) -> BillLine:
    return BillLine(
        account, "", fields.get("vat", Decimal(0)), Decimal(amount), fields.get("activity", "Restauration")
    )


def bill(number: int = 1, addressed: Addressed = CAMILLE, *lines: BillLine, **fields: Any) -> Bill:
    lines = lines or (line(),)
    total = sum((one.amount for one in lines), Decimal("0.00"))
    month = date(2026, 10, 1)
    made = Bill(number, f"2026-{number:06d}", month, date(2026, 11, 10), total, addressed, lines)
    return replace(made, **fields)


def origin_of(one: Bill, piece: int = 1) -> Origin:
    from marelle.billing.tresor.making import line_numbers

    return Origin(2026, piece, line_numbers(one.lines))


def file_of(bills: Sequence[Bill], sort: Sort = Sort.ROLE, terms: Terms = TERMS, *, exporter=None) -> bytes:
    """Of bills in which nothing was found."""
    assert all(budgets_of(one, terms) == {SENDER.budget} for one in bills)
    if sort != Sort.REDUCTIONS:
        terms = replace(terms, sort=sort)
    pieces = [
        piece_of(one, Numbers(rank, f"2610{rank:07d}"), sort=sort, exercise=2026, sender=SENDER, terms=terms)
        for rank, one in enumerate(bills, 1)
    ]
    bordereau = Bordereau(
        sort, SENDER, 2026, 7, DAY, "Enfance et jeunesse", len(pieces),
        sum((one.net for one in pieces), Decimal("0.00")), sum((one.tax for one in pieces), Decimal("0.00")),
    )  # fmt: skip
    out = BytesIO()
    (exporter or PesExporter()).write(out, bordereau, lambda: iter(pieces), lambda _pk: PDF)
    return out.getvalue()


def table_of(bills: Sequence[Bill], sort: Sort = Sort.ROLE) -> str:
    return file_of(bills, sort, exporter=CsvExporter()).decode("utf-8-sig")
