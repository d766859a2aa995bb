"""Which day of which structure to close, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from marelle.flows.closing import REASON_LENGTH
from marelle.places.models import Structure

BIGGEST_ID = 2**63 - 1


class DayForm(forms.Form):
    """`creneau` narrows to one opening."""

    structure = forms.ModelChoiceField(
        label=_("Structure"),
        queryset=Structure.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": _("Choisissez dans la liste.")},
    )
    jour = forms.DateField(
        label=_("Jour à fermer"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Donnez une date, par exemple 02/12/2026.")},
    )
    creneau = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST_ID, widget=forms.HiddenInput)

    def __init__(self, *args: Any, structures: QuerySet[Structure], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["structure"].queryset = structures  # type: ignore[attr-defined]
        self.fields["jour"].widget.attrs["min"] = today.isoformat()

    def clean_jour(self) -> date:
        day: date = self.cleaned_data["jour"]
        if day < self.today:
            raise forms.ValidationError(_("Ce jour est passé : il ne peut plus être fermé."))
        return day


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Raison de la fermeture"),
        help_text=_("Les familles la liront dans le planning et par courriel. Ni nom ni santé."),
        max_length=REASON_LENGTH,
        error_messages={"required": _("Donnez une raison : les familles la liront.")},
    )
