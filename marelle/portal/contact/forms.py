"""« Formulaire de contact », and what continues an exchange."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.core.refusals import No
from marelle.files.fields import upload_options
from marelle.files.rules import FileRefused
from marelle.messaging.labels import refusal_text
from marelle.messaging.rules import EMAIL_LENGTH, FILES_AT_MOST, NAME_LENGTH, SUBJECT_LENGTH, TEXT_LENGTH
from marelle.messaging.services import Outsider, Recipient
from marelle.messaging.writing import Letter
from marelle.portal.robots import RobotField
from marelle.ui.forms import MultipleFileField

Choices = list[tuple[str, str] | tuple[str, list[tuple[str, str]]]]

FIELD_OF = {"not_yours": "recipient", "too_many_files": "joined"}


class LetterForm(forms.Form):
    """Words and files."""

    text = forms.CharField(
        label=_("Contenu du message"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Écrivez quelques mots avant d’envoyer.")},
    )
    joined = MultipleFileField(
        label=_("Fichiers joints"), required=False, **upload_options(max_files=FILES_AT_MOST)
    )

    def letter(self) -> Letter:
        return Letter(self.cleaned_data["text"], self.cleaned_data["joined"])

    def refuse(self, refusal: No) -> None:
        """Show what a service refused by the field that it is about."""
        field = "joined" if isinstance(refusal, FileRefused) else FIELD_OF.get(refusal.code)
        field = refusal.data.get("field", field)
        self.add_error(field if field in self.fields else None, refusal_text(refusal))


class ReplyForm(LetterForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Votre réponse")
        self.fields["text"].widget.attrs["rows"] = 5


class ContactForm(LetterForm):
    """`outsider`: who has no home here leaves a name and an address. `robot`: who is not logged in."""

    recipient = forms.ChoiceField(
        label=_("Choisir le destinataire"),
        error_messages={
            "required": _("Choisissez un destinataire dans la liste."),
            "invalid_choice": _("Choisissez un destinataire dans la liste."),
        },
    )
    name = forms.CharField(
        label=_("Votre nom"), max_length=NAME_LENGTH, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Votre adresse de courriel"),
        help_text=_("La réponse y sera envoyée."),
        max_length=EMAIL_LENGTH,
        error_messages={"invalid": _("Cette adresse de courriel n’est pas complète : nom@exemple.fr.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    subject = forms.CharField(
        label=_("Objet du message"),
        max_length=SUBJECT_LENGTH,
        error_messages={"required": _("Donnez l’objet en quelques mots.")},
    )

    field_order = ("recipient", "name", "email", "subject", "text", "joined", "robot")

    def __init__(
        self,
        *args: Any,
        choices: Sequence[Any],
        outsider: bool,
        robot: bool,
        now: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipient"].choices = [("", _("Choisir…")), *choices]  # type: ignore[attr-defined]
        if not outsider:
            del self.fields["name"], self.fields["email"]
        if robot:
            self.fields["robot"] = RobotField(now=now)
            # Reading a file costs seconds: for a stranger, not before the service has let it in.
            self.fields["joined"].check = None  # type: ignore[attr-defined]
        self.order_fields(self.field_order)

    def recipient_chosen(self) -> Recipient:
        structure_id, _dash, contact_id = self.cleaned_data["recipient"].partition("-")
        return Recipient(int(structure_id), int(contact_id) if contact_id else None)

    def outsider(self) -> Outsider | None:
        if "email" not in self.fields:
            return None
        return Outsider(self.cleaned_data["name"], self.cleaned_data["email"])
