"""The answer to a message, and the filter of the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.core.refusals import Refusal
from marelle.files.fields import upload_options
from marelle.messaging.labels import refusal_text
from marelle.messaging.rules import FILES_AT_MOST, TEXT_LENGTH
from marelle.messaging.selectors import Standing
from marelle.messaging.writing import Letter
from marelle.places.models import Structure
from marelle.ui.forms import MultipleFileField


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Votre réponse"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Écrivez quelques mots avant d’envoyer.")},
    )
    joined = MultipleFileField(
        label=_("Pièces jointes"), required=False, **upload_options(max_files=FILES_AT_MOST)
    )

    def letter(self) -> Letter:
        return Letter(self.cleaned_data["text"], self.cleaned_data["joined"])

    def refuse(self, refusal: Refusal) -> None:
        """Show what a service refused by the field that it is about."""
        field = "joined" if refusal.code == "too_many_files" else None
        self.add_error(refusal.data.get("field", field), refusal_text(refusal))


class FilterForm(forms.Form):
    """A value that is not in the lists filters nothing."""

    etat = forms.TypedChoiceField(
        label=_("État"),
        required=False,
        coerce=Standing,
        empty_value=None,
        choices=[
            ("", _("Tous")),
            (Standing.TO_ANSWER.value, _("À répondre")),
            (Standing.OPEN.value, _("Ouverts")),
            (Standing.CLOSED.value, _("Clos")),
        ],
    )
    structure = forms.TypedChoiceField(label=_("Structure"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, structures: Iterable[Structure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["structure"].choices = [  # type: ignore[attr-defined]
            ("", _("Toutes")),
            *((structure.pk, structure.name) for structure in structures),
        ]
        for field in self.fields.values():
            field.widget.attrs["data-auto"] = True
