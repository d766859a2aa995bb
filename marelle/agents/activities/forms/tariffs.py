"""A grid of prices: sets of slots in rows, brackets of quotient in columns, typed or pasted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise, zip_longest
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.fields import DayField
from marelle.agents.activities.prices.forms.common import (
    LedgerFields,
    StartedFields,
    VoteFields,
    WhoFields,
    order_field,
)
from marelle.agents.activities.prices.forms.written import (
    HIGHEST_LIMIT,
    NUMBER,
    bare,
    begins,
    crossing,
    euros_read,
    is_bracket,
)
from marelle.core.converters import id_read
from marelle.core.money import NotAnAmount, parse_decimal
from marelle.pricing.amounts import Amount, Bracket, Brackets, Fixed
from marelle.pricing.labels import bracket_labels, slots_label
from marelle.pricing.tariffs import Slots, Started

MOST_ROWS: Final = 12
MOST_COLUMNS: Final = 20
MOST_SLOTS: Final = 4
"""Beyond, of sets of three slots and more, only those that follow each other are offered."""
BETWEEN: Final = re.compile(r"[;\t\n\r]+|,(?=[ \t])|,$")
NOTHING: Final[tuple[object, ...]] = (None, "", [])
ASKED: Final = {
    "name": gettext_lazy("Donnez un nom, par exemple «\u00a0Demi-journée\u00a0»."),
    "sets": gettext_lazy("Cochez au moins un créneau."),
    "c": gettext_lazy("Donnez un prix\u00a0; 0 si c’est gratuit."),
}


Row = tuple[str, tuple[str, ...], tuple[str, ...], int | None]
"""Its name, its sets, its prices, and the tariff that it takes the place of."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form begins with, as it is typed."""

    limits: str = ""
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the form that is filled in."""

    name: str
    sets: tuple[Slots, ...]
    amount: Amount
    replaces: int | None


class AmountField(forms.CharField):
    """Euros of a cell; an empty one is refused, since nobody knows whether it was meant to be free."""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        return euros_read(text) if text else None


class LimitsField(forms.CharField):
    """Where each bracket of quotient begins, in order, the first at 0; nothing: one price for all."""

    def clean(self, value: Any) -> tuple[Decimal, ...]:
        texts = pieces(super().clean(value))
        try:
            limits = tuple(parse_decimal(text) for text in texts)
        except NotAnAmount as error:
            raise ValidationError(
                _("«\u00a0%(text)s\u00a0» n’est pas un quotient\u00a0: donnez des nombres.")
                % {"text": str(error)[:40]}
            ) from error
        if len(limits) > MOST_COLUMNS:
            raise ValidationError(_("Donnez au plus %(n)d tranches.") % {"n": MOST_COLUMNS})
        if limits and limits[0] != 0:
            raise ValidationError(_("La première tranche commence à 0."))
        for before, after in pairwise(limits):
            if after <= before:
                told = {"before": bare(before), "after": bare(after)}
                raise ValidationError(
                    _("Les tranches vont en montant\u00a0: %(after)s vient après %(before)s.") % told
                )
        if any(limit > HIGHEST_LIMIT or limit != round(limit, 2) for limit in limits):
            raise ValidationError(_("Un quotient a au plus six chiffres, et deux après la virgule."))
        return limits


class TariffForm(LedgerFields, VoteFields, StartedFields, WhoFields):
    """Dates, whom and the vote are said once, for all rows. `colle` fills the rows; it is never saved."""

    colle = forms.CharField(
        label=gettext_lazy("Coller une grille d’un tableur"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Sur la première ligne, où commence chaque tranche\u00a0; puis une ligne par tarif\u00a0: "
            "son nom, ses prix. Ou une ligne par tranche, et les tarifs en colonnes."
        ),
    )
    limites = LimitsField(
        label=gettext_lazy("Où commence chaque tranche de quotient"),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "Par exemple 0\u00a0; 360\u00a0; 565. Rien\u00a0: un même prix pour tous les quotients."
        ),
    )
    since = DayField(label=gettext_lazy("À partir du"))
    until = DayField(label=gettext_lazy("Jusqu’au"), required=False)
    order = order_field()
    seen = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    use_required_attribute = False
    """A button that only fills the grid is no save: the browser would keep it from being pressed."""

    def __init__(
        self,
        data: Any,
        *,
        slots: Mapping[int, str],
        filled: Filled,
        kept: Mapping[str, Any],
        one_more: bool = False,
        started: Started | None = None,
    ) -> None:
        """`filled` says how many rows and columns there are; `kept`: what else was typed or is there, of the
        minutes `started` of those that end."""
        super().__init__(data, initial={**kept, "limites": filled.limits})
        self.set_minutes(started)
        self.columns = min(columns_of(filled), MOST_COLUMNS)
        wanted = max(1, len(filled.rows) + one_more)
        self.choices = [(_code(one), slots_label(one, slots)) for one in sets_of(list(slots))]
        self.replaced = [row[3] for row in filled.rows][:MOST_ROWS]
        self.size = min(wanted, MOST_ROWS)
        self.replaced += [None] * (self.size - len(self.replaced))
        empty = ("", (), (), None)
        for number in range(self.size):
            name, sets, prices, _old = filled.rows[number] if number < len(filled.rows) else empty
            self._add_row(number, name, sets, prices)

    def _add_row(self, number: int, name: str, sets: Sequence[str], prices: Sequence[str]) -> None:
        """The first row is wanted; another is left empty, or filled in whole."""
        wanted = number == 0
        self.fields[f"name-{number}"] = forms.CharField(
            label=_("Nom du tarif"),
            required=wanted,
            max_length=120,
            initial=name,
            error_messages={"required": ASKED["name"]},
        )
        self.fields[f"sets-{number}"] = forms.MultipleChoiceField(
            label=_("Créneaux qui ont ce prix"),
            choices=self.choices,
            required=wanted,
            initial=list(sets),
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "required": ASKED["sets"],
                "invalid_choice": gettext_lazy("Choisissez dans la liste."),
            },
        )
        for column, heading in enumerate(self.headings):
            self.fields[f"c-{number}-{column}"] = AmountField(
                label=heading,
                required=wanted,
                max_length=40,
                initial=prices[column] if column < len(prices) else "",
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                error_messages={"required": ASKED["c"]},
            )

    @property
    def headings(self) -> tuple[str, ...]:
        """Of the columns: by their brackets where those can be read, else by their number."""
        try:
            limits = self.fields["limites"].clean(self["limites"].value())
        except ValidationError:
            return tuple(_("Tranche %(n)d") % {"n": n + 1} for n in range(self.columns))
        return (
            bracket_labels(limits)
            if self._has_columns_of(limits)
            else tuple(_("Tranche %(n)d") % {"n": n + 1} for n in range(self.columns))
        )

    def _has_columns_of(self, limits: Sequence[Decimal]) -> bool:
        return max(1, len(limits)) == self.columns

    @property
    def rows(self) -> list[dict[str, Any]]:
        """To be shown: the fields of each."""
        return [
            {
                "name": self[f"name-{number}"],
                "sets": self[f"sets-{number}"],
                "cells": [self[f"c-{number}-{column}"] for column in range(self.columns)],
                "replaces": self.replaced[number] or "",
            }
            for number in range(self.size)
        ]

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        self.check_vote()
        self.check_started()
        limits = found.get("limites", ())
        if "limites" not in self.errors and not self._has_columns_of(limits):
            told = {"prices": self.columns, "brackets": len(limits)}
            self.add_error("limites", _("Il y a %(prices)d prix par ligne et %(brackets)d tranches.") % told)
        for number in range(1, self.size):
            names = [f"name-{number}", f"sets-{number}", *self._cells(number)]
            for name in names if self._is_filled(number) else ():
                if name not in self.errors and found.get(name) in NOTHING:
                    self.add_error(name, ASKED[name.split("-")[0]])
        return found

    def _is_filled(self, number: int) -> bool:
        names = [f"name-{number}", f"sets-{number}", *self._cells(number)]
        return any(name in self.errors or self.cleaned_data.get(name) not in NOTHING for name in names)

    def _cells(self, number: int) -> list[str]:
        return [f"c-{number}-{column}" for column in range(self.columns)]

    def lines(self) -> list[Line]:
        """Of a form that is right, the rows that are filled in."""
        return [self._line(number) for number in range(self.size) if self._is_filled(number)]

    def _line(self, number: int) -> Line:
        found = self.cleaned_data
        prices = [found[cell] for cell in self._cells(number)]
        limits = found["limites"]
        brackets = tuple(Bracket(*pair) for pair in zip(limits, prices, strict=True)) if limits else ()
        return Line(
            name=found[f"name-{number}"],
            sets=tuple(frozenset(map(int, code.split("-"))) for code in found[f"sets-{number}"]),
            amount=Brackets(brackets) if len(brackets) > 1 else Fixed(prices[0]),
            replaces=self.replaced[number],
        )


def pieces(text: str) -> list[str]:
    """ "0, 360 ; 565": each number of a list; a comma within one is its own, and so is the space of "1 200",
    unless spaces are all that stands between them."""
    found = [piece for part in BETWEEN.split(text) if (piece := part.strip())]
    return found[0].split(" ") if len(found) == 1 and found[0].startswith("0 ") else found


def pasted(text: str, before: Filled) -> Filled:
    """The rows of a spreadsheet, as they were written: a form checks each cell. A row of the same name keeps
    its slots."""
    lines = _grid(text)
    limits = before.limits
    if lines and (not lines[0][0] or not _has_price(lines[0])):
        limits = " ; ".join(begins(cell) for cell in lines[0][1:] if NUMBER.search(cell))
        lines = lines[1:]
    elif lines and len(lines[0]) > 2:
        limits = " ; ".join(begins(cell) for cell in lines[0][1:])
        lines = lines[1:]
    known = {row[0]: row for row in before.rows}
    rows = []
    for name, *prices in lines:
        _name, sets, _prices, replaced = known.get(name, ("", (), (), None))
        rows.append((name, sets, tuple(prices), replaced))
    named = {row[0] for row in rows}
    rows += [row for row in before.rows if row[0] not in named and _is_written(row)]
    return Filled(limits, tuple(rows))


def crossed(text: str) -> str:
    """Of a grid that is pasted, the brackets that overlap or leave a hole; "" where none does."""
    lines = _grid(text)
    return crossing([cell for cell in lines[0][1:] if NUMBER.search(cell)]) if lines else ""


def _is_written(row: Row) -> bool:
    name, sets, prices, replaced = row
    return bool(name or sets or any(prices) or replaced)


def columns_of(filled: Filled) -> int:
    """As many as there are brackets, or as prices that are written already: none is lost."""
    written = [n for row in filled.rows for n, price in enumerate(row[2], 1) if price]
    return max(1, len(pieces(filled.limits)), *written)


def too_large(filled: Filled) -> str:
    """Why a grid cannot be filled in so, "" when it can."""
    if len(filled.rows) > MOST_ROWS:
        return _("Une grille a au plus %(n)d lignes\u00a0: donnez le reste dans une autre.") % {
            "n": MOST_ROWS
        }
    if columns_of(filled) > MOST_COLUMNS:
        return _("Une grille a au plus %(n)d tranches.") % {"n": MOST_COLUMNS}
    return ""


def typed(data: Any) -> Filled:
    """What a form sent, whatever it is."""
    sent = data.get("lignes", "")
    count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 3 else 1
    rows = []
    for number in range(min(count, MOST_ROWS)):
        prices = [data.get(f"c-{number}-{column}", "") for column in range(MOST_COLUMNS)]
        name = data.get(f"name-{number}", "").strip()
        sets, replaced = data.getlist(f"sets-{number}"), id_read(data.get(f"r-{number}", ""))
        rows.append((name, tuple(sets), tuple(prices), replaced))
    return Filled(data.get("limites", ""), tuple(rows))


def _grid(text: str) -> list[list[str]]:
    """Its lines, each in cells; one that is published with a line a bracket is turned."""
    lines = [_cut(line) for line in text.splitlines() if line.strip(" \t;")]
    heads = [cells[0] for cells in lines[1:]]
    across = any(is_bracket(cell) for cell in lines[0][1:]) if lines else False
    if across or len(heads) < 2 or not all(map(is_bracket, heads)) or begins(heads[0]) != "0":
        return lines
    return [list(column) for column in zip_longest(*lines, fillvalue="")]


def _cut(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("\t" if "\t" in line else ";")]


def _has_price(cells: Sequence[str]) -> bool:
    return any(NUMBER.search(cell) for cell in cells[1:])


def sets_of(slots: Sequence[int]) -> list[Slots]:
    """Those that may have a price: each slot, then those that are held together."""
    found: list[Sequence[int]] = []
    for size in range(1, len(slots) + 1):
        if size <= 2 or len(slots) <= MOST_SLOTS:
            found += combinations(slots, size)
        else:
            found += (slots[first : first + size] for first in range(len(slots) - size + 1))
    return [frozenset(some) for some in found]


def _code(slots: Slots) -> str:
    return "-".join(map(str, sorted(slots)))


def code_of(slots: Slots) -> str:
    """How a set goes in the form."""
    return _code(slots)
