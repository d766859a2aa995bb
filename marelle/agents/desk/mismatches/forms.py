"""A correction, or a "no" with its reason."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from marelle.agents.desk.reasons import ReasonWidget
from marelle.attendance.models import Mismatch
from marelle.core.converters import id_read


class SettleForm(forms.Form):
    """`answer` says which button was used; whether a reason must be given is for the service to say."""

    reason = forms.CharField(
        label=_("Un mot pour la famille"),
        help_text=_("La famille le lira dans son espace."),
        required=False,
        max_length=Mismatch._meta.get_field("words").max_length,
        widget=ReasonWidget(),
    )
    answer = forms.ChoiceField(choices=[("accept", ""), ("refuse", "")], widget=forms.HiddenInput)

    def ticked(self) -> frozenset[int]:
        """Those to correct where not all are."""
        sent = self.data.getlist("m") if isinstance(self.data, QueryDict) else []
        return frozenset(filter(None, map(id_read, sent)))
