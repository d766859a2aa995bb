"""« Autorisations demandées »: what the families of an authority answer by yes or no."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.activities.rows import in_use_text
from marelle.agents.guards import staff_only
from marelle.agents.settings.consents.forms import TypeForm
from marelle.core.refusals import Refusal
from marelle.families.care import consents as services
from marelle.families.care.selectors import kept_types
from marelle.families.models import ConsentType
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.edits import InUse


@require_safe
@staff_only(*services.LISTERS)
def types(request: MarelleRequest) -> HttpResponse:
    return render(request, "agents/consents/types.html", {"types": kept_types(request.actor)})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*services.LISTERS)
def add(request: MarelleRequest) -> HttpResponse:
    form = TypeForm(request.POST or None, authorities=services.lists_kept(request.actor))
    if form.is_valid():
        try:
            services.consent_type_add(
                actor=request.actor,
                authority_id=form.cleaned_data["authority"],
                line=form.line(),
                now=request.now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _saved(request)
    return _form(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*services.LISTERS)
def change(request: MarelleRequest, consent_type_id: int) -> HttpResponse:
    row = next((one for one in kept_types(request.actor) if one.pk == consent_type_id), None)
    if row is None:
        raise Http404
    form = TypeForm(request.POST or None, row=row)
    if form.is_valid():
        try:
            services.consent_type_change(
                actor=request.actor,
                type_id=consent_type_id,
                line=form.line(),
                seen=form.shown(),
                now=request.now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _saved(request)
    return _form(request, form, row)


@require_POST
@staff_only(*services.LISTERS)
def ask(request: MarelleRequest, consent_type_id: int) -> HttpResponse:
    active = request.POST.get("demandee") == "oui"
    services.consent_type_retire(actor=request.actor, type_id=consent_type_id, active=active, now=request.now)
    return _saved(request)


@require_POST
@staff_only(*services.LISTERS)
def remove(request: MarelleRequest, consent_type_id: int) -> HttpResponse:
    try:
        services.consent_type_remove(actor=request.actor, type_id=consent_type_id, now=request.now)
    except InUse as refusal:
        stop = _("Pour ne plus la demander, choisissez « Ne plus demander » dans la liste.")
        messages.error(request, f"{in_use_text(refusal)} {stop}")
        return redirect("agents_consents:change", consent_type_id)
    messages.success(request, _("L’autorisation est supprimée de la liste."))
    return redirect("agents_consents:types")


def _saved(request: MarelleRequest) -> HttpResponse:
    messages.success(request, _("La liste est enregistrée."))
    return redirect("agents_consents:types")


def _form(request: MarelleRequest, form: TypeForm, row: ConsentType | None = None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "row": row}
    return render(request, "agents/consents/type.html", context)
