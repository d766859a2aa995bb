"""What a home says of what it waits for, as the page posts it. Keys are looked for under the home's lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.bookings.waiting.joining import Unit

ACTS = ("together", "one", "apart", "leave")


class WaitsForm(forms.Form):
    """`ticked` are those that are said of, each with its choice; `key` is the one that a button is of."""

    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    key = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, data: Any, *, units: Sequence[Unit]) -> None:
        super().__init__(data)
        keys = [(str(unit.key), str(unit.key)) for unit in units]
        self.fields["ticked"] = forms.MultipleChoiceField(
            choices=keys,
            required=False,
            error_messages={"invalid_choice": _("Une de ces attentes vient de changer : relisez la page.")},
        )
        choices = [(str(number), str(number)) for number in range(1, len(units) + 1)]
        for unit in units:
            self.fields[f"rank-{unit.key}"] = forms.ChoiceField(choices=choices, required=False)

    def order(self) -> dict[int, int]:
        """By what was ticked, its choice; 0 of what has none."""
        ranks = self.cleaned_data
        return {int(key): int(ranks.get(f"rank-{key}") or 0) for key in ranks["ticked"]}
