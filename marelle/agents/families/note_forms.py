"""A note of an agent on a home."""

from __future__ import annotations

from collections.abc import Collection

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Actor
from marelle.families.models.notes import NOTE_LENGTH
from marelle.places.letterheads import authority_names
from marelle.places.scope import own_authorities


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
    authority_id = forms.TypedChoiceField(
        label=_("Au nom de"),
        coerce=int,
        error_messages={"required": _("Dites au nom de quelle collectivité vous l’écrivez.")},
    )
    shared = forms.BooleanField(
        label=_("Pour toutes les collectivités du portail"),
        required=False,
        help_text=_("Pour la sécurité seulement. Sinon, seuls les agents de votre collectivité la lisent."),
    )

    def __init__(self, data: QueryDict | None = None, *, actor: Actor) -> None:
        """What one has no choice of is not asked."""
        super().__init__(data)
        names = authority_names()
        own = written_for(actor, names)
        if len(own) > 1:
            choices = [("", _("Choisissez")), *((pk, name) for pk, name in names.items() if pk in own)]
            self.fields["authority_id"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["authority_id"]
        if len(names) < 2:
            del self.fields["shared"]


def written_for(actor: Actor, names: Collection[int]) -> frozenset[int]:
    """The authorities among which the actor has to choose; none, and no query, for who has one post."""
    if actor.is_administrator:
        return frozenset(names)
    return own_authorities(actor) if len(names) > 1 and len(actor.powers) > 1 else frozenset()
