"""Lines of the history, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.french import instant_long_year
from marelle.flows.journal.sentences import detail, sentence
from marelle.journal.models import Entry


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    when: str
    what: str
    who: str
    device: str
    detail: str = ""


def lines(entries: Iterable[Entry], *, actor: Actor) -> list[Line]:
    """The entries in words. The device is shown of one's own acts only."""
    return [
        Line(
            at=local(entry.at),
            when=instant_long_year(entry.at),
            what=sentence(entry.verb, entry.subject_label),
            who=_who(entry, actor),
            device=entry.device if entry.subject_kind == "account" and entry.family_id is None else "",
            detail=detail(entry.data),
        )
        for entry in entries
    ]


def _who(entry: Entry, actor: Actor) -> str:
    if entry.actor_user_id is None:
        if entry.subject_kind == "account":
            return _("sans connexion")
        return _("automatiquement") if entry.actor_label == SYSTEM.label else entry.actor_label
    if entry.actor_user_id == actor.user_id:
        return _("vous")
    if entry.on_behalf:
        return _("{name}, au nom de la famille").format(name=entry.actor_label)
    return entry.actor_label
