"""« Listes » in French: why a list is refused, or has nobody."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marelle.core.french import day_long
from marelle.flows.door.lists import DayList, DayRefused


def refused_text(refusal: DayRefused) -> str:
    return {
        "past": _("Ce jour est passé : une liste se prépare pour aujourd’hui ou pour un jour à venir."),
        "too_far": _("Vous voyez les listes d’aujourd’hui et de demain : celle-ci viendra la veille."),
    }[refusal.code]


def empty_text(found: DayList) -> str:
    if found.next_day is None:
        return _("Aucun jour n’est ouvert ensuite pour le moment.")
    return _("Prochain jour ouvert : %(day)s.") % {"day": day_long(found.next_day)}
