"""Over which days, and from how many on. What is wrong is told, and shows nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.settings.journal.forms import A_DAY, WITHIN
from marelle.agents.settings.setting import SettingForm
from marelle.flows.journal.bounds import LEAST, MOST, bounds_told
from marelle.flows.journal.watching_rules import Bounds
from marelle.ui.forms import NumberField

AT_MOST: Final = timedelta(days=92)
"""A quarter: what is counted grows with it."""


class DaysForm(forms.Form):
    du = forms.DateField(
        label=gettext_lazy("Du"), widget=forms.DateInput(A_DAY, "%Y-%m-%d"), validators=WITHIN
    )
    au = forms.DateField(
        label=gettext_lazy("Au"), widget=forms.DateInput(A_DAY, "%Y-%m-%d"), validators=WITHIN
    )

    def clean_au(self) -> date:
        first: date | None = self.cleaned_data.get("du")
        last: date = self.cleaned_data["au"]
        if first is not None and last < first:
            raise forms.ValidationError(_("Le dernier jour est avant le premier."))
        if first is not None and last - first >= AT_MOST:
            raise forms.ValidationError(_("Trois mois au plus à la fois."))
        return last

    def days(self) -> tuple[date, date]:
        return self.cleaned_data["du"], self.cleaned_data["au"]


LABELS: Final = {
    "many": gettext_lazy("Fiches d’enfants différents en une heure"),
    "incomes": gettext_lazy("Foyers dont les revenus sont lus en une heure"),
    "at_night": gettext_lazy("Fiches et foyers en une nuit, de 22\u00a0h à 6\u00a0h"),
    "lists": gettext_lazy("Enfants montrés par des listes en une heure"),
}


class BoundsForm(SettingForm):
    def __init__(self, data: Mapping[str, Any] | None, *, bounds: Bounds) -> None:
        held = bounds_told(bounds)
        super().__init__(data, initial={"seen": json.dumps(held)})
        least, most = bounds_told(LEAST), bounds_told(MOST)
        for kind, label in LABELS.items():
            told = {"least": least[kind], "most": most[kind]}
            self.fields[kind] = NumberField(
                label=label,
                initial=held[kind],
                min_value=least[kind],
                max_value=most[kind],
                help_text=_("De %(least)d à %(most)d.") % told,
            )

    def bounds(self) -> Bounds:
        return Bounds(**{kind: self.cleaned_data[kind] for kind in LABELS})
