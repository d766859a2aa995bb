"""« Premiers pas »: what a portal that begins still lacks, each step with the screen that does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Actor
from marelle.flows.vitals.beginning import Begun, Lack, Step, beginning

LABELS: Final[Mapping[Step, Promise]] = {
    Step.AUTHORITY: _("Votre collectivité"),
    Step.COMMUNE: _("Votre commune"),
    Step.CALENDAR: _("Le calendrier de l’école"),
    Step.STRUCTURE: _("Une structure"),
    Step.ACTIVITY: _("Une activité"),
    Step.FAMILY: _("Une première famille"),
}

TEXTS: Final[Mapping[tuple[Step, Lack], Promise]] = {
    (Step.AUTHORITY, Lack.WHOLE): _("Son nom : il sera en haut de chaque page et sous chaque courriel."),
    (Step.COMMUNE, Lack.WHOLE): _("Son nom et son code postal : ses habitants seront les vôtres."),
    (Step.CALENDAR, Lack.WHOLE): _("La zone et les jours d’école : les vacances de l’État suivent."),
    (Step.STRUCTURE, Lack.WHOLE): _("Le premier lieu qui accueille : cantine, garderie, centre de loisirs…"),
    (Step.ACTIVITY, Lack.WHOLE): _("Ce que les familles réservent, d’un jour à un autre."),
    (Step.ACTIVITY, Lack.SLOT): _("L’activité est là : il lui manque un créneau, ses heures et ses jours."),
    (Step.ACTIVITY, Lack.RULE): _(
        "Il lui manque un délai, sans quoi rien ne se réserve en ligne : dites jusqu’à quand on réserve "
        "et annule."
    ),
    (Step.ACTIVITY, Lack.OPENINGS): _("Il lui manque ses dates : calculez ses ouvertures."),
    (Step.FAMILY, Lack.WHOLE): _("Un adulte et un enfant suffisent ; l’invitation part par courriel."),
    (Step.FAMILY, Lack.ENROLMENT): _("Le dossier est ouvert : inscrivez un enfant, puis réservez un jour."),
}

ACTS: Final[Mapping[Lack, Promise]] = {
    Lack.WHOLE: _("Commencer"),
    Lack.SLOT: _("Ajouter un créneau"),
    Lack.RULE: _("Régler les délais"),
    Lack.OPENINGS: _("Calculer les ouvertures"),
    Lack.ENROLMENT: _("Inscrire un enfant"),
}


SHARED: Final[Mapping[Step, str]] = {
    Step.AUTHORITY: "collectivites",
    Step.COMMUNE: "communes",
    Step.CALENDAR: "calendriers",
}
"""As `agents.activities.shared_views.KINDS` names them in addresses."""

WAYS: Final[Mapping[tuple[Step, Lack], str]] = {
    (Step.STRUCTURE, Lack.WHOLE): "agents_activities:structure_new",
    (Step.ACTIVITY, Lack.WHOLE): "agents_activities:choose",
    (Step.ACTIVITY, Lack.SLOT): "agents_activities:slot_new",
    (Step.ACTIVITY, Lack.RULE): "agents_activities:rules",
    (Step.ACTIVITY, Lack.OPENINGS): "agents_activities:generate",
    (Step.FAMILY, Lack.WHOLE): "agents_families:new",
    (Step.FAMILY, Lack.ENROLMENT): "agents_enrolments:new",
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step; `text` is "" once it is done, `url` until it can be taken."""

    label: Promise
    is_done: bool
    text: str | Promise = ""
    act: str | Promise = ""
    url: str = ""


def beginning_lines(actor: Actor, *, day: date) -> list[StepLine]:
    """What an administrator is shown on its start page until a first child is enrolled; nothing to others."""
    if not actor.is_administrator:
        return []
    return [_line(one) for one in beginning(day=day)]


def _line(one: Begun) -> StepLine:
    if one.lack is None:
        return StepLine(LABELS[one.step], is_done=True)
    text = TEXTS[one.step, one.lack]
    if not one.is_open:
        return StepLine(LABELS[one.step], is_done=False, text=text)
    return StepLine(LABELS[one.step], False, text, ACTS[one.lack], _url(one, one.lack))


def _url(one: Begun, lack: Lack) -> str:
    if one.step in SHARED:
        return reverse("agents_activities:shared_add", args=[SHARED[one.step]])
    about = [] if one.row_id is None else [one.row_id]
    return reverse(WAYS[one.step, lack], args=about)
