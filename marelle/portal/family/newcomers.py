"""« Ma famille »: ask for someone to be added, or to leave."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.core.refusals import Refusal
from marelle.families.file.changes import person_ask_add, person_ask_remove
from marelle.families.file.newcomers import NewcomerKind, linkable
from marelle.families.file.reading import home_sheet, person_sheet
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.family.forms import NewcomerForm, RemovalForm

WHO = {
    "enfant": NewcomerKind.CHILD,
    "naissance": NewcomerKind.EXPECTED,
    "adulte": NewcomerKind.ADULT,
}


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: MarelleRequest) -> HttpResponse:
    """First who, then the form: `qui` in the address says which."""
    day = request.today
    sheet = home_sheet(request.actor, day=day)
    if sheet is None or not sheet.may_write:
        raise Http404
    kind = WHO.get(request.GET.get("qui", ""))
    if kind is None:
        return render(request, "portal/family/add.html", {"form": None})
    form = NewcomerForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        relatives=linkable(request.actor, kind, day=day),
        me=request.actor.person_id,
        last_name=sheet.family.name,
    )
    if form.is_valid() and _is_asked(request, form):
        return redirect("family:people")
    return render(request, "portal/family/add.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: MarelleRequest, person_id: int) -> HttpResponse:
    day = request.today
    sheet = person_sheet(request.actor, person_id, day=day)
    if sheet is None or not sheet.may_write:
        raise Http404
    form = RemovalForm(request.POST if request.method == "POST" else None, day=day)
    if form.is_valid() and _is_removal_asked(request, form, person_id):
        return redirect("family:people")
    context = {"form": form, "name": str(sheet.person), "person_id": person_id}
    return render(request, "portal/family/remove.html", context)


def _is_asked(request: MarelleRequest, form: NewcomerForm) -> bool:
    try:
        person_ask_add(actor=request.actor, newcomer=form.newcomer(), now=request.now)
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    messages.info(request, _("Demande envoyée\u00a0: le service la vérifie, puis vous répond par courriel."))
    return True


def _is_removal_asked(request: MarelleRequest, form: RemovalForm, person_id: int) -> bool:
    try:
        person_ask_remove(
            actor=request.actor,
            person_id=person_id,
            leaving=form.cleaned_data["leaving"],
            note=form.cleaned_data["note"],
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    messages.info(request, _("Demande envoyée\u00a0: le service la vérifie, puis vous répond par courriel."))
    return True
