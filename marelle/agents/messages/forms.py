"""The answer to a message, and the filter of the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.accounts.models import User
from marelle.core.converters import id_read
from marelle.core.refusals import Refusal
from marelle.files.fields import upload_options
from marelle.messaging.labels import refusal_text
from marelle.messaging.models import Thread
from marelle.messaging.naming import holder_name
from marelle.messaging.rules import FILES_AT_MOST, NOTE_LENGTH, TEXT_LENGTH
from marelle.messaging.selectors import Standing
from marelle.messaging.writing import Letter, holder_of
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
        label=_("Fichiers joints"), required=False, **upload_options(max_files=FILES_AT_MOST)
    )

    def letter(self) -> Letter:
        return Letter(self.cleaned_data["text"], self.cleaned_data["joined"])

    def refuse(self, refusal: Refusal) -> None:
        """Show what a service refused by the field that it is about."""
        field = "joined" if refusal.code == "too_many_files" else None
        self.add_error(refusal.data.get("field", field), refusal_text(refusal))


class AssignForm(forms.Form):
    """`agents` are those who answer for the thread's structure; `seen` is to whom it was given then."""

    agent = forms.TypedChoiceField(label=_("Confié à"), required=False, coerce=int, empty_value=None)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, thread: Thread, agents: Iterable[User]) -> None:
        held = thread.assigned_to_id
        super().__init__(data, initial={"agent": held, "seen": held}, auto_id="id_assign_%s")
        self.fields["agent"].choices = [  # type: ignore[attr-defined]
            ("", _("Personne en particulier")),
            *((agent.pk, str(agent)) for agent in agents),
        ]


OFFICE: Final = "guichet"


class PassForm(forms.Form):
    """`services` are those that may have the thread, None for the office; `seen` is who held it then."""

    to = forms.ChoiceField(
        label=_("Passer à"),
        error_messages={
            "required": _("Choisissez le service qui répondra."),
            "invalid_choice": _("Choisissez le service qui répondra."),
        },
    )
    note = forms.CharField(
        label=_("Pourquoi, pour vos collègues"),
        help_text=_("La famille peut demander à la lire : restez factuel, rien sur la santé."),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Écrivez quelques mots : vos collègues sauront pourquoi.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, thread: Thread, services: Iterable[Structure | None], **kwargs: Any
    ) -> None:
        kwargs.setdefault("auto_id", "id_pass_%s")
        kwargs.setdefault("initial", {"seen": holder_of(thread) or OFFICE})
        super().__init__(*args, **kwargs)
        authority = thread.structure.authority
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", _("Choisir…")),
            *((str(one.pk) if one else OFFICE, holder_name(authority, one)) for one in services),
        ]

    def to_service(self) -> int | None:
        return _service(self.cleaned_data["to"])

    def seen_service(self) -> int | None:
        return _service(self.cleaned_data["seen"])

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(refusal.data.get("field"), refusal_text(refusal))


def _service(value: str) -> int | None:
    """None for the office; what was never shown is a service that there is not."""
    return None if value == OFFICE else id_read(value) or 0


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
            (Standing.MINE.value, _("Confiés à moi")),
            (Standing.OPEN.value, _("Ouverts")),
            (Standing.CLOSED.value, _("Clos")),
            (Standing.PASSED.value, _("Passés à un autre service")),
        ],
    )
    structure = forms.TypedChoiceField(label=_("Structure"), required=False, coerce=int, empty_value=None)
    q = forms.CharField(label=_("Objet ou nom"), required=False, max_length=100)

    def __init__(self, *args: Any, structures: Iterable[Structure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["structure"].choices = [  # type: ignore[attr-defined]
            ("", _("Toutes")),
            *((structure.pk, structure.name) for structure in structures),
        ]
