"""« Tarifs communs »: what homes pay at once, and the resources that effort rates count."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.activities import tariff_words
from marelle.agents.activities.forms.fields import DayField
from marelle.agents.activities.prices import making
from marelle.agents.activities.prices import shared_words as words
from marelle.agents.activities.prices.forms.common import RowForm
from marelle.agents.activities.prices.forms.shared import ProductForm, ResourceBoundForm
from marelle.agents.activities.prices.forms.tariffs import ProductTariffForm
from marelle.agents.activities.prices.making import Making, seen_of, tell_ended
from marelle.agents.activities.prices.words import slots_to_cover
from marelle.agents.billed import billed_lines
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.converters import id_read
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.tariffs import grid_end
from marelle.places.models import Authority
from marelle.places.scope import DECIDERS, in_office
from marelle.pricing.about import Row, bounds_version
from marelle.pricing.models import Product
from marelle.pricing.products import is_taken, product_add, product_change, product_remove, product_terms
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.selectors import bounds_of
from marelle.pricing.services import resource_bound_set

METHODS = ["GET", "HEAD", "POST"]
SHARED = "agents_activities:shared_tariffs"
PRODUCT_FIELDS = {"name": "name", "slots": "slots", "taken": "period"}
PLAIN = "agents/activities/prices/plain.html"


@require_safe
@staff_only(*DECIDERS)
def shared(request: MarelleRequest) -> HttpResponse:
    context = {
        "authorities": words.authorities(request.actor, request.today),
        "today": request.today.isoformat(),
    }
    return render(request, "agents/activities/prices/shared.html", context)


@require_http_methods(METHODS)
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def product_new(request: MarelleRequest, authority_id: int) -> HttpResponse:
    """Its name, then its first tariff."""
    authority = _authority(request, authority_id)
    slots = slots_to_cover(None, authority.pk, request.today)
    form = ProductForm(request.POST if request.method == "POST" else None, slots=slots)
    if form.is_bound and form.is_valid():
        try:
            row = product_add(
                actor=request.actor, authority_id=authority.pk, terms=form.terms(), now=request.now
            )
        except TariffRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("C’est ajouté. Donnez maintenant son tarif."))
            return redirect("agents_activities:product", row.pk)
    title = _("Nouvel abonnement, carte ou cotisation")
    return render(request, PLAIN, {"form": form, "title": title, "lead": authority.name})


@require_http_methods(METHODS)
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def product_edit(request: MarelleRequest, product_id: int) -> HttpResponse:
    """Its name; when it is paid and what it covers, as long as no home has taken it."""
    row = _product(request, product_id)
    form = ProductForm(
        request.POST if request.method == "POST" else None,
        slots=slots_to_cover(row, row.authority_id, request.today),
        terms=product_terms(row),
        is_taken=is_taken(row),
    )
    if form.is_bound and form.is_valid():
        try:
            product_change(
                actor=request.actor,
                product_id=row.pk,
                terms=form.terms(),
                seen=form.cleaned_data["seen"],
                now=request.now,
            )
        except ChangedMeanwhile as refusal:
            making.stale(form, refusal, request.today)
        except TariffRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect(SHARED)
    context = {"form": form, "title": _("Modifier"), "lead": row.name, "product": row}
    return render(request, "agents/activities/prices/product_edit.html", context)


@require_POST
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def product_drop(request: MarelleRequest, product_id: int) -> HttpResponse:
    row = _product(request, product_id)
    try:
        product_remove(actor=request.actor, product_id=row.pk, now=request.now)
    except TariffRefused as refusal:
        messages.error(request, tariff_words.refusal_text(refusal))
    else:
        messages.success(request, _("C’est retiré."))
    return redirect(SHARED)


def _refuse(form: ProductForm, refusal: TariffRefused) -> None:
    form.add_error(PRODUCT_FIELDS.get(refusal.code), tariff_words.refusal_text(refusal))


@require_http_methods(METHODS)
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def product(request: MarelleRequest, product_id: int) -> HttpResponse:
    """One tariff of it, from nothing or in the place of another."""
    scene = words.product_scene(_product(request, product_id), request.today)

    def make(data: Any, old: Row | None) -> RowForm:
        return ProductTariffForm(data, place=scene.place, old=old, since=request.today)

    asked = Making(
        title=_("Tarif"),
        place=scene.place,
        back=reverse(SHARED),
        back_name=_("Tarifs communs"),
        known=scene.known(),
        make=make,
        told=scene.told,
        doubts=scene.doubts,
        activity=None,
        lead=scene.product.name,
    )
    return making.page(request, asked)


@require_POST
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def product_end(request: MarelleRequest, product_id: int) -> HttpResponse:
    scene = words.product_scene(_product(request, product_id), request.today)
    asked, known = {pk for pk in map(id_read, request.POST.getlist("tarif")) if pk}, scene.known()
    if not asked <= known.keys():
        raise Http404
    if not asked:
        messages.error(request, _("Choisissez ce qui prend fin."))
        return redirect(SHARED)
    try:
        until = DayField().clean(request.POST.get("dernier-jour"))
        grid_end(
            actor=request.actor,
            authority_id=scene.place.authority_id,
            tariff_ids=asked,
            until=until,
            seen=seen_of(scene.place, request.POST.get("seen", "")),
            now=request.now,
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    except ChangedMeanwhile as refusal:
        messages.error(request, tariff_words.meanwhile_text(refusal, request.today, is_kept=False))
    except TariffRefused as refusal:
        messages.error(request, tariff_words.refusal_text(refusal))
    else:
        tell_ended(request, scene.place, [known[pk] for pk in asked], until)
    return redirect(SHARED)


@require_http_methods(METHODS)
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def resources(request: MarelleRequest, authority_id: int) -> HttpResponse:
    authority = _authority(request, authority_id)
    seen = bounds_version(bounds_of(authority.pk))
    data = request.POST if request.method == "POST" else None
    form = ResourceBoundForm(data, since=request.today, seen=seen)
    if form.is_bound and form.is_valid():
        try:
            resource_bound_set(
                actor=request.actor, authority_id=authority.pk, now=request.now, **form.cleaned_data
            )
        except ChangedMeanwhile as refusal:
            making.stale(form, refusal, request.today)
        except TariffRefused as refusal:
            form.add_error("since", tariff_words.refusal_text(refusal))
        else:
            messages.success(request, _("C’est enregistré\u00a0: les jours d’avant gardent leur prix."))
            for line in billed_lines(authority.pk, form.cleaned_data["since"]):
                messages.warning(request, line)
            return redirect(SHARED)
    title = _("Plancher et plafond de ressources")
    return render(request, PLAIN, {"form": form, "title": title, "lead": authority.name})


def _authority(request: MarelleRequest, authority_id: int) -> Authority:
    found = Authority.objects.filter(in_office(request.actor), pk=authority_id).first()
    if found is None:
        raise Http404
    return found


def _product(request: MarelleRequest, product_id: int) -> Product:
    rows = Product.objects.filter(in_office(request.actor, "authority__"), pk=product_id)
    found = rows.select_related("authority").first()
    if found is None:
        raise Http404
    return found
