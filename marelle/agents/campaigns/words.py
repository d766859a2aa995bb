"""Campaigns in French, for an agent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.campaigns.labels import refusal_text
from marelle.campaigns.models import Campaign, Criterion
from marelle.campaigns.refusals import CampaignRefused
from marelle.core.french import (
    from_long,
    instant_long,
    instant_long_year,
    join_and,
    range_sentence,
    until_long,
)

State = Campaign.State

TONES = {
    State.DRAFT: "plain",
    State.ANNOUNCED: "info",
    State.CLOSED: "warn",
    State.SIMULATED: "warn",
    State.PUBLISHED: "ok",
    State.ENDED: "plain",
}


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    detail: str
    state: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class CriterionLine:
    id: int
    text: str
    detail: str


def lines(campaigns: Iterable[Campaign]) -> list[Line]:
    return [
        Line(
            one.name,
            range_sentence(one.first_day, one.last_day).capitalize(),
            state_text(one),
            TONES[State(one.state)],
            reverse("agents_campaigns:campaign", args=[one.pk]),
        )
        for one in campaigns
    ]


def state_text(campaign: Campaign) -> str:
    return str(State(campaign.state).label)


def pairs(campaign: Campaign, homes: int) -> list[tuple[str, str]]:
    """What was decided of it, and how many have sent wishes."""
    found = [
        (_("Activités"), join_and([one.name for one in campaign.activities.all()])),
        (_("Période"), range_sentence(campaign.first_day, campaign.last_day).capitalize()),
        (_("Façon"), f"{campaign.get_mode_display()} · {campaign.get_unit_display()}"),
        (_("Vœux"), f"{from_long(campaign.opens_at)}, {until_long(campaign.closes_at)}".capitalize()),
    ]
    if campaign.early_until is not None:
        found.append((_("À égalité"), until_long(campaign.early_until).capitalize()))
    found += [
        (_("Réponses"), instant_long_year(campaign.answers_at).capitalize()),
        (_("À accepter"), until_long(campaign.answer_until).capitalize()),
        (
            _("Par enfant"),
            _("%(plans)d vœux classés au plus, %(given)d accordés au plus")
            % {"plans": campaign.most_plans, "given": campaign.most_given},
        ),
        (_("Nombre public"), campaign.public_number or campaign.public_source),
    ]
    if campaign.promise:
        found.append((_("Empreinte de la graine"), campaign.promise))
    if campaign.state != State.DRAFT:
        found.append((_("Foyers"), homes_text(homes)))
    return found


def homes_text(homes: int) -> str:
    if not homes:
        return _("aucun vœu reçu")
    return ngettext("%(n)d foyer a donné ses vœux", "%(n)d foyers ont donné leurs vœux", homes) % {"n": homes}


def asked_text(campaign: Campaign) -> str:
    """That a run is being done; "" where none is asked for."""
    if campaign.run_asked_at is None:
        return ""
    return _(
        "Simulation demandée le %(at)s : elle se fait, même si vous quittez."
        " Rechargez cette page dans quelques minutes."
    ) % {"at": instant_long(campaign.run_asked_at)}


def run_refused_text(campaign: Campaign) -> str:
    """Why the last that was asked for was not done; "" where it was."""
    if not campaign.run_refused:
        return ""
    why = refusal_text(CampaignRefused(campaign.run_refused))
    return _("La simulation demandée n’a pas été faite. %(why)s") % {"why": why}


def sending_text(sent: int, homes: int) -> str:
    told = {"sent": sent, "homes": homes}
    if sent == homes:
        return ngettext("La réponse est partie.", "Les %(homes)d réponses sont parties.", homes) % told
    return _("%(sent)d réponses envoyées sur %(homes)d. Le travail continue, même si vous quittez.") % told


def verified_text(objections: Sequence[str]) -> str:
    if not objections:
        return _("Le vérificateur n’a rien à redire.")
    told = ngettext("%(n)d objection", "%(n)d objections", len(objections)) % {"n": len(objections)}
    return _("Le vérificateur a %(told)s\u00a0: les foyers touchés sont mis de côté.") % {"told": told}


def criteria_lines(criteria: Iterable[Criterion]) -> list[CriterionLine]:
    found = []
    tier = 0
    for one in criteria:
        if one.use == Criterion.Use.TIER:
            tier += 1
            gives = _("Priorité %(n)d") % {"n": tier}
        else:
            gives = ngettext("%(n)d point", "%(n)d points", one.weight) % {"n": one.weight}
        proof = one.paper_type.title if one.paper_type is not None else one.get_kind_display()
        found.append(CriterionLine(one.pk, one.label, f"{gives} · {proof}"))
    return found


def next_text(campaign: Campaign, now: datetime) -> str:
    """What is to be done next, in a sentence."""
    match State(campaign.state):
        case State.DRAFT:
            return _("Relisez, ajoutez vos critères, puis annoncez : rien ne change plus après.")
        case State.ANNOUNCED if not campaign.is_over(now):
            return _(
                "Les familles donnent leurs vœux. Vous les suivez d’ici ; personne ne les lit avant la fin."
            )
        case State.ANNOUNCED:
            return _("Les vœux sont clos. Donnez le nombre public : il fait le tirage.")
        case State.CLOSED:
            return _("Le tirage est fait. Lancez une simulation : rien ne part encore.")
        case State.SIMULATED:
            return _("Regardez les réponses, vérifiez, puis publiez.")
        case State.PUBLISHED:
            return _("Les réponses partent. Les places non acceptées vont à la liste d’attente.")
        case State.ENDED:
            return _("C’est terminé.")
