"""Who somebody is, chosen among those whom the office holds; or why it is nobody."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.desk.reasons import ReasonWidget


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Réponse à cette personne"),
        help_text=_("Elle la lira, par courriel et à sa prochaine visite."),
        max_length=500,
        widget=ReasonWidget(),
    )
