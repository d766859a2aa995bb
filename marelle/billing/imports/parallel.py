"""A month that two programs bill: what differs, home by home and activity by activity. Pure.

Columns: docs/moving.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from marelle.billing.imports import values
from marelle.billing.imports.reader import Reader
from marelle.core.money import CENT, ZERO
from marelle.core.tabular import Column, Problem, Row

COLUMNS: Final = (
    Column(
        "family",
        "famille",
        ("dossier", "numéro de famille", "numéro de dossier", "n° famille"),
        required=False,
    ),
    Column("child", "enfant", ("prénom et nom", "nom de l’enfant"), required=False),
    Column("activity", "activité", ("prestation",)),
    Column("quantity", "quantité", ("qté", "nombre")),
    Column("amount", "montant", ("montant de la ligne", "total")),
)
TITLES: Final = {column.code: column.title for column in COLUMNS}


class Why(StrEnum):
    """What of a home in an activity the two say, and why it probably differs."""

    SAME = "same"
    QUANTITY = "quantity"
    """As much for each, another number of them."""
    PRICE = "price"
    """As many, at another price."""
    BOTH = "both"
    THERE = "there"
    """Nothing of it here."""
    HERE = "here"
    """Nothing of it there."""


class Key(NamedTuple):
    """A home in an activity: `home`, the id of one that is known, else the words of the file; `activity`, its
    name in plain letters."""

    home: int | str
    activity: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What is charged: how many, and how much, in euros."""

    quantity: Decimal = ZERO
    amount: Decimal = ZERO

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.quantity + other.quantity, self.amount + other.amount)


NOTHING: Final = Sum()


@dataclass(frozen=True, slots=True)
class Compared:
    """`ours` and `theirs` are None of what one of the two knows nothing of."""

    key: Key
    ours: Sum | None
    theirs: Sum | None

    @property
    def gap(self) -> Decimal:
        """How much more is asked here, in euros."""
        return (self.ours or NOTHING).amount - (self.theirs or NOTHING).amount

    @property
    def why(self) -> Why:
        """By the amounts alone whether it differs: what costs the same is the same, however it is counted."""
        ours, theirs = self.ours or NOTHING, self.theirs or NOTHING
        if ours.amount == theirs.amount:
            return Why.SAME
        if self.ours is None or self.theirs is None:
            return Why.THERE if self.ours is None else Why.HERE
        if ours.quantity == theirs.quantity:
            return Why.PRICE
        return Why.QUANTITY if _is_of_one_price(ours, theirs) else Why.BOTH


def _is_of_one_price(one: Sum, other: Sum) -> bool:
    """To half a cent on each unit, since each amount was rounded."""
    if not (one.quantity and other.quantity):
        return True
    apart = abs(one.amount * other.quantity - other.amount * one.quantity)
    return apart <= CENT / 2 * (abs(one.quantity) + abs(other.quantity))


def compared(ours: Mapping[Key, Sum], theirs: Mapping[Key, Sum]) -> list[Compared]:
    """All that one of the two says, in no order. What neither charges is not told."""
    found = (Compared(key, ours.get(key), theirs.get(key)) for key in ours.keys() | theirs.keys())
    return [one for one in found if (one.ours or NOTHING).amount or (one.theirs or NOTHING).amount]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file. `child`: both names, where no family is said."""

    line: int
    family: str
    child: str
    activity: str
    sum: Sum


@dataclass(frozen=True, slots=True)
class ParallelRead:
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]


def parallel_read(rows: Sequence[Row]) -> ParallelRead:
    lines: list[Line] = []
    problems: list[Problem] = []
    for row in rows:
        reader = Reader(row, TITLES)
        if row.extra:
            reader.say("extra_cells")
        family = reader.read("family", lambda text: values.short(text, 40), required=False) or ""
        child = reader.read("child", lambda text: values.short(text, 160), required=False) or ""
        activity = reader.read("activity", lambda text: values.short(text, 120))
        quantity, amount = reader.read("quantity", values.quantity), reader.read("amount", values.amount)
        if not row.get("family") and not row.get("child"):
            reader.say("whose_line")
        problems += reader.problems
        if not reader.problems and activity and quantity is not None and amount is not None:
            lines.append(Line(row.line, family, child, activity, Sum(quantity, amount)))
    return ParallelRead(tuple(lines), tuple(problems))


def summed(found: Iterable[tuple[Key, Sum]]) -> dict[Key, Sum]:
    sums: dict[Key, Sum] = defaultdict(lambda: NOTHING)
    for key, one in found:
        sums[key] += one
    return dict(sums)
