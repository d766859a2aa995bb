"""Missing papers in French: who lacks what, since when, and what is at stake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long_year
from marelle.flows.papers.missing import Lacking, ToRemind
from marelle.papers.labels import effect_text, standing_text, standing_tone
from marelle.papers.models import PaperReminded, PaperReminder
from marelle.papers.rules import REMINDED_EVERY


@dataclass(frozen=True, slots=True)
class PaperLine:
    title: str
    tag: str
    tone: str
    about: str


@dataclass(frozen=True, slots=True)
class HomeLine:
    id: int
    url: str
    name: str
    reminded: str
    papers: list[PaperLine]


def home_line(family: Any, lacking: Iterable[Lacking], ways: Mapping[int, str]) -> HomeLine:
    """A home with its `reminded_at`, and what it lacks."""
    reminded = ""
    if family.reminded_at is not None:
        reminded = _("relancée le {day}").format(day=day_plain(local(family.reminded_at).date()))
    return HomeLine(
        family.pk,
        ways.get(family.pk, ""),
        str(family),
        reminded,
        [_paper_line(one) for one in lacking],
    )


def _paper_line(one: Lacking) -> PaperLine:
    title = f"{one.kind.title} · {one.person.first_name}" if one.person else one.kind.title
    parts = [text for effect, since in one.effects if (text := effect_text(effect, since))]
    stake = "" if parts else one.kind.stake
    if one.asked_at is not None:
        day = day_plain(local(one.asked_at).date())
        asked = _("demandé par courriel le {day}").format(day=day)
        # The stake is a sentence of its own: after a semicolon its capital letter would be a fault.
        parts.insert(0, f"{asked}." if stake else asked)
    told = " ".join(filter(None, (" ; ".join(parts), stake)))
    return PaperLine(title, standing_text(one.status), standing_tone(one.status), told)


def families_text(number: int) -> str:
    return ngettext("{number} famille", "{number} familles", number).format(number=number)


def remind_pairs(place: str, found: ToRemind) -> list[tuple[str, str]]:
    pairs = [(_("Pour"), place), (_("À relancer"), families_text(len(found.new)))]
    if found.lately:
        lately = _("Relancées depuis moins de {days} jours").format(days=REMINDED_EVERY.days)
        pairs.append((lately, families_text(len(found.lately))))
    return pairs


def all_lately_text() -> str:
    return _("Toutes ont été relancées depuis moins de {days} jours.").format(days=REMINDED_EVERY.days)


def reminder_pairs(reminder: PaperReminder, told: int, settled: int) -> list[tuple[str, str]]:
    place = reminder.structure.name
    if reminder.activity is not None:
        place = f"{place} · {reminder.activity.name}"
    asked = {"who": reminder.asked_by, "at": instant_long_year(reminder.asked_at)}
    pairs = [
        (_("Pour"), place),
        (_("Demandé"), _("par {who}, le {at}").format(**asked)),
        (_("Relancées"), families_text(told)),
    ]
    if settled:
        pairs.append((_("N’ont plus rien à envoyer"), families_text(settled)))
    return pairs


def reminded_tag(row: PaperReminded) -> tuple[str, str]:
    if row.told_at is None:
        return _("à relancer"), "warn"
    if not row.papers:
        return _("plus rien à envoyer"), "plain"
    text = ngettext("{number} document demandé", "{number} documents demandés", row.papers)
    return text.format(number=row.papers), "ok"
