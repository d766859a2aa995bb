"""A "no" and its reason."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.bookings.models import Booking


class ReasonForm(forms.Form):
    """A refusal that the family reads; `answer` says which button was used."""

    reason = forms.CharField(
        label=_("Raison, si vous refusez"),
        help_text=_("La famille la lira dans son espace."),
        required=False,
        max_length=Booking._meta.get_field("refusal").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answer = forms.ChoiceField(choices=[("accept", ""), ("refuse", "")], widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("answer") == "refuse" and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Donnez une raison : la famille la lira."))
        return data


class OfferForm(forms.Form):
    """How long the family has to answer, in hours; never past the start."""

    hours = forms.TypedChoiceField(
        label=_("Temps pour répondre"),
        coerce=int,
        choices=[
            (4, _("4\u00a0h pour répondre")),
            (2, _("2\u00a0h pour répondre")),
            (12, _("12\u00a0h pour répondre")),
            (24, _("24\u00a0h pour répondre")),
            (48, _("48\u00a0h pour répondre")),
        ],
    )
