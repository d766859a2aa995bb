"""What an authority has once: what is paid at once, and the resources that its effort rates count."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.fields import DayField
from marelle.agents.activities.prices.forms.written import HIGHEST_LIMIT
from marelle.ui.forms import EurosField


class ProductForm(forms.Form):
    """Its name; how much, for whom and from when are its tariffs."""

    name = forms.CharField(
        label=gettext_lazy("Nom"),
        max_length=120,
        help_text=gettext_lazy(
            "Par exemple «\u00a0Carte mensuelle de cantine\u00a0» ou «\u00a0Cotisation annuelle\u00a0»."
        ),
        error_messages={
            "required": gettext_lazy("Donnez un nom, par exemple «\u00a0Cotisation annuelle\u00a0».")
        },
    )


class ResourceBoundForm(forms.Form):
    """From a day on, what resources of a month count at least and at most."""

    since = DayField(
        label=gettext_lazy("À partir du"),
        help_text=gettext_lazy("Pour les contrats en cours aussi. Les jours d’avant gardent leur prix."),
    )
    floor = EurosField(HIGHEST_LIMIT, label=gettext_lazy("Plancher de ressources par mois"))
    ceiling = EurosField(HIGHEST_LIMIT, label=gettext_lazy("Plafond de ressources par mois"))
    seen = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, since: date, seen: str) -> None:
        super().__init__(data, initial={"since": since, "seen": seen})

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        floor, ceiling = found.get("floor"), found.get("ceiling")
        if floor is not None and ceiling is not None and ceiling < floor:
            self.add_error("ceiling", _("Le plafond est plus petit que le plancher."))
        return found
