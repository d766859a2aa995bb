"""Invitations and letters in French."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.accounts.models import Channel
from marelle.accounts.services import InvitationSent
from marelle.core.french import instant_long_year
from marelle.core.refusals import Refusal
from marelle.flows.messages.letters import Letter

SIGNATURE = "\n-- \n"
"""What follows in a text is about mails, not about paper."""


@dataclass(frozen=True, slots=True)
class LetterRow:
    id: int
    subject: str
    about: str


def sent_text(sent: InvitationSent) -> str:
    told = {"at": instant_long_year(sent.expires_at)}
    if sent.channel == Channel.MAIL:
        return _("L’invitation est envoyée. Le lien est valable jusqu’au %(at)s.") % told
    return (
        _(
            "Sans adresse de courriel, l’invitation est une lettre : la voici, à imprimer. "
            "Le lien est valable jusqu’au %(at)s."
        )
        % told
    )


def refusal_text(refusal: Refusal) -> str:
    match refusal.code:
        case "already_invited":
            told = {"at": instant_long_year(refusal.data["until"])}
            return _("L’invitation est déjà partie. Le lien est valable jusqu’au %(at)s.") % told
        case "no_invitation":
            return _(
                "Cette invitation n’attend plus : elle a été utilisée, remplacée ou retirée entre-temps."
            )
        case "already_active":
            return _("Cette personne a déjà un accès à l’espace famille : il n’y a rien à envoyer.")
        case "no_second":
            return _("Ce compte n’a pas de double authentification : son mot de passe suffit.")
        case "not_allowed":
            return _("Cette personne a un poste qui n’est pas à vous de donner : voyez l’administration.")
        case _other:
            return _("C’est votre propre famille : un autre agent doit s’en occuper.")


def letter_rows(letters: Iterable[Letter]) -> list[LetterRow]:
    return [LetterRow(letter.id, letter.subject, _about(letter)) for letter in letters]


def paragraphs(letter: Letter) -> str:
    return letter.text.partition(SIGNATURE)[0].strip()


def _about(letter: Letter) -> str:
    written = _("écrite le %(at)s") % {"at": instant_long_year(letter.written_at)}
    return " · ".join(filter(None, (str(letter.family or ""), written)))
