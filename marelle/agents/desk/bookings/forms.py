"""A "no" and its reason."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.desk.reasons import ReasonWidget
from marelle.bookings.models import Booking


class ReasonForm(forms.Form):
    """A refusal that the family reads; `answer` says which button was used."""

    reason = forms.CharField(
        label=_("Raison, si vous refusez"),
        help_text=_("La famille la lira dans son espace."),
        required=False,
        max_length=Booking._meta.get_field("refusal").max_length,
        widget=ReasonWidget(),
    )
    answer = forms.ChoiceField(choices=[("accept", ""), ("refuse", "")], widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("answer") == "refuse" and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Donnez une raison : la famille la lira."))
        return data
