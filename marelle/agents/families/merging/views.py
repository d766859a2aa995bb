"""Two files made one in three pages: the other file, the people who are the same, then all that it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.families.merging import words
from marelle.agents.guards import staff_only
from marelle.core.converters import id_read
from marelle.core.refusals import Refusal
from marelle.families.models import Family
from marelle.families.scope import keeps_files
from marelle.flows.actor.acting import own_homes
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.home.merging.preview import Sides, merge_preview, merge_sides
from marelle.flows.home.merging.refusals import AlreadyMerged
from marelle.flows.home.merging.services import family_merge
from marelle.flows.home.merging.twins import likely_files
from marelle.flows.office.search import families_found
from marelle.shell.again import recognised_first

Read = TypeVar("Read", bound=Sides)

QUERY_LENGTH = 100
PAIR = "p-"
"""How the fields that say who is whom begin; the id of the person of the file left follows."""


@require_safe
@staff_only(*MAY_ACT)
def choose(request: MarelleRequest, kept_id: int) -> HttpResponse:
    day = request.today
    family = Family.objects.filter(pk=kept_id).first()
    if family is None or not keeps_files(request.actor):
        raise Http404
    if own_homes(request.actor, day).filter(family=family).exists():
        messages.warning(request, str(words.REFUSALS["own_file"]))
        return redirect("agents_families:family", kept_id)
    query = request.GET.get("q", "").replace("\0", "").strip()[:QUERY_LENGTH]
    found = [one for one in families_found(request.actor, query, day=day) if one.id != kept_id]
    likely = [] if query else [one for one in likely_files(family, day=day) if one.pk not in request.apart]
    context = {"family": family, "query": query, "found": found, "likely": likely}
    return render(request, "agents/merging/choose.html", context)


@require_safe
@staff_only(*MAY_ACT)
def people(request: MarelleRequest, kept_id: int, left_id: int) -> HttpResponse:
    found = _read(request, kept_id, left_id, merge_sides)
    if isinstance(found, HttpResponse):
        return found
    return render(request, "agents/merging/people.html", words.people_page(found))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
@recognised_first
def check(request: MarelleRequest, kept_id: int, left_id: int) -> HttpResponse:
    """What the merge would do with the people said to be the same; a POST does it, as it was read."""
    pairs = _pairs(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST":
        try:
            done = family_merge(
                actor=request.actor,
                kept_id=kept_id,
                left_id=left_id,
                pairs=pairs,
                chosen=request.POST.dict(),
                fingerprint=request.POST.get("fingerprint", ""),
                now=request.now,
            )
        except Refusal as refusal:
            messages.warning(request, words.refusal_text(refusal))
        else:
            messages.success(request, words.done_text(done))
            return redirect("agents_families:family", done.family_id)
    found = _read(request, kept_id, left_id, partial(merge_preview, pairs=pairs))
    if isinstance(found, HttpResponse):
        return found
    return render(request, "agents/merging/check.html", words.check_page(found, request.POST))


def _read(
    request: MarelleRequest, kept_id: int, left_id: int, reading: Callable[..., Read]
) -> Read | HttpResponse:
    """What is to be shown of the two files, or where to go where nothing is."""
    try:
        return reading(actor=request.actor, kept_id=kept_id, left_id=left_id, now=request.now)
    except AlreadyMerged as done:
        messages.info(request, _("Ces deux dossiers n’en font déjà plus qu’un."))
        return redirect("agents_families:family", done.data["family_id"])
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))
        if refusal.code == "wrong_pairs":
            return redirect("agents_merging:people", kept_id, left_id)
        return redirect("agents_families:family", kept_id)


def _pairs(sent: Mapping[str, str]) -> dict[int, int]:
    """Who is whom, by id; what is no number is nobody, and the service refuses ids that do not belong."""
    read = {
        id_read(name.removeprefix(PAIR)): id_read(value)
        for name, value in sent.items()
        if name.startswith(PAIR)
    }
    return {left: kept for left, kept in read.items() if left and kept}
