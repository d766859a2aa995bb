"""From when until when bookings are suspended, why, and what becomes of those that are made."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.fields import DayField
from marelle.agents.desk.reasons import ReasonWidget
from marelle.enrolments.models import Enrolment

USUAL = timedelta(days=13)
"""Two weeks, first and last day included."""


class SuspendForm(forms.Form):
    """`answer` says which button was used; only to suspend is the rest read."""

    first = DayField(label=_("Du"), required=False)
    last = DayField(label=_("Au"), required=False)
    reason = forms.CharField(
        label=_("Raison"),
        help_text=_("La famille la lira dans son espace."),
        required=False,
        max_length=Enrolment._meta.get_field("suspension").max_length,
        widget=ReasonWidget(),
    )
    cancels = forms.BooleanField(label=_("Annuler ce qui est déjà réservé ces jours-là"), required=False)
    answer = forms.ChoiceField(
        choices=[("suspend", ""), ("warn", ""), ("leave", "")], widget=forms.HiddenInput
    )

    def __init__(self, data: Any, *, tomorrow: date) -> None:
        super().__init__(data, initial={"first": tomorrow, "last": tomorrow + USUAL})

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("answer") != "suspend":
            for name in ("first", "last", "reason"):
                self.errors.pop(name, None)
            return given
        for name in ("first", "last"):
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, _("Donnez une date, par exemple 02/12/2026."))
        return given
