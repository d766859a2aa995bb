"""Following a demand: a contact, then an answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.relay.models import CareContact, CareRequest
from marelle.relay.rules import CareState, Means


class ContactForm(forms.Form):
    on = forms.DateField(
        label=_("Jour du contact"),
        error_messages={"invalid": _("Donnez une date, par exemple 02/12/2026.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    means = forms.ChoiceField(label=_("Par quel moyen"), choices=Means.choices)
    note = forms.CharField(
        label=_("Note pour les collègues"),
        required=False,
        max_length=CareContact._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Ce que devient la demande"),
        choices=[(state.value, state.label) for state in (CareState.FOUND, CareState.CLOSED)],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Votre réponse à la famille"),
        max_length=CareRequest._meta.get_field("answer").max_length,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
