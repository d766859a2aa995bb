"""Accepting a paper until a day, refusing it with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.desk.reasons import ReasonWidget
from marelle.papers.labels import refusal_text
from marelle.papers.models import Paper, PaperType
from marelle.papers.refusals import WrongExpiry
from marelle.papers.rules import Validity, expiry, expiry_possible


class SeenForm(forms.Form):
    """`seen`: the pages that the agent was shown, so that nothing is decided unseen."""

    seen = forms.RegexField(r"^(\d+( \d+)*)?$", required=False, max_length=400, widget=forms.HiddenInput)

    @property
    def seen_pages(self) -> frozenset[int]:
        return frozenset(map(int, self.cleaned_data["seen"].split()))


class AcceptForm(SeenForm):
    expires_on = forms.DateField(
        label=_("Valable jusqu’au"),
        required=False,
        error_messages={"invalid": _("Donnez une date, par exemple 31/08/2027.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, kind: PaperType, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        validity = Validity(kind.validity)
        self.day, field = day, self.fields["expires_on"]
        if validity is Validity.NONE:
            field.help_text = _("Si une date est écrite dessus : il sera redemandé ensuite.")
        field.initial = expiry(validity, kind.validity_months, day, None)
        if validity is Validity.DATED:
            field.required = True
            field.help_text = _("La date écrite sur le document.")
            field.error_messages["required"] = _("Donnez la date écrite sur le document.")

    def clean_expires_on(self) -> date | None:
        last: date | None = self.cleaned_data["expires_on"]
        if last is not None and not expiry_possible(last, self.day):
            raise forms.ValidationError(refusal_text(WrongExpiry()))
        return last


class RefuseForm(SeenForm):
    reason = forms.CharField(
        label=_("Raison du refus"),
        help_text=_("La famille la lira dans son espace."),
        max_length=Paper._meta.get_field("reason").max_length,
        error_messages={"required": _("Donnez une raison : la famille la lira.")},
        widget=ReasonWidget(),
    )
