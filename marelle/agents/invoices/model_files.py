"""CSV to begin from: the titles of the columns, and lines as they are to be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from marelle.billing.imports import balances, drafts, mandates, parallel
from marelle.billing.models import ImportRun
from marelle.core.tabular import Column

Kind = ImportRun.Kind

MODELS: Final[dict[str, tuple[str, Sequence[Column], Sequence[Sequence[str]]]]] = {
    "soldes": (
        Kind.BALANCES,
        balances.COLUMNS,
        (
            ("F00001", "45,20", "31/08/2026", "", "", "", ""),
            ("F00002", "-12,00", "31/08/2026", "", "Trop-perçu de juin", "7067", ""),
        ),
    ),
    "factures": (
        Kind.PAST,
        drafts.PAST_COLUMNS,
        (
            (
                "2026-00123",
                "F00001",
                "06/2026",
                "05/07/2026",
                "04/08/2026",
                "Restauration",
                "Repas",
                "12",
                "4,35",
                "52,20",
                "66,70",
                "Zoé",
                "",
                "",
                "30,00",
                "20/07/2026",
                "52,20",
                "",
            ),
            (
                "2026-00123",
                "",
                "",
                "",
                "",
                "Mercredis",
                "Matin",
                "2",
                "7,25",
                "14,50",
                "",
                "Léo",
                "",
                "",
                "",
                "",
                "0,00",
                "8",
            ),
        ),
    ),
    "mois": (
        Kind.PARALLEL,
        parallel.COLUMNS,
        (
            ("F00001", "", "Restauration", "12", "52,20"),
            ("", "Léo Martin", "Mercredis", "2", "14,50"),
        ),
    ),
    "mandats": (
        Kind.MANDATES,
        mandates.COLUMNS,
        (
            (
                "F00001",
                "RUM-2024-0001",
                "FR14 2004 1010 0505 0001 3M02 606",
                "PSSTFRPPPAR",
                "Camille Durand",
                "03/05/2024",
                "05/08/2026",
                "RCUR",
                "4 rue du Lavoir",
                "21999",
                "Arelle",
                "",
            ),
        ),
    ),
}
"""By the word of their address: what they are of, their columns and their lines."""


def rows_of(word: str) -> list[Sequence[str]] | None:
    """None for a word that is of no model."""
    if word not in MODELS:
        return None
    _kind, columns, lines = MODELS[word]
    return [[column.title for column in columns], *lines]


def words_of() -> dict[str, str]:
    """By kind of import, the word of its model."""
    return {kind: word for word, (kind, _columns, _lines) in MODELS.items()}
