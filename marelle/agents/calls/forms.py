"""What came of a call."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.enrolments.models import CallNote


class CallForm(forms.Form):
    note = forms.CharField(
        label=_("Ce qui s’est dit"),
        help_text=_("La famille peut demander à lire cette note : restez factuel, rien sur la santé."),
        required=False,
        max_length=CallNote._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    outcome = forms.ChoiceField(
        choices=[("reached", _("Famille jointe")), ("in_vain", _("Pas de réponse"))],
        error_messages={
            "required": _("Dites si la famille a répondu."),
            "invalid_choice": _("Dites si la famille a répondu."),
        },
    )
