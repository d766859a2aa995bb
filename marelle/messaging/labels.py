"""Messages and news in French: what was refused, and where a thread stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.french import instant_long_year
from marelle.core.refusals import Refusal
from marelle.files.labels import file_refused_text, size_text
from marelle.files.rules import FileRefused
from marelle.messaging.models import Attachment, Message
from marelle.messaging.selectors import Exchange

FIXED: dict[str, str | Promise] = {
    "empty": gettext_lazy("Écrivez quelques mots avant d’envoyer."),
    "not_yours": gettext_lazy("Choisissez un destinataire dans la liste."),
    "own_file": gettext_lazy("C’est un message de votre propre famille : un autre agent doit y répondre."),
    "over_already": gettext_lazy("Cette date est passée : choisissez aujourd’hui ou plus tard."),
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


def talk(exchange: Exchange, *, for_staff: bool, file_url: Callable[[Attachment], str]) -> list[TalkLine]:
    """The messages as one side reads them."""
    return [
        TalkLine(
            author=_author(message, exchange),
            at=message.at,
            when=instant_long_year(message.at),
            text=message.text,
            mine=message.from_staff is for_staff,
            files=tuple(
                FileLine(file_url(joined), f"{joined.file.name} ({size_text(joined.file.size)})")
                for joined in message.attachments.all()
            ),
        )
        for message in exchange.messages
    ]


def _author(message: Message, exchange: Exchange) -> str:
    if message.from_staff:
        return f"{message.author}, {exchange.thread.structure.name}"
    if message.on_behalf:
        return _("{agent}, au nom de la famille").format(agent=message.author)
    return message.author


def refusal_text(refusal: Refusal) -> str:
    """One sentence that says what to change."""
    if isinstance(refusal, FileRefused):
        return file_refused_text(refusal)
    if refusal.code == "too_long":
        return _("C’est trop long : {limit} signes au plus.").format(limit=refusal.data["limit"])
    if refusal.code == "too_many_files":
        return _("{limit} fichiers au plus par message.").format(limit=refusal.data["limit"])
    return str(FIXED[refusal.code])
