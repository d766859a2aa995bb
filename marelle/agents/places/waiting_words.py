"""Waiting lists, in French."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.kept_labels import with_kept
from marelle.bookings.labels import choice_text, passed_text
from marelle.bookings.offers.pages import Queued
from marelle.bookings.waiting.pages import QueueOf, WaitingRow
from marelle.core.clock import local
from marelle.core.french import day_long, hours_text, instant_long, since_long
from marelle.families.labels import age_text

PRIORITY_NAMES = {
    0: gettext_lazy("à son tour"),
    1: gettext_lazy("avant les autres"),
    2: gettext_lazy("en tout premier"),
    -1: gettext_lazy("après les autres"),
}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """`why` says why a place that is free is still there, "" where none is."""

    opening_id: int
    title: str
    detail: str
    places: str
    tone: str
    may_offer: bool
    why: str


def queue_lines(found: Iterable[Queued]) -> list[QueueLine]:
    return [_queue_line(one) for one in found]


def _queue_line(one: Queued) -> QueueLine:
    opening, free = one.opening, one.free is None or one.free > 0
    left = one.free is None or one.free + one.kept > 0
    waiting = ngettext("%(n)d enfant attend", "%(n)d enfants attendent", one.waiting) % {"n": one.waiting}
    parts = [waiting if one.waiting else "", _("premier : %s") % one.first if one.first else ""]
    if one.offered:
        told = ngettext("%(n)d place proposée", "%(n)d places proposées", one.offered)
        parts.append(told % {"n": one.offered})
    group = opening.activity.groups.get(opening.group_id, "") if opening.group_id is not None else ""
    names = (day_long(opening.day), opening.slot.name, opening.title, opening.activity.name, group)
    return QueueLine(
        opening_id=opening.id,
        title=" · ".join(name for name in names if name),
        detail=" · ".join(part for part in parts if part),
        places=_free(one.free, one.kept)
        if left or not one.room
        else _("complet, sauf pour un enfant qui vient déjà ce jour-là"),
        tone="ok" if free or one.room else "plain",
        may_offer=one.gives and one.room and not one.by_itself,
        why=_why_free(one) if one.waiting and (free or one.room) else "",
    )


def _why_free(one: Queued) -> str:
    if one.by_itself:
        return _(
            "Part d’elle-même dès que l’enfant peut la prendre : rien d’autre réservé à cette heure, "
            "les créneaux exigés avec celui-ci, et toutes les places attendues ensemble."
        )
    if one.gives:
        return _("Plus personne ne peut annuler sans frais : à vous de la proposer.")
    return _("Plus personne ne peut annuler sans frais : le guichet la propose.")


def _free(free: int | None, kept: int) -> str:
    """ "3 places libres, 2 gardées"."""
    if free is None:
        return _("sans limite")
    told = ngettext("%(n)d place libre", "%(n)d places libres", free) % {"n": free}
    return with_kept(told if free > 0 else _("complet"), kept, free + kept)


@dataclass(frozen=True, slots=True)
class Waiting:
    """`why` says what put it there: how long it waits, or an agent's reason."""

    booking_id: int
    rank: int
    name: str
    url: str
    detail: str
    why: str
    priority: int


def queue_title(found: QueueOf) -> str:
    opening = found.opening
    group = opening.activity.groups.get(opening.group_id, "") if opening.group_id is not None else ""
    names = (day_long(opening.day), opening.slot.name, opening.title, group)
    title = " · ".join(name for name in names if name)
    return title[:1].upper() + title[1:]


def queue_lead(found: QueueOf) -> str:
    opening = found.opening
    hours = hours_text(local(opening.starts_at).time(), local(opening.ends_at).time())
    return f"{opening.activity.name}, {hours} · {_free(found.free, found.kept)}"


def offered_text(name: str, until: datetime) -> str:
    told = {"name": name, "until": instant_long(until)}
    return _("Place proposée à %(name)s jusqu’au %(until)s. La famille est prévenue.") % told


def waiting_rows(found: QueueOf, ways: Mapping[int, str]) -> list[Waiting]:
    return [
        Waiting(
            booking_id=row.booking_id,
            rank=rank,
            name=f"{row.first_name} {row.last_name}",
            url=ways.get(row.family_id, ""),
            detail=age_text(row.birth_date, found.opening.day) if row.birth_date else "",
            why=_why(row),
            priority=row.priority,
        )
        for rank, row in enumerate(found.rows, start=1)
    ]


def _why(row: WaitingRow) -> str:
    said = [_("en attente %(since)s") % {"since": since_long(row.queued_at)}]
    if row.waits_with is not None:
        said.append(_("avec d’autres places de son foyer, ensemble ou pas du tout"))
    if row.preference:
        said.append(_("%s de plusieurs, une seule suffit") % choice_text(row.preference))
    if row.needed is not None and row.left is not None and row.passed_at is not None:
        said.append(passed_text(row.needed, row.left, row.passed_at))
    since = " · ".join(said)
    if not row.priority:
        return since
    told = {"order": PRIORITY_NAMES.get(row.priority, ""), "by": row.by, "reason": row.reason}
    return f"{_('%(order)s, par %(by)s : %(reason)s') % told} · {since}"
