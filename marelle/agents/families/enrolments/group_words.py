"""A child who changes groups, in French: where it is, what becomes of each booking, and why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.bookings.closing.moving import Fate, Moved, Moving, Plan
from marelle.core.french import day_long_year, day_plain
from marelle.core.refusals import No
from marelle.enrolments.models import Enrolment

FATES: Final[dict[Fate, tuple[str | Promise, str]]] = {
    Fate.MOVES: (gettext_lazy("change de groupe"), "ok"),
    Fate.THERE: (gettext_lazy("attente finie : déjà dans ce groupe"), "ok"),
    Fate.FULL: (gettext_lazy("complet dans ce groupe"), "warn"),
    Fate.NOT_HELD: (gettext_lazy("n’existe pas dans ce groupe"), "warn"),
    Fate.ELSEWHERE: (gettext_lazy("déjà ailleurs à cette heure"), "warn"),
}

REFUSALS: Final[dict[str, str | Promise]] = {
    "own_file": gettext_lazy("C’est votre propre dossier : une autre personne du service s’en occupe."),
    "past_day": gettext_lazy("Choisissez un jour à partir de demain."),
    "outside": gettext_lazy("Ce jour n’est pas dans l’inscription."),
    "same_group": gettext_lazy("L’enfant est déjà dans ce groupe."),
    "no_reason": gettext_lazy("Donnez la raison de la dérogation."),
    "moved": gettext_lazy(
        "Quelque chose a changé depuis que vous avez regardé : voici ce qui serait fait maintenant."
    ),
    "nobody": gettext_lazy("Aucun de ces enfants ne peut changer de groupe."),
    "too_many": gettext_lazy("Choisissez %(most)d enfants au plus à la fois."),
}


@dataclass(frozen=True, slots=True)
class Line:
    day: str
    slot: str
    told: str
    tone: str


def lines(plan: Plan) -> list[Line]:
    return move_lines(plan.moves)


def move_lines(moves: Iterable[Moving]) -> list[Line]:
    return [
        Line(
            day_long_year(one.opening.day),
            " · ".join(filter(None, (one.opening.slot.name, one.opening.title))),
            str(FATES[one.fate][0]),
            FATES[one.fate][1],
        )
        for one in moves
    ]


def held_text(enrolment: Enrolment, day: date) -> list[str]:
    """The groups chosen, each with its day; one query."""
    return [
        _("« %(group)s » depuis le %(day)s") % {"group": row.group.name, "day": day_plain(row.since)}
        if row.since <= day
        else _("« %(group)s » à partir du %(day)s") % {"group": row.group.name, "day": day_plain(row.since)}
        for row in enrolment.groups.select_related("group").order_by("since")
    ]


def refusal_text(refusal: No) -> str:
    return str(REFUSALS[refusal.code]) % refusal.data


def moved_text(moved: Moved) -> str:
    told = [
        ngettext("%d réservation déplacée", "%d réservations déplacées", moved.moved) % moved.moved,
        ngettext("%d gardée en dérogation", "%d gardées en dérogation", moved.kept) % moved.kept,
        ngettext("%d en liste d’attente", "%d en liste d’attente", moved.queued) % moved.queued,
        ngettext("%d annulée", "%d annulées", moved.cancelled) % moved.cancelled,
        ngettext(
            "%d attente finie, l’enfant est déjà dans ce groupe",
            "%d attentes finies, l’enfant est déjà dans ce groupe",
            moved.there,
        )
        % moved.there,
    ]
    counts = (moved.moved, moved.kept, moved.queued, moved.cancelled, moved.there)
    return ", ".join(text for text, n in zip(told, counts, strict=True) if n) or _("Rien n’était réservé.")
