"""Which gauges the slots of an activity draw on: one list to tick a cell, one form for all of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from marelle.activities.services import Cell, DrawChange, Draws
from marelle.agents.activities.forms.edit import show_anew


class DrawsForm(forms.Form):
    """`cells` are those of the grid, each with its name; those of `kept` slots are not shown to be changed.

    `seen` carries what each other cell showed: one that is sent as it was shown is no change.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        cells: Mapping[Cell, str],
        choices: Sequence[tuple[int, str]],
        held: Draws,
        kept: Collection[int],
    ) -> None:
        self.cells, self.kept = list(cells), kept
        shown = {cell: gauges for cell, gauges in held.items() if cell[0] not in kept}
        super().__init__(data, initial={"seen": _text(shown)})
        for cell, label in cells.items():
            self.fields[field_name(cell)] = forms.TypedMultipleChoiceField(
                label=label,
                choices=choices,
                coerce=int,
                required=False,
                initial=sorted(held.get(cell, ())),
                widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": gettext_lazy("Choisissez dans la liste.")},
            )

    def changes(self) -> list[DrawChange]:
        seen = self._seen(self.cleaned_data["seen"])
        asked = {cell: frozenset(self.cleaned_data[field_name(cell)]) for cell in self.cells}
        return [
            DrawChange(cell, seen.get(cell, frozenset()), gauges)
            for cell, gauges in asked.items()
            if gauges != seen.get(cell, frozenset())
        ]

    def is_shown(self, cell: Cell) -> bool:
        """Whether a cell is there to be changed: what was typed stays, even where it is refused."""
        return cell[0] not in self.kept or bool(self[field_name(cell)].errors)

    def show_again(self, meanwhile: Draws) -> None:
        """Sent back: a cell that another changed is shown from what is there now, and one that can be changed
        no more is shown no more."""
        seen = {**self._seen(self.data.get("seen", "")), **meanwhile}
        show_anew(self, "seen", _text({cell: seen[cell] for cell in seen if self.is_shown(cell)}))

    def _seen(self, sent: str) -> dict[Cell, frozenset[int]]:
        """What the page showed, as the browser sends it back; nonsense is nothing shown."""
        found: dict[Cell, set[int]] = {cell: set() for cell in self.cells}
        try:
            for slot, group, gauge in json.loads(sent):
                found[int(slot), int(group)].add(int(gauge))
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            return {}
        return {cell: frozenset(gauges) for cell, gauges in found.items()}


def field_name(cell: Cell) -> str:
    return f"c-{cell[0]}-{cell[1]}"


def _text(held: Draws) -> str:
    return json.dumps([[*cell, gauge] for cell, gauges in held.items() for gauge in sorted(gauges)])
