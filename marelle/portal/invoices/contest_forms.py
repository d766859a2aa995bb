"""Which days of a line, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.billing.contests import ContestRefused
from marelle.billing.models.contests import WORDS_LENGTH
from marelle.core.french import day_long
from marelle.portal.invoices.contest_words import refusal_text

FIELD_OF = {"days": "days", "open": "days", "waived": "days", "words": "words"}


class ContestForm(forms.Form):
    """`days`: those of the line that may be contested; a single one is not to be chosen."""

    days = forms.TypedMultipleChoiceField(
        label=_("Quels jours ?"),
        coerce=date.fromisoformat,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Cochez au moins un jour."),
            "invalid_choice": _("Choisissez parmi les jours de la ligne."),
        },
    )
    words = forms.CharField(
        label=_("Pourquoi ?"),
        help_text=_("Dites ce qui s’est passé : qui était là, qui a prévenu, et quand. Rien sur la santé."),
        max_length=WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Dites pourquoi : c’est ce que l’agent lira.")},
    )

    def __init__(self, *args: Any, days: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(day.isoformat(), day_long(day)) for day in days]
        field: Any = self.fields["days"]
        field.choices = choices
        if len(days) == 1:
            self.initial["days"] = [choices[0][0]]

    def refuse(self, refusal: ContestRefused) -> None:
        self.add_error(FIELD_OF.get(refusal.code), refusal_text(refusal))
