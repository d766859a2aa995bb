"""What came of a call."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.enrolments.models import CallNote


class CallForm(forms.Form):
    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        """`day` is today: nobody is called again before."""
        super().__init__(*args, **kwargs)
        self.day = day

    def clean_again_on(self) -> date | None:
        again_on: date | None = self.cleaned_data["again_on"]
        if again_on is not None and again_on < self.day:
            raise forms.ValidationError(_("Choisissez aujourd’hui ou un jour à venir."))
        return again_on

    note = forms.CharField(
        label=_("Ce qui s’est dit"),
        help_text=_("La famille peut demander à lire cette note : restez factuel, rien sur la santé."),
        required=False,
        max_length=CallNote._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    again_on = forms.DateField(
        label=_("Rappeler le"),
        help_text=_("Si la famille n’a pas répondu."),
        required=False,
        error_messages={"invalid": _("Donnez une date qui existe, par exemple 04/03/2027.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    outcome = forms.ChoiceField(
        choices=[
            ("reached", _("Famille jointe")),
            ("message", _("Message laissé")),
            ("in_vain", _("Pas de réponse")),
        ],
        error_messages={
            "required": _("Dites si la famille a répondu."),
            "invalid_choice": _("Dites si la famille a répondu."),
        },
    )
