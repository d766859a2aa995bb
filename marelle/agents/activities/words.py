"""What keeps a home from asking for an activity, in French."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.activities.models import Activity
from marelle.core.french import range_text
from marelle.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class ActivityLine:
    id: int
    name: str
    detail: str
    told: str


def line(activity: Activity) -> ActivityLine:
    told = []
    if activity.unpaid_blocks:
        told.append(_("facture en retard : pas de demande"))
    if activity.closes_when_full:
        told.append(_("complet : pas de demande"))
    return ActivityLine(
        id=activity.pk,
        name=activity.name,
        detail=f"{activity.structure.name} · {range_text(activity.first_day, activity.last_day)}",
        told=" ; ".join(told) or _("aucune condition"),
    )


def refusal_text(refusal: Refusal) -> str:
    return {
        "canteen_feeds_all": _("Une facture impayée n’empêche jamais de demander la cantine."),
        "not_yours": _("Cette activité n’est pas la vôtre."),
    }[refusal.code]
