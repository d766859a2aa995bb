"""Openings of a month, and what generating them again would do, in French."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.generation import ExistingOpening
from marelle.activities.models import Opening
from marelle.activities.services import OpeningHours
from marelle.core.clock import local
from marelle.core.french import day_long, day_long_year, hours_text, join_and
from marelle.core.refusals import Refusal
from marelle.flows.catalogue.openings import Preview

DAYS_TOLD: Final = 60
"""Days listed one by one; more are counted."""

NAMES_TOLD: Final = 12

THERE_ALREADY: Final = gettext_lazy("Une ouverture de ce titre existe déjà ce jour-là.")

REFUSALS: Final[dict[str, str | Promise]] = {
    "past_day": gettext_lazy("Ce jour est passé."),
    "no_such_slot": gettext_lazy("Choisissez un créneau de sorties de cette activité."),
    "there_already": gettext_lazy("Cette sortie existe déjà ce jour-là."),
    "in_doubt": gettext_lazy(
        "Rien n’est fait encore\u00a0: lisez ce qui est à regarder, puis cochez que c’est bien voulu."
    ),
    "preview_stale": gettext_lazy(
        "Quelque chose a changé depuis que vous avez ouvert la page : voici ce qui serait fait maintenant."
    ),
}


@dataclass(frozen=True, slots=True)
class DayOpenings:
    title: str
    lines: list[OpeningLine]


@dataclass(frozen=True, slots=True)
class OpeningLine:
    name: str
    detail: str
    state: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change: what it is, counted by slot, with its days when they matter one by one."""

    title: str
    tone: str
    lines: list[str]


def refusal_text(refusal: Refusal) -> str:
    if refusal.code == "names_booked":
        return _names_text(refusal.data["names"])
    return str(REFUSALS[refusal.code])


def opening_facts(row: Opening) -> list[tuple[str, str]]:
    """What a day that has begun was: nothing of it changes any more."""
    state = _("fermé") if row.state == Opening.State.CLOSED else _("ouvert")
    facts = [
        (_("Titre"), row.title),
        (_("Heures"), hours_text(local(row.starts_at).time(), local(row.ends_at).time())),
        (_("État"), " · ".join(filter(None, (state, row.reason)))),
    ]
    return [(term, value) for term, value in facts if value]


def _names_text(names: Sequence[str]) -> str:
    """Who holds a place at the hours that would change, the first ones by name."""
    told = [*names[:NAMES_TOLD]]
    if len(names) > NAMES_TOLD:
        beyond = len(names) - NAMES_TOLD
        told.append(ngettext("%(n)d autre", "%(n)d autres", beyond) % {"n": beyond})
    return _(
        "Ces heures sont réservées : %(names)s. Prévenez d’abord les familles, ou fermez ce jour : "
        "elles le sont alors par courriel."
    ) % {"names": join_and(told)}


def days(openings: Iterable[Opening]) -> list[DayOpenings]:
    return [
        DayOpenings(day_long(day), [_line(row) for row in rows])
        for day, rows in groupby(openings, key=lambda row: row.day)
    ]


def _line(row: Opening) -> OpeningLine:
    name = " · ".join(filter(None, (row.slot.name, row.title, row.group.name if row.group else "")))
    hours = hours_text(local(row.starts_at).time(), local(row.ends_at).time())
    detail = f"{hours} · {row.reason}" if row.reason else hours
    url = reverse("agents_activities:opening", args=[row.pk])
    if row.state == Opening.State.CLOSED:
        return OpeningLine(name, detail, _("fermé"), "warn", url)
    return OpeningLine(name, detail, _("corrigé à la main") if row.hand_edited else "", "info", url)


def opening_title(row: Opening) -> str:
    """ "Matin · 3–5 ans, mercredi 2 décembre 2026"."""
    name = " · ".join(filter(None, (row.slot.name, row.group.name if row.group else "")))
    return _("%(name)s, %(day)s") % {"name": name, "day": day_long_year(row.day)}


def hours_held(held: OpeningHours) -> str:
    return " · ".join(filter(None, (held.title, hours_text(held.starts, held.ends))))


def changes(preview: Preview, slots: Mapping[int, str]) -> list[Change]:
    """What would be done, then what stays as it is and why; only what there is."""
    found = preview.difference
    created = Counter(slots.get(row.slot_id, "") for row in found.create)
    moved = [(slots.get(row.wanted.slot_id, ""), row.wanted.day) for row in found.update_hours]
    told = [
        Change(_("Ajoutées"), "ok", _counted(created)),
        Change(_("Mises aux heures du créneau"), "info", _dated(moved)),
        Change(_("Supprimées, personne n’y a réservé"), "warn", _dated(_of(found.remove, slots))),
        Change(
            _("Gardées, des familles y ont réservé : à vous de décider"),
            "warn",
            _dated(_of(found.kept_because_booked, slots)),
        ),
        Change(_("Gardées, corrigées ou fermées à la main"), "plain", _dated(_of(found.kept_by_hand, slots))),
    ]
    return [change for change in told if change.lines]


def month_around(day: date) -> tuple[date, date, date]:
    """First days of the month of `day`, of the one before and of the next."""
    first = day.replace(day=1)
    return first, (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)


def _of(rows: Iterable[ExistingOpening], slots: Mapping[int, str]) -> list[tuple[str, date]]:
    return [(slots.get(row.slot_id, ""), row.day) for row in rows]


def _counted(names: Counter[str]) -> list[str]:
    return [
        ngettext("%(name)s : %(n)d ouverture", "%(name)s : %(n)d ouvertures", n) % {"name": name, "n": n}
        for name, n in names.items()
    ]


def _dated(rows: list[tuple[str, date]]) -> list[str]:
    """Each slot and day once, whatever its groups; the first ones by name."""
    distinct = sorted(set(rows), key=lambda row: (row[1], row[0]))
    told = [f"{day_long_year(day)} : {name}" for name, day in distinct[:DAYS_TOLD]]
    beyond = len(distinct) - len(told)
    more = ngettext("et %(n)d autre", "et %(n)d autres", beyond) % {"n": beyond}
    return [*told, more] if beyond else told
