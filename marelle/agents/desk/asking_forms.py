"""« Demander un document »: which, of whom, and a word to the family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.papers.models import PaperAsked


class AskForm(forms.Form):
    """`paper` is a type and whose it is, "12-345", or "12-" for the home's; one field, so that they match."""

    paper = forms.ChoiceField(
        label=_("Document demandé"),
        error_messages={
            "required": _("Choisissez le document à demander."),
            "invalid_choice": _("Choisissez le document dans la liste."),
        },
    )
    message = forms.CharField(
        label=_("Message à la famille"),
        help_text=_("Ce qui manque, ou ce qui n’allait pas. Rien sur la santé."),
        required=False,
        max_length=PaperAsked._meta.get_field("message").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, *args: Any, papers: Sequence[tuple[str, Sequence[tuple[str, str]]]], **kwargs: Any
    ) -> None:
        """`papers` are those that may be asked for, by whose they are."""
        super().__init__(*args, **kwargs)
        self.fields["paper"].choices = [("", _("Choisir…")), *papers]  # type: ignore[attr-defined]

    @property
    def type_and_person(self) -> tuple[int, int | None]:
        kind, _dash, person = self.cleaned_data["paper"].partition("-")
        return int(kind), int(person) if person else None
