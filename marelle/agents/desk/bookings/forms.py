"""A "no" and its reason."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.desk.reasons import ReasonWidget
from marelle.bookings.models import AbsenceProof, Booking


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


class ProofAnswerForm(ReasonForm):
    """The same of a proof of absence, which may also count as if it had come in time, for a reason."""

    derogation = forms.CharField(
        label=_("Raison de la dérogation"),
        help_text=_("Les autres agents la liront, et la famille dans la copie de ses données."),
        required=False,
        max_length=AbsenceProof._meta.get_field("derogation").max_length,
    )
    answer = forms.ChoiceField(
        choices=[("accept", ""), ("in_time", ""), ("refuse", "")], widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if data.get("answer") == "in_time" and not data.get("derogation"):
            self.add_error("derogation", _("Donnez une raison\u00a0: les autres agents la liront."))
        return data
