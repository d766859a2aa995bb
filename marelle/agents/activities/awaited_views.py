"""« Salle d’attente » of an activity: the openings of its bookings for which many are awaited at once."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from marelle.activities.models import AwaitedOpening
from marelle.agents.activities import rows
from marelle.agents.activities.forms.awaited import AwaitedForm
from marelle.agents.activities.rows import Screen
from marelle.agents.guards import staff_only
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS


def _page_of_activity(row: AwaitedOpening) -> rows.Way:
    return reverse("agents_activities:activity", args=[row.activity_id]), row.activity.name


AWAITED: Final = Screen(
    AwaitedOpening,
    AwaitedForm,
    "activity",
    gettext_lazy("Prévoir la salle d’attente"),
    _page_of_activity,
    lambda row: reverse("agents_activities:awaited_remove", args=[row.pk]),
)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def awaited_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    return rows.add(request, AWAITED, activity_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def awaited(request: MarelleRequest, awaited_id: int) -> HttpResponse:
    return rows.change(request, AWAITED, awaited_id)


@require_POST
@staff_only(*DECIDERS)
def awaited_removed(request: MarelleRequest, awaited_id: int) -> HttpResponse:
    stay = reverse("agents_activities:awaited", args=[awaited_id])
    return rows.remove(request, AWAITED, awaited_id, stay=stay)
