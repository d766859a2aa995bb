"""Booking rules and their effect, in French."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.labels import after_label, audience_label, rule_lines, weekdays_label
from marelle.activities.models import AbsenceRule, BookingRule, Slot
from marelle.activities.rules import Dated, OpeningFacts, Window
from marelle.core.clock import local
from marelle.core.french import day_long_year, day_plain, hours_text, instant_long_year, until_long_year
from marelle.core.refusals import Refusal

REFUSALS: Final[dict[str, str | Promise]] = {
    "nothing_under": gettext_lazy("Rien d’autre ne compterait ces jours-là."),
    "past": gettext_lazy("Donnez aujourd’hui ou un jour à venir : le passé garde ses délais."),
    "not_in_order": gettext_lazy("La fin vient avant le début."),
    "canteen": gettext_lazy("La cantine d’une école est un droit : rien n’y suspend les réservations."),
    "hidden": gettext_lazy(
        "Cela ne compterait jamais\u00a0: «\u00a0%(rule)s\u00a0» passe avant. Changez cette règle-là, "
        "ou donnez un autre premier jour."
    ),
    "impossible": gettext_lazy("Un nombre est trop grand."),
    "changed_meanwhile": gettext_lazy("Les délais viennent de changer : regardez-les à nouveau."),
}
FIELDS: Final = {"hidden": "weekdays", "past": "since", "not_in_order": "until", "canteen": "suspends"}

Row = TypeVar("Row", BookingRule, AbsenceRule)
Lines = Callable[[Any], list[str]]


@dataclass(frozen=True, slots=True)
class RowLine:
    """A dated row: when it counts, what it says, whether it counts today, and where it is changed."""

    when: str
    lines: list[str]
    state: str
    tone: str
    query: str


@dataclass(frozen=True, slots=True)
class EffectColumn:
    """What families may do; pairs of a question and its answer."""

    title: str
    pairs: list[tuple[str, str]]


def query(slot: Slot | None, weekdays: Collection[int] = ()) -> str:
    """What follows the address of a page of rules."""
    asked = {"creneau": slot.pk} if slot else {}
    days = "".join(map(str, sorted(weekdays)))
    told = urlencode(asked | ({"jours": days} if days else {}))
    return f"?{told}" if told else ""


def ends_text(weekdays: Collection[int]) -> str:
    """What the form that ends these rows does."""
    if weekdays:
        return _("Ne plus traiter à part les %(days)s, à partir du") % {"days": weekdays_label(weekdays)}
    return _("Suivre de nouveau l’activité à partir du")


def ended_text(weekdays: Collection[int]) -> str:
    if weekdays:
        return _("Les %(days)s suivent de nouveau le délai de tous les jours.") % {
            "days": weekdays_label(weekdays)
        }
    return _("Ce créneau suit de nouveau le délai de l’activité.")


def refusal_text(refusal: Refusal) -> str:
    told = str(REFUSALS[refusal.code])
    return told % {"rule": _dates(refusal.data["by"])} if refusal.code == "hidden" else told


def shown_row(rows: Sequence[Row], today: date) -> Row | None:
    """The row that a form begins with: what holds today, else the next to come, else the last."""
    holding = [row for row in rows if row.as_rule().is_in_force(today)]
    if holding:
        return holding[-1]
    return next((row for row in rows if row.since > today), rows[-1] if rows else None)


def told(row: BookingRule | AbsenceRule | None, lines: Lines = rule_lines) -> list[str]:
    """A row in sentences: its dates, then what it says."""
    return [] if row is None else [_dates(row), *lines(row.as_rule())]


def row_lines(
    rows: Sequence[Row], slot: Slot | None, today: date, lines: Lines = rule_lines
) -> list[RowLine]:
    """The last first; `lines` says what each rule says."""
    now = {row.as_rule().weekdays: row for row in rows if row.as_rule().is_in_force(today)}
    return [
        RowLine(
            _dates(row),
            lines(row.as_rule()),
            *_state(row, now.get(row.as_rule().weekdays), today),
            query=query(slot, row.weekdays),
        )
        for row in reversed(rows)
    ]


def effect_title(slot: str, opening: OpeningFacts) -> str:
    hours = hours_text(local(opening.starts_at).time(), local(opening.ends_at).time())
    return f"{slot}, {day_long_year(opening.day)}, {hours}"


def effect_columns(stored: Window | None, *typed: Window | None) -> list[EffectColumn]:
    """What families may do under what is in force, then under what is typed."""
    titles = (_("Délai actuel"), _("Délai saisi"))
    return [EffectColumn(title, _pairs(one)) for title, one in zip(titles, (stored, *typed), strict=False)]


def _pairs(window: Window | None) -> list[tuple[str, str]]:
    if window is None:
        return [(_("Réserver"), _("aucun délai ne compte ce jour-là\u00a0: rien n’est réservé"))]
    return [
        *_opens(window),
        (_("Se réserve"), _until(window.closes_at)),
        (_("Ensuite"), after_label(window.after)),
        (_("S’annule"), _until(window.cancel_until)),
    ]


def _opens(window: Window) -> list[tuple[str, str]]:
    """Each audience and its instant, the first to come first."""
    if not window.opens:
        return [(_("S’ouvre"), _("c’est toujours ouvert"))]
    told = _("S’ouvre\u00a0: %(who)s")
    return [
        (
            told % {"who": audience_label(one.audience)},
            instant_long_year(one.at) if one.at else _("toujours ouvert"),
        )
        for one in sorted(window.opens, key=lambda one: one.at.timestamp() if one.at else 0)
    ]


def _until(limit: datetime | None) -> str:
    return until_long_year(limit) if limit else _("jamais en ligne")


def _dates(row: BookingRule | AbsenceRule | Dated) -> str:
    told = {"days": weekdays_label(row.weekdays), "first": day_plain(row.since)}
    if row.until is None:
        return _("Pour les %(days)s à partir du %(first)s") % told
    return _("Pour les %(days)s du %(first)s au %(last)s") % (told | {"last": day_plain(row.until)})


def _state(row: Row, now: Row | None, today: date) -> tuple[str, str]:
    if row is now:
        return _("en vigueur"), "ok"
    return (_("à venir"), "info") if row.since > today else (_("passé"), "plain")
