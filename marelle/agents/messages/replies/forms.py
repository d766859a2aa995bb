"""A reply template: where it may be chosen, its title, its text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.core.braces import BraceAlone, FieldUnknown
from marelle.core.converters import id_read
from marelle.core.refusals import No
from marelle.messaging.labels import refusal_text
from marelle.messaging.models import ReplyTemplate
from marelle.messaging.replies import ReplyWords
from marelle.messaging.rules import TEXT_LENGTH, TITLE_LENGTH
from marelle.places.models import Authority, Structure


class ReplyForm(forms.Form):
    """`where` is "12" for all the structures of authority 12, "12-3" for its structure 3 alone.

    `seen` carries the revision shown, so that a colleague's change is not overwritten.
    """

    where = forms.ChoiceField(
        label=_("Pour les messages de"),
        error_messages={
            "required": _("Choisissez dans la liste."),
            "invalid_choice": _("Choisissez dans la liste."),
        },
    )
    title = forms.CharField(
        label=_("Titre"),
        help_text=_("Pour le retrouver dans la liste : la famille ne le lit pas."),
        max_length=TITLE_LENGTH,
        error_messages={"required": _("Donnez un titre en quelques mots.")},
    )
    text = forms.CharField(
        label=_("Texte"),
        help_text=_("Vous le relirez et le modifierez avant chaque envoi. Rien sur la santé."),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("Écrivez le texte de la réponse.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        authorities: Iterable[Authority],
        structures: Iterable[Structure],
        row: ReplyTemplate | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["where"].choices = [  # type: ignore[attr-defined]
            *((str(one.pk), _everywhere(one)) for one in authorities),
            *((f"{one.authority_id}-{one.pk}", one.name) for one in structures),
        ]
        if row is not None:
            parts = [row.authority_id, row.structure_id] if row.structure_id else [row.authority_id]
            self.initial = {
                "where": "-".join(map(str, parts)),
                "title": row.title,
                "text": row.text,
                "seen": row.revision,
            }

    def words(self) -> ReplyWords:
        authority_id, _dash, structure_id = self.cleaned_data["where"].partition("-")
        return ReplyWords(
            authority_id=int(authority_id),
            structure_id=int(structure_id) if structure_id else None,
            title=self.cleaned_data["title"],
            text=self.cleaned_data["text"],
        )

    def seen_revision(self) -> int:
        """Nonsense was never shown: 0 is nobody's revision."""
        return id_read(self.cleaned_data["seen"]) or 0

    def refuse(self, refusal: No) -> None:
        """Show what a service refused by the field that it is about."""
        field = "text" if isinstance(refusal, FieldUnknown | BraceAlone) else refusal.data.get("field")
        self.add_error(field, refusal_text(refusal))


def _everywhere(authority: Authority) -> str:
    return str(_("{authority} : toutes les structures")).format(authority=authority.name)
