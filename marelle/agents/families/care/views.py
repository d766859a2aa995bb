"""« Santé et sorties »: the children of a structure, one child's file. Each reading of health is noted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.families.care import words
from marelle.agents.families.care.forms import BanForm
from marelle.agents.families.restriction_words import child_lines
from marelle.agents.guards import staff_only
from marelle.agents.ways import care_ways
from marelle.core.converters import id_read
from marelle.core.refusals import Refusal
from marelle.files.labels import held_text
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.care import lists as care_lists
from marelle.flows.care import team as care_team


@require_safe
@staff_only()
def children(request: MarelleRequest) -> HttpResponse:
    day = request.today
    structure_id = id_read(request.GET.get("structure", ""))
    found = care_lists.care_list(request.actor, structure_id=structure_id, now=request.now)
    if found is None and structure_id is not None:
        raise Http404
    context: dict[str, Any] = {"found": found}
    if found is not None:
        ids = {line.id for line in found.lines} | {one.permission.child_id for one in found.expected}
        ways = care_ways(request, ids)
        context["children"] = [words.child_line(line, ways.get(line.id, ""), day) for line in found.lines]
        context["expected"] = [words.expected_line(one, ways) for one in found.expected]
    return render(request, "agents/care/children.html", context)


@require_safe
@staff_only()
def child(request: MarelleRequest, child_id: int) -> HttpResponse:
    return _page(request, child_id)


@require_safe
@staff_only()
def pai_file(request: MarelleRequest, child_id: int) -> FileResponse:
    stored = care_team.pai_file_read(actor=request.actor, child_id=child_id, now=request.now)
    return file_response(stored, download=True)


@require_POST
@staff_only()
def ban_set(request: MarelleRequest, child_id: int) -> HttpResponse:
    found = care_team.care_file(request.actor, child_id=child_id, now=request.now, notes=False)
    if found is None or not found.may_ban:
        raise Http404
    form = BanForm(request.POST, homes=found.homes, bans=found.bans, today=request.today)
    if not form.is_valid():
        return _page(request, child_id, form)
    typed = form.cleaned_data
    try:
        care_team.pickup_ban_set(
            actor=request.actor,
            child_id=child_id,
            family_id=typed["home"],
            name=typed["name"],
            reason=typed["reason"],
            since=typed["since"],
            until=typed["until"],
            seen=form.shown(),
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, child_id, form)
    messages.success(request, _("Interdiction enregistrée. Les équipes la voient dès maintenant."))
    return redirect("agents_care:child", child_id)


@require_POST
@staff_only()
def ban_lift(request: MarelleRequest, child_id: int, ban_id: int) -> HttpResponse:
    care_team.pickup_ban_lift(actor=request.actor, child_id=child_id, ban_id=ban_id, now=request.now)
    messages.success(request, _("Interdiction levée."))
    return redirect("agents_care:child", child_id)


def _blank(request: MarelleRequest, found: care_team.CareFile) -> BanForm:
    return BanForm(homes=found.homes, bans=found.bans, today=request.today)


def _page(request: MarelleRequest, child_id: int, ban_form: BanForm | None = None) -> HttpResponse:
    found = care_team.care_file(request.actor, child_id=child_id, now=request.now)
    if found is None:
        raise Http404
    context: dict[str, Any] = {
        "found": found,
        "child": found.child,
        "structures": found.structures,
        "health": words.health_pairs(found),
        "vaccinations": words.vaccination_pairs(found),
        "pai_file": found.sheet.pai_file if found.sheet else None,
        "pai_file_held": held_text(found.sheet.pai_file if found.sheet else None, to_sender=False),
        "guardians": words.guardians(found),
        "contacts": words.contacts(found),
        "permissions": words.permissions(found),
        "bans": words.ban_lines(found),
        "restrictions": child_lines(found.restrictions),
        "consents": words.consent_pairs(found),
        "ban_form": ban_form or _blank(request, found),
        "banning": ban_form is not None,
    }
    return render(request, "agents/care/child.html", context)
