"""The rules that règlements publish, as a secretary names them, and what each begins with.

Each is a case of `pricing.tariffs` with its step: a step is a question, and the first rule that holds
answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from marelle.agents.activities.prices.forms.lines import DOWN, FIXED, FREE, PLUS, UP
from marelle.agents.activities.prices.forms.missed import NO, YES
from marelle.pricing.facts import TraitKind
from marelle.pricing.tariffs import Adjustment, Always, By, Late, Missed, Rank, Unbooked

CASE_ALWAYS, CASE_RANK, CASE_LATE, CASE_UNBOOKED, CASE_MISSED = "always", "rank", "late", "unbooked", "missed"
CASE_SIBLINGS = "siblings"
"""Several ranks at once, each with its percent."""


@dataclass(frozen=True, slots=True)
class Usual:
    """`effect`: the line of the price that is chosen first; `excused`, of an absence; `who`, ticked first."""

    code: str
    title: str | Promise
    text: str | Promise
    case: str
    step: int
    effect: str
    excused: str = NO
    who: tuple[TraitKind, ...] = ()
    order: int = 0


USUAL: Final = (
    Usual(
        "hors-delai",
        gettext_lazy("Majoration hors délai"),
        gettext_lazy("Réservé après la limite\u00a0: un pourcentage, un montant, ou un autre prix."),
        CASE_LATE,
        30,
        UP,
    ),
    Usual(
        "sans-reservation",
        gettext_lazy("Pénalité\u00a0: venu sans réservation"),
        gettext_lazy("L’enfant est pointé présent, et rien n’avait été réservé."),
        CASE_UNBOOKED,
        40,
        FIXED,
    ),
    Usual(
        "absence",
        gettext_lazy("Absence injustifiée"),
        gettext_lazy("Réservé, et personne n’est venu\u00a0: ce qui est dû sans justificatif."),
        CASE_MISSED,
        50,
        FIXED,
        NO,
        order=1,
    ),
    Usual(
        "absence-justifiee",
        gettext_lazy("Absence justifiée"),
        gettext_lazy("Un justificatif est arrivé à temps\u00a0: ce qui n’est plus dû."),
        CASE_MISSED,
        50,
        FREE,
        YES,
    ),
    Usual(
        "fratrie",
        gettext_lazy("Réduction pour les frères et sœurs"),
        gettext_lazy("Tant pour le deuxième enfant, tant pour le troisième, et les suivants."),
        CASE_SIBLINGS,
        20,
        DOWN,
    ),
    Usual(
        "rang",
        gettext_lazy("Selon le rang de l’enfant"),
        gettext_lazy("Un montant, un autre prix, ou le troisième seulement\u00a0; dire qui est le premier."),
        CASE_RANK,
        20,
        DOWN,
    ),
    Usual(
        "hors-commune",
        gettext_lazy("Hors commune"),
        gettext_lazy("Les familles d’ailleurs paient plus, d’un montant ou d’un pourcentage."),
        CASE_ALWAYS,
        10,
        PLUS,
        who=(TraitKind.OUTSIDE,),
    ),
    Usual(
        "pour-certains",
        gettext_lazy("Réduction ou majoration pour certains"),
        gettext_lazy(
            "Le personnel, une commune conventionnée, qui apporte son repas, un jour de la semaine…"
        ),
        CASE_ALWAYS,
        10,
        DOWN,
    ),
)
BY_CODE: Final[Mapping[str, Usual]] = {one.code: one for one in USUAL}


def usual_of(row: Adjustment) -> Usual:
    """Under which name a rule that is there is changed."""
    match row.case:
        case Late():
            return BY_CODE["hors-delai"]
        case Unbooked():
            return BY_CODE["sans-reservation"]
        case Missed(excused=True):
            return BY_CODE["absence-justifiee"]
        case Missed():
            return BY_CODE["absence"]
        case Rank():
            return BY_CODE["rang"]
        case Always():
            outside = any(trait.kind is TraitKind.OUTSIDE for trait in row.who)
            return BY_CODE["hors-commune" if outside else "pour-certains"]


FIRSTS: Final[dict[By, str | Promise]] = {
    By.PRICE: gettext_lazy("celui qui paierait le plus ce jour-là, puis l’aîné"),
    By.ELDEST: gettext_lazy("l’aîné de ceux qui viennent ce jour-là"),
    By.HOUSEHOLD: gettext_lazy("l’aîné du foyer, qu’il vienne ou non"),
}
