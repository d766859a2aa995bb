"""A list to read, to print or to open in a spreadsheet: columns, and rows of a few lines each. Pure.

One listing makes the page, the PDF, the CSV and the XLSX, so that they never differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How a line of a cell is read: `ALERT` is what nobody may overlook, and never told by colour alone."""

    PLAIN = "plain"
    STRONG = "strong"
    SMALL = "small"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    weight: Weight = Weight.PLAIN


Cell = tuple[Piece, ...]
NOTHING: Cell = ()


@dataclass(frozen=True, slots=True)
class Column:
    """`share` is its part of the width; `number`: whole numbers alone; `by_hand`: filled in on paper."""

    title: str
    share: int = 2
    number: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """`facts` stand under the title, `notes` under the table, `footer` on each page of the print.

    `wide`: printed on its side. `name` is that of the file, without its ending.
    """

    title: str
    name: str
    facts: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]
    footer: str
    author: str
    wide: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """Those of a page, where nothing is filled in by hand."""
        return tuple(column.title for column in self.columns if not column.by_hand)


def cell(*texts: str, weight: Weight = Weight.PLAIN) -> Cell:
    """The texts that say something, a line each."""
    return tuple(Piece(text, weight) for text in texts if text)


def number_cell(number: int, weight: Weight = Weight.PLAIN) -> Cell:
    """0 is left blank: a column of noughts hides what is there."""
    return (Piece(str(number), weight),) if number else NOTHING


def spread(listing: Listing) -> list[list[str | int]]:
    """The rows of a spreadsheet, headings first."""
    headings: list[str | int] = [column.title for column in listing.columns]
    return [
        headings,
        *(
            [_value(one, number=column.number) for one, column in zip(row, listing.columns, strict=True)]
            for row in listing.rows
        ),
    ]


def _value(one: Cell, *, number: bool) -> str | int:
    text = "\n".join(piece.text for piece in one)
    return int(text or 0) if number else text
