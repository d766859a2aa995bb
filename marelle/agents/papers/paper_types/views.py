"""Settings: which papers are asked for, and by which activities."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.activities.rows import in_use_text
from marelle.agents.guards import staff_only
from marelle.agents.papers.paper_types.forms import NeedsForm, TypeForm
from marelle.agents.papers.paper_types.words import type_line
from marelle.core.actor import Role
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.edits import InUse
from marelle.papers import settings as reading
from marelle.papers.models import PaperType
from marelle.papers.services import needs_set, paper_type_remove, paper_type_save
from marelle.places.scope import DECIDERS

OFFICE = (Role.ADMINISTRATOR, Role.OFFICE)


@require_safe
@staff_only(*DECIDERS)
def types(request: MarelleRequest) -> HttpResponse:
    day = request.today
    context = {
        "types": [type_line(one) for one in reading.types_listed(request.actor, day=day)],
        "may_add": bool(reading.offices(request.actor)),
    }
    return render(request, "agents/paper_types/types.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*OFFICE)
def new(request: MarelleRequest) -> HttpResponse:
    form = TypeForm(request.POST or None, actor=request.actor, authorities=reading.offices(request.actor))
    if form.is_valid() and (saved := _saved(request, form, None)) is not None:
        messages.success(request, _("Document ajouté. Dites maintenant quelles activités le demandent."))
        return redirect("paper_types:edit", saved.pk)
    return render(request, "agents/paper_types/edit.html", {"form": form, "kind": None, "needs_form": None})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def edit(request: MarelleRequest, type_id: int) -> HttpResponse:
    kind = _found(request, type_id)
    keeps = reading.keeps(request.actor, kind)
    if request.method == "POST" and not keeps:
        raise Http404
    form = _type_form(request, kind, request.POST or None) if keeps else None
    if form is not None and form.is_valid() and _saved(request, form, kind) is not None:
        messages.success(request, _("Le document est enregistré."))
        return redirect("paper_types:edit", type_id)
    # A form that is sent back has written on its row.
    shown = _found(request, type_id) if form is not None and form.is_bound else kind
    return _page(request, shown, form, _needs_form(request, kind))


@require_POST
@staff_only(*DECIDERS)
def needs(request: MarelleRequest, type_id: int) -> HttpResponse:
    kind = _found(request, type_id)
    form = _needs_form(request, kind, posted=True)
    if form.is_valid():
        try:
            needs_set(
                actor=request.actor,
                type_id=type_id,
                needs=form.written(),
                seen=form.seen(),
                now=request.now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Les activités sont enregistrées."))
            return redirect("paper_types:edit", type_id)
    keeps = reading.keeps(request.actor, kind)
    return _page(request, kind, _type_form(request, kind) if keeps else None, form)


@require_POST
@staff_only(*OFFICE)
def remove(request: MarelleRequest, type_id: int) -> HttpResponse:
    try:
        paper_type_remove(actor=request.actor, type_id=type_id, now=request.now)
    except InUse as refusal:
        stop = _("Pour ne plus le demander, décochez « demandé en ce moment ».")
        messages.error(request, f"{in_use_text(refusal)} {stop}")
        return redirect("paper_types:edit", type_id)
    messages.success(request, _("Le document est supprimé de la liste."))
    return redirect("paper_types:types")


def _found(request: MarelleRequest, type_id: int) -> PaperType:
    kind = reading.type_readable(request.actor, type_id)
    if kind is None:
        raise Http404
    return kind


def _type_form(request: MarelleRequest, kind: PaperType, posted: QueryDict | None = None) -> TypeForm:
    return TypeForm(posted, instance=kind, actor=request.actor, authorities=())


def _needs_form(request: MarelleRequest, kind: PaperType, *, posted: bool = False) -> NeedsForm:
    activities, found = reading.needs_of(request.actor, kind, day=request.today)
    return NeedsForm(request.POST if posted else None, activities=activities, needs=found)


def _saved(request: MarelleRequest, form: TypeForm, kind: PaperType | None) -> PaperType | None:
    try:
        return paper_type_save(
            actor=request.actor,
            type_id=kind.pk if kind else None,
            authority_id=form.authority_id,
            fields=form.written(),
            seen=form.shown() if kind else None,
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _page(
    request: MarelleRequest, kind: PaperType, form: TypeForm | None, needs_form: NeedsForm
) -> HttpResponse:
    context = {"form": form, "kind": kind, "needs_form": needs_form}
    return render(request, "agents/paper_types/edit.html", context)
