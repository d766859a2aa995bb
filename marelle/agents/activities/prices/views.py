"""What an agent of the office makes on « Tarifs » of an activity, besides a grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.activities.office import office_activity
from marelle.agents.activities.prices import making, words
from marelle.agents.activities.prices.forms.adjustments import AdjustmentForm
from marelle.agents.activities.prices.forms.common import RowForm
from marelle.agents.activities.prices.forms.siblings import SiblingsForm
from marelle.agents.activities.prices.forms.spans import SpanRuleForm
from marelle.agents.activities.prices.forms.tariffs import LateFetchForm, SetsTariffForm
from marelle.agents.activities.prices.making import Making
from marelle.agents.activities.prices.usual import BY_CODE, CASE_SIBLINGS, USUAL
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.flows.actor.middleware import MarelleRequest
from marelle.pricing.about import Row
from marelle.pricing.tariffs import LateFetch, Sets

METHODS = ["GET", "HEAD", "POST"]
Make = Callable[[Any, "Row | None"], RowForm]


@require_http_methods(METHODS)
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def sets_tariff(request: MarelleRequest, activity_id: int) -> HttpResponse:
    """One price of sets of slots, however it is found."""
    scene = _scene(request, activity_id)
    since = _since(request, scene)

    def make(data: Any, old: Row | None) -> RowForm:
        return SetsTariffForm(data, place=scene.place, old=old, since=since)

    known = words.changeable(scene.book.tariffs, Sets)
    return _page(request, scene, gettext_lazy("Un prix"), known, make)


@require_http_methods(METHODS)
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def late_fetch(request: MarelleRequest, activity_id: int) -> HttpResponse:
    scene = _scene(request, activity_id)
    since = _since(request, scene)

    def make(data: Any, old: Row | None) -> RowForm:
        return LateFetchForm(data, place=scene.place, old=old, since=since)

    known = words.changeable(scene.book.tariffs, LateFetch)
    return _page(request, scene, gettext_lazy("Retard à la fermeture"), known, make)


@require_safe
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def rules(request: MarelleRequest, activity_id: int) -> HttpResponse:
    """The usual rules, to choose from."""
    activity = office_activity(request, activity_id)
    return render(request, "agents/activities/prices/usual.html", {"activity": activity, "usual": USUAL})


@require_http_methods(METHODS)
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def rule(request: MarelleRequest, activity_id: int, usual: str) -> HttpResponse:
    scene = _scene(request, activity_id)
    chosen = BY_CODE.get(usual)
    if chosen is None:
        raise Http404
    since = _since(request, scene)

    kind = SiblingsForm if chosen.case == CASE_SIBLINGS else AdjustmentForm

    def make(data: Any, old: Row | None) -> RowForm:
        return kind(data, place=scene.place, old=old, since=since, usual=chosen)

    known = words.of_case(words.changeable(scene.book.adjustments), chosen.case)
    return _page(request, scene, chosen.title, known, make)


@require_http_methods(METHODS)
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def span_rule(request: MarelleRequest, activity_id: int) -> HttpResponse:
    scene = _scene(request, activity_id)
    since = _since(request, scene)

    def make(data: Any, old: Row | None) -> RowForm:
        return SpanRuleForm(data, place=scene.place, old=old, since=since)

    known = words.changeable(scene.book.span_rules)
    return _page(request, scene, gettext_lazy("Règle d’une semaine, d’un mois ou d’une année"), known, make)


def _scene(request: MarelleRequest, activity_id: int) -> words.Scene:
    return words.scene_of(office_activity(request, activity_id), request.today)


def _since(request: MarelleRequest, scene: words.Scene) -> Any:
    return max(request.today, scene.activity.first_day)


def _page(
    request: MarelleRequest, scene: words.Scene, title: str | Promise, known: Mapping[int, Row], make: Make
) -> HttpResponse:
    asked = Making(
        title=title,
        place=scene.place,
        back=scene.back,
        back_name=_("Tarifs"),
        known=known,
        make=make,
        told=scene.told,
        doubts=scene.doubts,
        activity=scene.activity,
        lead=scene.activity.name,
    )
    return making.page(request, asked)
