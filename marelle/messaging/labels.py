"""Messages and news in French: what was refused, and where a thread stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.braces import BraceAlone, FieldUnknown, braces_text
from marelle.core.french import instant_long_year
from marelle.core.refusals import No
from marelle.files.labels import detail_text, file_refused_text
from marelle.files.rules import FileRefused
from marelle.messaging.models import Attachment, Message
from marelle.messaging.naming import holder_name, service_name
from marelle.messaging.selectors import Exchange

FIXED: dict[str, str | Promise] = {
    "empty": gettext_lazy("Écrivez quelques mots avant d’envoyer."),
    "not_yours": gettext_lazy("Choisissez un destinataire dans la liste."),
    "not_a_colleague": gettext_lazy("Choisissez un agent qui répond aux messages de ce service."),
    "closed": gettext_lazy("Cet échange est clos : rouvrez-le avant de le passer à un autre service."),
    "passed_to_itself": gettext_lazy("Ce service répond déjà à cet échange : choisissez-en un autre."),
    "passed_meanwhile": gettext_lazy(
        "Un collègue vient de passer cet échange à un autre service : vérifiez qui répond."
    ),
    "title_taken": gettext_lazy("Un modèle porte déjà ce titre : choisissez-en un autre."),
    "changed_meanwhile": gettext_lazy(
        "Un collègue vient de modifier ou de supprimer ce modèle : rouvrez-le pour le voir. "
        "Ce que vous avez écrit est encore ci-dessous."
    ),
    "own_file": gettext_lazy("C’est un message de votre propre famille : un autre agent doit y répondre."),
    "audience_fixed": gettext_lazy(
        "Des familles sont déjà prévenues : on ne change plus à qui cette actualité s’adresse. "
        "Écrivez-en une autre."
    ),
    "nobody_to_tell": gettext_lazy("Aucune famille n’est concernée : il n’y a personne à prévenir."),
    "not_urgent": gettext_lazy(
        "Un envoi urgent concerne un jour réservé : indiquez ce jour dans l’actualité."
    ),
    "over_already": gettext_lazy("Cette date est passée : choisissez aujourd’hui ou plus tard."),
}


@dataclass(frozen=True, slots=True)
class FileLine:
    url: str
    label: str


@dataclass(frozen=True, slots=True)
class TalkLine:
    """One message of an exchange; `mine` when the reader's own side wrote it."""

    author: str
    at: datetime
    when: str
    text: str
    mine: bool
    files: tuple[FileLine, ...]


def talk(
    exchange: Exchange, *, for_staff: bool, file_url: Callable[[Attachment], str] | None
) -> list[TalkLine]:
    """The messages as one side reads them; without their files where it no longer reads those."""
    return [
        TalkLine(
            author=_author(message, exchange),
            at=message.at,
            when=instant_long_year(message.at),
            text=message.text,
            mine=message.from_staff is for_staff,
            files=_files(message, file_url, mine=message.from_staff is for_staff) if file_url else (),
        )
        for message in exchange.messages
    ]


def _files(message: Message, file_url: Callable[[Attachment], str], *, mine: bool) -> tuple[FileLine, ...]:
    return tuple(
        FileLine(file_url(joined), f"{joined.file.name} ({detail_text(joined.file, to_sender=mine)})")
        for joined in message.attachments.all()
    )


def _author(message: Message, exchange: Exchange) -> str:
    if message.from_staff:
        return f"{message.author}, {_service(message, exchange)}"
    if message.on_behalf:
        return _("{agent}, au nom de la famille").format(agent=message.author)
    return message.author


def _service(message: Message, exchange: Exchange) -> str:
    """Which service it was written for: that of then, whatever holds the thread now."""
    authority = exchange.thread.structure.authority
    for passed in exchange.passes:
        if message.at <= passed.at:
            return holder_name(authority, passed.from_structure)
    return service_name(exchange.thread)


def passes_text(exchange: Exchange) -> list[str]:
    """Who passed it to which service, when and why; oldest first."""
    authority = exchange.thread.structure.authority
    sentence = _("{who} ({former}) l’a passé à « {to} », le {at} : {note}")
    return [
        sentence.format(
            who=passed.by,
            former=holder_name(authority, passed.from_structure),
            to=holder_name(authority, passed.to_structure),
            at=instant_long_year(passed.at),
            note=passed.note,
        )
        for passed in exchange.passes
    ]


def refusal_text(refusal: No) -> str:
    """One sentence that says what to change."""
    if isinstance(refusal, FileRefused):
        return file_refused_text(refusal)
    if isinstance(refusal, FieldUnknown | BraceAlone):
        return braces_text(refusal)
    if refusal.code == "field_left":
        field = f"{{{refusal.data['name']}}}"
        return _("Remplacez {champ} avant d’envoyer : la famille le lirait tel quel.").format(champ=field)
    if refusal.code == "closed_already":
        return _("{agent} vient de clore cet échange.").format(agent=refusal.data["closed_by"])
    if refusal.code == "assigned_meanwhile":
        return _(
            "Un collègue vient de changer à qui cet échange est confié : {agent}. Confiez-le encore si c’est "
            "bien ce que vous voulez."
        ).format(agent=refusal.data["to"] or _("personne en particulier"))
    if refusal.code == "too_many_replies":
        return _("Gardez {limit} modèles au plus : supprimez-en un d’abord.").format(
            limit=refusal.data["limit"]
        )
    if refusal.code == "too_long":
        return _("C’est trop long : {limit} signes au plus.").format(limit=refusal.data["limit"])
    if refusal.code == "too_many_files":
        return _("{limit} fichiers au plus par message.").format(limit=refusal.data["limit"])
    return str(FIXED[refusal.code])
