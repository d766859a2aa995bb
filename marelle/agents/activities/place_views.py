"""Structures with their contacts, which the office keeps, and the gauges that directors answer for."""

from __future__ import annotations

from typing import Final

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.activities.models import Gauge
from marelle.activities.services import gauge_add, kept_by, parents_kept_by
from marelle.agents.activities import rows, words
from marelle.agents.activities.forms import parts as forms
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.rows import Screen
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.models import Structure, StructureContact
from marelle.places.scope import DECIDERS
from marelle.places.selectors import keeps_portal

OFFICE: Final = (Role.ADMINISTRATOR, Role.OFFICE)
ON_A_PAGE: Final = 40


def _structures(_row: Structure | Gauge) -> rows.Way:
    return reverse("agents_activities:structures"), _("Structures")


def _gauges(_row: Gauge) -> rows.Way:
    return reverse("agents_activities:gauges"), _("Jauges")


def _capacity(row: Gauge) -> tuple[str, str]:
    return _("Changer le nombre de places"), reverse("agents_closings:capacity", args=[row.pk])


def _structure_of(row: StructureContact) -> rows.Way:
    return reverse("agents_activities:structure", args=[row.structure_id]), row.structure.name


STRUCTURE: Final = Screen(
    Structure,
    forms.StructureForm,
    "authority",
    gettext_lazy("Nouvelle structure"),
    _structures,
    lambda row: reverse("agents_activities:structure_remove", args=[row.pk]),
)
CONTACT: Final = Screen(
    StructureContact,
    forms.ContactForm,
    "structure",
    gettext_lazy("Nouveau contact"),
    _structure_of,
    lambda row: reverse("agents_activities:contact_remove", args=[row.pk]),
)
GAUGE: Final = Screen(
    Gauge,
    forms.GaugeForm,
    "structure",
    gettext_lazy("Nouvelle jauge"),
    _gauges,
    lambda row: reverse("agents_activities:gauge_remove", args=[row.pk]),
    more=_capacity,
)


@require_safe
@staff_only(*DECIDERS)
def structures(request: MarelleRequest) -> HttpResponse:
    found = parents_kept_by(request.actor, Gauge).select_related("authority", "commune")
    page = Paginator(found.order_by("order", "name", "pk"), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "authorities": parents_kept_by(request.actor, Structure).order_by("name"),
        "keeps_portal": keeps_portal(request.actor),
    }
    return render(request, "agents/activities/structures.html", context)


@require_safe
@staff_only(*DECIDERS)
def structure(request: MarelleRequest, structure_id: int) -> HttpResponse:
    rows_read = parents_kept_by(request.actor, Gauge).select_related("authority", "commune")
    row = rows_read.filter(pk=structure_id).first()
    if row is None:
        raise Http404
    context = {
        "structure": row,
        "facts": words.structure_facts(row),
        "contacts": words.contact_rows(row),
        "keeps": kept_by(request.actor, Structure).filter(pk=structure_id).exists(),
    }
    return render(request, "agents/activities/structure.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*OFFICE)
def structure_new(request: MarelleRequest, authority_id: int) -> HttpResponse:
    return rows.add(request, STRUCTURE, authority_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*OFFICE)
def structure_edit(request: MarelleRequest, structure_id: int) -> HttpResponse:
    return rows.change(request, STRUCTURE, structure_id)


@require_POST
@staff_only(*OFFICE)
def structure_remove(request: MarelleRequest, structure_id: int) -> HttpResponse:
    stay = reverse("agents_activities:structure_edit", args=[structure_id])
    return rows.remove(request, STRUCTURE, structure_id, stay=stay)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def contact_new(request: MarelleRequest, structure_id: int) -> HttpResponse:
    return rows.add(request, CONTACT, structure_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def contact(request: MarelleRequest, place_contact_id: int) -> HttpResponse:
    return rows.change(request, CONTACT, place_contact_id)


@require_POST
@staff_only(*DECIDERS)
def contact_remove(request: MarelleRequest, place_contact_id: int) -> HttpResponse:
    stay = reverse("agents_activities:contact", args=[place_contact_id])
    return rows.remove(request, CONTACT, place_contact_id, stay=stay)


@require_safe
@staff_only(*DECIDERS)
def gauges(request: MarelleRequest) -> HttpResponse:
    found = kept_by(request.actor, Gauge).prefetch_related("levels", "draws__slot__activity")
    ordered = found.order_by("structure__order", "structure__name", "structure_id", "name", "pk")
    page = Paginator(ordered, ON_A_PAGE).get_page(request.GET.get("page"))
    day = request.today
    context = {
        "page": page,
        "lines": [words.gauge_row(gauge, day) for gauge in page],
        "structures": parents_kept_by(request.actor, Gauge).order_by("order", "name", "pk"),
    }
    return render(request, "agents/activities/gauges.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def gauge_new(request: MarelleRequest, structure_id: int) -> HttpResponse:
    return rows.add(request, GAUGE, structure_id, write=_gauge_written)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def gauge(request: MarelleRequest, gauge_id: int) -> HttpResponse:
    return rows.change(request, GAUGE, gauge_id)


@require_POST
@staff_only(*DECIDERS)
def gauge_remove(request: MarelleRequest, gauge_id: int) -> HttpResponse:
    stay = reverse("agents_activities:gauge", args=[gauge_id])
    return rows.remove(request, GAUGE, gauge_id, stay=stay)


def _gauge_written(request: MarelleRequest, form: EditForm, structure_id: int) -> Gauge:
    return gauge_add(
        actor=request.actor,
        structure_id=structure_id,
        values=form.changes(),
        since=form.cleaned_data["since"],
        capacity=form.cleaned_data["capacity"],
        now=request.now,
    )
