"""Places of the days that a family wishes, as a table: dates in columns, slots in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.kept_labels import with_kept
from marelle.activities.selectors import Places
from marelle.core.french import day_compact, weekday_name

NEARLY_FULL = 0.85
"""Share of the places taken from which a day is shown as nearly full."""


@dataclass(frozen=True, slots=True)
class PlaceCell:
    """`tone` colours it, and `word` says the same to who sees no colour; all are empty without an opening."""

    text: str = ""
    word: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class PlaceTable:
    """`corner` names the weekday when all the dates are of one."""

    corner: str
    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[PlaceCell, ...]], ...]


def place_table(places: Sequence[Places]) -> PlaceTable | None:
    """None where no place is counted."""
    days = sorted({place.day for place in places})
    if not days:
        return None
    one_weekday = len({day.weekday() for day in days}) == 1
    slots = dict.fromkeys((place.slot_id, place.slot_name) for place in places)
    cells = {(place.slot_id, place.day): _cell(place) for place in places}
    return PlaceTable(
        corner=weekday_name(days[0].weekday()).capitalize() if one_weekday else "",
        days=tuple(day_compact(day, named=not one_weekday) for day in days),
        rows=tuple(
            (name, tuple(cells.get((slot_id, day), PlaceCell()) for day in days)) for slot_id, name in slots
        ),
    )


def summary(*, full_days: int, held_days: int, waiting: int) -> str:
    """ "4 des 31 jours souhaités sont complets. 2 enfants sont en liste d’attente."."""
    if not held_days:
        return _("Aucun jour souhaité n’est ouvert pour l’instant.")
    days = {"full": full_days, "held": held_days}
    found = (
        ngettext(
            "%(full)d des %(held)d jours souhaités est complet.",
            "%(full)d des %(held)d jours souhaités sont complets.",
            full_days,
        )
        % days
        if full_days
        else ngettext(
            "Il reste de la place sur le jour souhaité.",
            "Il reste de la place sur les %(held)d jours souhaités.",
            held_days,
        )
        % days
    )
    queue = ngettext(
        "%(n)d enfant est en liste d’attente.", "%(n)d enfants sont en liste d’attente.", waiting
    )
    return f"{found} {queue % {'n': waiting}}" if waiting else found


def _cell(place: Places) -> PlaceCell:
    taken = place.taken - place.kept
    text = with_kept(f"{taken}\u00a0/\u00a0{place.capacity}", place.kept, place.capacity - taken)
    if not place.left and taken < place.capacity:
        return PlaceCell(text, _("que des places gardées"), "warn")
    if not place.left:
        return PlaceCell(text, _("complet"), "error")
    if place.taken >= place.capacity * NEARLY_FULL:
        return PlaceCell(text, _("presque complet"), "warn")
    return PlaceCell(text, "", "ok")
