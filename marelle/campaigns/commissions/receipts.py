"""The receipt of a home: what its demand asked of a commission, its right and why, what each better section
lacked, and until which turn it would have been had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.campaigns.commissions.labels import weekdays_text
from marelle.campaigns.commissions.rules import place_read
from marelle.campaigns.labels import right_pairs
from marelle.campaigns.models import CommissionSection, CommissionSheet


@dataclass(frozen=True, slots=True)
class Missed:
    """A section preferred to what was given: `days` without a place at this turn, `last_turn` from 0 (None:
    at no turn, there was never one)."""

    section: str
    days: tuple[int, ...]
    last_turn: int | None


def turns_of(commission_ids: Iterable[int]) -> dict[int, int]:
    """How many sheets each commission has put in order; one query."""
    rows = CommissionSheet.objects.filter(commission__in=list(commission_ids)).exclude(turn=None).order_by()
    found: dict[int, int] = {}
    for pk in rows.values_list("commission_id", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def missed_of(sheet: CommissionSheet, names: Mapping[int, str]) -> list[Missed]:
    return [
        Missed(
            names.get(told["rank"], ""),
            tuple(place_read(lack["place"])[1] for lack in told["lacks"]),
            told["last_turn"],
        )
        for told in sheet.blocked
    ]


def names_of(commission_ids: Iterable[int]) -> dict[int, str]:
    """The sections of these commissions by id; one query."""
    rows = CommissionSection.objects.filter(commission__in=list(commission_ids)).select_related("structure")
    return {row.pk: str(row) for row in rows}


def receipt_pairs(sheet: CommissionSheet, turns: int) -> list[tuple[str, str]]:
    """Of this home, and of nobody else."""
    if sheet.turn is None:
        return []
    return [
        (
            _("Fiche"),
            _("n° %(number)d, billet %(ticket)s") % {"number": sheet.number, "ticket": sheet.ticket},
        ),
        *right_pairs(sheet.tier or 0, sheet.points or 0, sheet.met, sheet.turn, turns),
    ]


def missed_texts(sheet: CommissionSheet, names: Mapping[int, str]) -> list[str]:
    """Why not what was preferred, and what would have changed it."""
    return [_missed_text(one, (sheet.turn or 0) + 1) for one in missed_of(sheet, names)]


def _missed_text(one: Missed, turn: int) -> str:
    told = {"section": one.section, "days": weekdays_text(one.days), "turn": turn}
    if one.last_turn is None:
        return _("%(section)s\u00a0: aucune place le %(days)s, pour personne.") % told
    return _(
        "%(section)s\u00a0: plus de place le %(days)s. Elle aurait été donnée jusqu’au tour %(last)d\u00a0;"
        " le vôtre était le %(turn)d."
    ) % (told | {"last": one.last_turn + 1})
