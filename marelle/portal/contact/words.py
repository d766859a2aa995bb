"""Contact and exchanges in French: whom one may write to, what was received, lines of the list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.core.french import instant_long_year
from marelle.messaging.models import Attachment, Thread
from marelle.messaging.naming import reach_of, service_name
from marelle.places.selectors import StructureCard
from marelle.ui.components import Choice, Filter

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    url: str
    subject: str
    about: str
    unread: bool
    closed: bool


def recipients(cards: Iterable[StructureCard], ours: Collection[int]) -> list[tuple[str, object]]:
    """Choices of a list: the structures of the home's children first, when there are some."""
    own: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    for card in cards:
        (own if card.id in ours else others).extend(_options(card))
    if not own:
        return [*others]
    return [(_("Les structures de vos enfants"), own), (_("Les autres structures"), others)]


def commune_filter(communes: Mapping[str, str], chosen: str) -> Filter:
    """« Choisir une commune », of those that have a structure."""
    choices = (Choice(pk, name, selected=pk == chosen) for pk, name in communes.items())
    return Filter("commune", _("Commune"), (Choice("", _("Toutes")), *choices))


def first_option(cards: Iterable[StructureCard], structure_id: str, ours: Collection[int]) -> str:
    """The list's value for a structure; where none is told, the only one of the home's own. Else ""."""
    if structure_id:
        return next((_options(card)[0][0] for card in cards if str(card.id) == structure_id), "")
    own = [value for card in cards if card.id in ours for value, _label in _options(card)]
    return own[0] if len(own) == 1 else ""


def sent_text(thread: Thread, cards: Iterable[StructureCard]) -> str:
    """The acknowledgement: number, when, which service, where the answer comes, how to reach it."""
    told = {
        "number": thread.pk,
        "structure": thread.structure.name,
        "instant": instant_long_year(thread.opened_at),
    }
    text = _(
        "Votre message n° {number} est envoyé au service « {structure} », le {instant}. Il va vous répondre"
    ).format(**told)
    text += (
        " " + _("ici.") if thread.family_id else " " + _("à l’adresse {email}.").format(email=thread.email)
    )
    phones = [
        line.phone for card in cards if card.id == thread.structure_id for line in card.contacts if line.phone
    ]
    return f"{text} " + _("C’est urgent ? Téléphonez : {phone}.").format(phone=phones[0]) if phones else text


def exchange_line(thread: Thread, *, unread: bool) -> ExchangeLine:
    told = {"structure": service_name(thread), "instant": instant_long_year(thread.last_at)}
    return ExchangeLine(
        url=reverse("contact:exchange", args=[thread.pk]),
        subject=thread.subject,
        about=_("{structure} · dernier message le {instant}").format(**told),
        unread=unread,
        closed=thread.closed_at is not None,
    )


def exchange_pairs(thread: Thread) -> Pairs:
    """Which service answers now, and how to reach it."""
    pairs = [(_("Service"), service_name(thread)), (_("Numéro"), str(thread.pk))]
    reached = reach_of(thread)
    if reached["phone"] or reached["email"]:
        pairs.append((_("Pour le joindre"), " · ".join(filter(None, (reached["phone"], reached["email"])))))
    return pairs


def file_url(joined: Attachment) -> str:
    return reverse("contact:attachment", args=[joined.message.thread_id, joined.pk])


def _options(card: StructureCard) -> list[tuple[str, str]]:
    """One for each of its contacts who can be written to, else the structure itself."""
    found = [
        (f"{card.id}-{line.id}", _option_text(card.name, line.label, line.ages))
        for line in card.contacts
        if line.email
    ]
    return found or [(str(card.id), card.name)]


def _option_text(name: str, label: str, ages: str) -> str:
    return " · ".join(part for part in (name, "" if label == name else label, ages) if part)
