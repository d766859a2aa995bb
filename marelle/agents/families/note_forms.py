"""A note of an agent on a home."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.families.models.notes import NOTE_LENGTH


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Nouvelle note"),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Pour vos collègues. La famille peut demander à lire ces notes."),
        error_messages={
            "required": _("Écrivez la note."),
            "max_length": _("Une note tient en %(limit_value)d signes."),
        },
    )
    pinned = forms.BooleanField(label=_("Épingler en tête"), required=False)
