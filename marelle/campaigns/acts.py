"""What the journal says of campaigns: the sentence of each act."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CAMPAIGNS: Final[dict[str, str | Promise]] = {
    "campaign.added": _("Campagne d’attribution préparée\u00a0: {label}"),
    "campaign.changed": _("Campagne d’attribution modifiée\u00a0: {label}"),
    "campaign.removed": _("Campagne d’attribution supprimée\u00a0: {label}"),
    "campaign.announced": _("Campagne d’attribution annoncée aux familles\u00a0: {label}"),
    "campaign.drawn": _("Tirage fait\u00a0: {label}"),
    "campaign.ended": _("Campagne d’attribution terminée\u00a0: {label}"),
    "campaign.simulated": _("Attribution simulée\u00a0: {label}"),
    "campaign.verified": _("Simulation vérifiée\u00a0: {label}"),
    "campaign.published": _("Réponses publiées\u00a0: {label}"),
    "commission.added": _("Commission préparée\u00a0: {label}"),
    "commission.changed": _("Commission modifiée\u00a0: {label}"),
    "commission.removed": _("Commission supprimée\u00a0: {label}"),
    "commission.filled": _("Fiche d’une commission complétée\u00a0: {label}"),
    "commission.proposed": _("Classement d’une commission fait\u00a0: {label}"),
    "commission.decided": _("Décision d’une commission\u00a0: {label}"),
    "commission.sent": _("Réponses d’une commission envoyées\u00a0: {label}"),
    "commission.answered": _("Réponse d’une commission envoyée\u00a0: {label}"),
    "commission.accepted": _("Place d’une commission acceptée\u00a0: {label}"),
    "commission.returned": _("Place d’une commission rendue\u00a0: {label}"),
    "wishes.answered": _("Réponse aux vœux\u00a0: {label}"),
    "wishes.moved": _("Réponse aux vœux changée par un agent\u00a0: {label}"),
    "wishes.sent": _("Vœux enregistrés\u00a0: {label}"),
    "wishes.withdrawn": _("Vœux retirés\u00a0: {label}"),
}
