"""A piece of news in French for agents: whom it is for, where it stands, how far its sending is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.core.french import day_long_year, instant_long_year, join_and
from marelle.flows.messages.news import Counted
from marelle.mail.models import MessageState
from marelle.messaging.models import News, NewsRecipient, NewsSending
from marelle.messaging.selectors import Progress

Way = NewsRecipient.Way


@dataclass(frozen=True, slots=True)
class RecipientLine:
    url: str
    name: str
    about: str
    tag: str
    tone: str


def is_shown(news: News) -> bool:
    """Whether families read it, or would if its last day had not passed."""
    return news.published_at is not None and news.withdrawn_at is None


def sending_of(news: News) -> NewsSending | None:
    return getattr(news, "sending", None)


def standing(news: News, day: date) -> tuple[str, str]:
    """A tag and its tone: "ok" while families read it."""
    if news.published_at is None:
        return _("à publier"), "warn"
    if news.withdrawn_at is not None:
        return _("retirée"), "plain"
    if news.until is not None and news.until < day:
        return _("terminée"), "plain"
    return _("publiée"), "ok"


def audience(news: News) -> str:
    """Where, and which families."""
    parts = [news.structure.name]
    if news.activity is not None:
        parts.append(news.activity.name)
    if news.group is not None:
        parts.append(news.group.name)
    if news.day is not None:
        parts.append(_("familles qui ont réservé le {day}").format(day=day_long_year(news.day)))
    elif len(parts) == 1:
        parts.append(_("toutes les familles"))
    return " · ".join(parts)


def homes_text(number: int) -> str:
    return ngettext("{number} famille", "{number} familles", number).format(number=number)


def counted_pairs(found: Counted) -> list[tuple[str, str]]:
    """What a sending by mail would do, before it is done."""
    written = ngettext("{number} adresse", "{number} adresses", found.addresses)
    pairs = [
        (_("Concernées"), homes_text(found.homes)),
        (_("Courriels"), written.format(number=found.addresses)),
    ]
    if found.letters:
        told = _("{homes} sans adresse de courriel : une lettre à imprimer").format(
            homes=homes_text(found.letters)
        )
        pairs.append((_("Lettres"), told))
    if found.portal_only:
        told = ngettext(
            "{number} famille ne veut pas de ces courriels : elle la lira dans son espace",
            "{number} familles ne veulent pas de ces courriels : elles la liront dans leur espace",
            found.portal_only,
        )
        pairs.append((_("Sans courriel"), told.format(number=found.portal_only)))
    return pairs


def sent_pairs(sending: NewsSending, progress: Progress) -> list[tuple[str, str]]:
    """Who sent it, and what became of it until now."""
    told = {"who": sending.asked_by, "at": instant_long_year(sending.asked_at)}
    pairs = [
        (_("Pour"), audience(sending.news)),
        (_("Envoi demandé"), _("par {who}, le {at}").format(**told)),
    ]
    if sending.urgent:
        pairs.append((_("Urgent"), _("envoyé aussi aux familles qui ne veulent pas de ces courriels")))
    ways = [
        (Way.MAIL, _("par courriel")),
        (Way.LETTER, _("par lettre")),
        (Way.PORTAL, _("dans leur espace seulement")),
    ]
    reached = [f"{homes_text(progress.ways[way])} {how}" for way, how in ways if progress.ways.get(way)]
    pairs.append((_("Prévenues"), join_and(reached) or _("aucune pour l’instant")))
    mails = mails_text(progress)
    if mails:
        pairs.append((_("Courriels"), mails))
    return pairs


WAITING: Final = (MessageState.QUEUED, MessageState.HELD, MessageState.SENDING)


def mails_text(progress: Progress) -> str:
    """Where the mails are: gone, about to go, failed."""
    waiting = sum(progress.mails.get(state, 0) for state in WAITING)
    gone, failed = progress.mails.get(MessageState.SENT, 0), progress.mails.get(MessageState.FAILED, 0)
    parts = []
    if gone:
        parts.append(ngettext("{number} envoyé", "{number} envoyés", gone).format(number=gone))
    if waiting:
        parts.append(ngettext("{number} va partir", "{number} vont partir", waiting).format(number=waiting))
    if failed:
        parts.append(ngettext("{number} en échec", "{number} en échec", failed).format(number=failed))
    return join_and(parts)


def progress_text(progress: Progress) -> str:
    told = {"told": progress.told, "homes": homes_text(progress.homes)}
    if progress.is_over:
        return _("{homes} : toutes sont prévenues.").format(**told)
    return _("{told} sur {homes}").format(**told)


def recipient_line(row: NewsRecipient, ways: Mapping[int, str]) -> RecipientLine:
    """A home, the addresses written to, and what became of it."""
    mails = list(row.mails.all())
    tag, tone = _("à prévenir"), "warn"
    if any(mail.state == MessageState.FAILED for mail in mails):
        tag, tone = _("échec"), "error"
    elif row.way == Way.LETTER:
        printed = all(mail.state == MessageState.PRINTED for mail in mails)
        tag, tone = (_("lettre imprimée"), "ok") if printed else (_("lettre à imprimer"), "info")
    elif row.way == Way.PORTAL:
        tag, tone = _("espace famille"), "plain"
    elif row.way:
        gone = all(mail.state == MessageState.SENT for mail in mails)
        tag, tone = (_("envoyé"), "ok") if gone else (_("va partir"), "info")
    return RecipientLine(
        url=ways.get(row.family_id, ""),
        name=str(row.family),
        about=", ".join(mail.to for mail in mails if mail.to),
        tag=tag,
        tone=tone,
    )
