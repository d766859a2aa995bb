"""The last day of an enrolment, and a few words for the service."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marelle.enrolments.labels import reason_text
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.enrolments.rules import wrong_end


class EndForm(forms.Form):
    """`dernier_jour` is a word of the address: it is first sent by GET."""

    dernier_jour = forms.DateField(
        label=_("Dernier jour"),
        help_text=_("L’enfant vient encore ce jour-là ; l’inscription s’arrête ensuite."),
        error_messages={
            "required": _("Donnez le dernier jour."),
            "invalid": _("Donnez une date, par exemple 18/12/2026."),
        },
    )
    comment = forms.CharField(
        label=_("Une précision pour le service"),
        required=False,
        max_length=EndRequest._meta.get_field("comment").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, enrolment: Enrolment, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.enrolment = enrolment
        self.today = today
        self.fields["dernier_jour"].widget = forms.DateInput(
            format="%Y-%m-%d",
            attrs={
                "type": "date",
                "min": max(today, enrolment.starts_on).isoformat(),
                "max": enrolment.ends_on.isoformat(),
            },
        )

    def clean_dernier_jour(self) -> date:
        day: date = self.cleaned_data["dernier_jour"]
        denial = wrong_end(self.enrolment.starts_on, self.enrolment.ends_on, self.today, day)
        if denial is not None:
            raise ValidationError(reason_text(denial.reason, denial.data))
        return day

    def last_day(self) -> date | None:
        """The day chosen, once it is one that may be; what else is wrong does not hide what it cancels."""
        return (
            self.cleaned_data.get("dernier_jour")
            if self.is_bound and "dernier_jour" not in self.errors
            else None
        )
