"""Over which weeks a week is repeated."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST: Final = timedelta(days=370)
"""A school year and its holidays; bookings do not open further ahead."""


class RepeatForm(forms.Form):
    """`week_end` is the last day of the week that is repeated: the span starts after it."""

    jusquau = forms.DateField(
        label=_("Jusqu’au"),
        help_text=_("Ce jour est compris."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={"invalid": _("Indiquez une date, par exemple 18/12/2026.")},
    )
    rythme = forms.TypedChoiceField(
        label=_("Rythme"),
        choices=[(1, _("toutes les semaines")), (2, _("une semaine sur deux"))],
        coerce=int,
        initial=1,
    )
    attente = forms.BooleanField(
        label=_("S’inscrire sur liste d’attente quand c’est complet"), required=False
    )

    def __init__(self, *args: Any, week_end: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.week_end = week_end

    def clean_jusquau(self) -> date:
        until: date = self.cleaned_data["jusquau"]
        if until <= self.week_end:
            raise forms.ValidationError(_("Choisissez un jour après la semaine à répéter."))
        if until - self.week_end > LONGEST:
            raise forms.ValidationError(_("Choisissez un jour dans l’année qui vient."))
        return until
