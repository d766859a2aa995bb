"""Notes of agents on a home: add, pin, take off."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marelle.agents.families.note_forms import NoteForm
from marelle.agents.families.views import family_response
from marelle.agents.guards import staff_only
from marelle.core.refusals import NotYours
from marelle.families import notes
from marelle.families.models import Family
from marelle.families.refusals import NotAllowed
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.family_page import noted_family
from marelle.places.scope import DECIDERS


@require_POST
@staff_only(*DECIDERS)
def add(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = _family(request, family_id)
    form = NoteForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return family_response(request, family_id, form)
    notes.note_add(actor=request.actor, family=family, now=request.now, **form.cleaned_data)
    messages.success(request, _("La note est enregistrée."))
    return _back(family_id)


@require_POST
@staff_only(*DECIDERS)
def pin(request: MarelleRequest, family_id: int, note_id: int) -> HttpResponse:
    family = _family(request, family_id)
    pinned = request.POST.get("pinned") == "1"
    try:
        notes.note_pin(actor=request.actor, family=family, note_id=note_id, pinned=pinned, now=request.now)
    except NotYours:
        messages.info(request, _("Cette note a été retirée entre-temps."))
    except NotAllowed:
        messages.warning(request, _("Seule la collectivité qui a écrit une note peut l’épingler."))
    return _back(family_id)


@require_POST
@staff_only(*DECIDERS)
def remove(request: MarelleRequest, family_id: int, note_id: int) -> HttpResponse:
    family = _family(request, family_id)
    try:
        notes.note_remove(actor=request.actor, family=family, note_id=note_id, now=request.now)
    except NotYours:
        messages.info(request, _("Cette note est déjà retirée."))
    except NotAllowed:
        messages.warning(request, _("Une note se retire par qui l’a écrite, ou par l’administration."))
    else:
        messages.success(request, _("La note est retirée."))
    return _back(family_id)


def _family(request: MarelleRequest, family_id: int) -> Family:
    family = noted_family(request.actor, family_id, day=request.today)
    if family is None:
        raise Http404
    return family


def _back(family_id: int) -> HttpResponse:
    return redirect("agents_families:family", family_id)
