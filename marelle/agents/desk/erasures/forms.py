"""What an agent says to a home that it does not erase."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.desk.reasons import ReasonWidget


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Raison du refus"),
        help_text=_("La famille la lira."),
        max_length=500,
        widget=ReasonWidget(),
    )
