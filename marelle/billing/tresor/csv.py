"""A plain table for a finance program: a row for each line of a piece, as spreadsheets here read it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import IO, Final

from marelle.billing.addressed import TRESOR_CODES
from marelle.billing.tresor.pieces import Bordereau, Piece
from marelle.core.tabular import csv_write

COLUMNS: Final = (
    "exercice", "bordereau", "nature", "date", "budget", "piece", "dette", "facture", "objet", "ligne",
    "produit", "compte", "libelle", "ht", "tva", "taux", "reference", "categorie", "nature juridique",
    "civilite", "nom", "prenom", "siret", "adresse 1", "adresse 2", "adresse 3", "cp", "ville", "pays",
    "piece d'origine", "ligne d'origine", "prelevement", "sequence", "rum", "mandat signe le", "titulaire",
    "iban", "bic",
)  # fmt: skip


class CsvExporter:
    ending = "csv"
    mime = "text/csv"

    def write(
        self,
        out: IO[bytes],
        bordereau: Bordereau,
        pieces: Callable[[], Iterable[Piece]],
        content: Callable[[int], bytes],  # noqa: ARG002 - a table has no PDF
    ) -> None:
        rows = (row for piece in pieces() for row in _rows(bordereau, piece))
        csv_write(out, chain([COLUMNS], rows))


def _rows(bordereau: Bordereau, piece: Piece) -> Iterable[list[str]]:
    debtor = piece.debtor
    codes = TRESOR_CODES[debtor.kind]
    debit = piece.debit
    drawn = [""] * 7
    if debit is not None:
        drawn = [
            debit.drawn_on.isoformat(), debit.sequence, debit.rum, debit.signed_on.isoformat(), debit.holder,
            debit.iban, debit.bic,
        ]  # fmt: skip
    for line in piece.lines:
        origin = ("", "") if line.origin is None else (str(line.origin[1]), str(line.origin[2]))
        yield [
            str(bordereau.exercise), str(bordereau.number), str(bordereau.sort),
            bordereau.issued_on.isoformat(), bordereau.sender.budget, str(piece.numbers.piece),
            piece.numbers.debt, piece.bill_number, piece.label, str(line.number), line.product, line.nature,
            line.label, f"{line.net:.2f}", f"{line.tax:.2f}", f"{line.rate:.2f}",
            debtor.reference, codes.category, codes.nature,
            debtor.civility, debtor.last_name, debtor.first_name, debtor.siret, *debtor.street,
            debtor.postal_code, debtor.city, debtor.country, *origin, *drawn,
        ]  # fmt: skip
