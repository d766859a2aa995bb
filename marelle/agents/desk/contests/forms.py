"""An answer to a contest: a "yes" with or without words, a "no" that says why."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.desk.reasons import ReasonWidget
from marelle.billing.models.contests import ANSWER_LENGTH


class AnswerForm(forms.Form):
    """`answer` says which button was used; whether a reason must be given is for the service to say."""

    reason = forms.CharField(
        label=_("Un mot pour la famille"),
        help_text=_("La famille le lira sur sa facture."),
        required=False,
        max_length=ANSWER_LENGTH,
        widget=ReasonWidget(),
    )
    answer = forms.ChoiceField(choices=[("accept", ""), ("refuse", "")], widget=forms.HiddenInput)


class TakeBackForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi c’est de nouveau dû"),
        help_text=_("La famille le lira sur sa facture."),
        max_length=ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
