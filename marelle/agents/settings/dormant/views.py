"""« Foyers sans nouvelles »: who was told, who may be erased, who was; an agent confirms."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.dormant import words
from marelle.agents.settings.dormant.forms import ConfirmForm
from marelle.agents.ways import home_ways
from marelle.core.actor import Role
from marelle.families.scope import keeps_files
from marelle.files.listings import PDF, listing_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.home.dormant import (
    Dormancy,
    Stage,
    dormancies,
    dormant_confirm,
    dormant_keep,
    visa_want,
    visa_wanted,
)
from marelle.places.look import may_set_look
from marelle.places.selectors import portal_authority
from marelle.shell.again import recognised_first

OFFICE = (Role.ADMINISTRATOR, Role.OFFICE)
PAGE = "agents_dormant:homes"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*OFFICE)
@recognised_first
def homes(request: MarelleRequest) -> HttpResponse:
    """The list; a POST confirms those that are ticked."""
    found = _found(request)
    wants_visa = visa_wanted()
    choices = [(one.family.pk, _choice(one)) for one in found if _may_go(one)]
    data = request.POST if request.method == "POST" else None
    form = ConfirmForm(data, homes=choices, wants_visa=wants_visa)
    if form.is_valid():
        done, left = dormant_confirm(
            actor=request.actor,
            family_ids=form.cleaned_data["homes"],
            visa=form.cleaned_data.get("visa", ""),
            now=request.now,
        )
        _tell(request, done, left)
        return redirect(PAGE)
    groups = [(words.TITLES[stage], stage, _rows(request, found, stage)) for stage in Stage]
    context = {
        "form": form,
        "has_some": bool(choices),
        "groups": [group for group in groups if group[2]],
        "wants_visa": wants_visa,
        "may_choose": may_set_look(request.actor),
    }
    return render(request, "agents/dormant/homes.html", context)


def _found(request: MarelleRequest) -> list[Dormancy]:
    if not keeps_files(request.actor):
        raise PermissionDenied
    return dormancies(request.actor, now=request.now)


def _may_go(one: Dormancy) -> bool:
    return one.stage is Stage.TO_CONFIRM and not one.is_own


def _choice(one: Dormancy) -> str:
    return f"{one.family.name} ({one.family.number}) · {words.detail(one)}"


def _rows(request: MarelleRequest, found: list[Dormancy], stage: Stage) -> list[words.Row]:
    ways = home_ways(request, {one.family.pk for one in found})
    return [
        words.Row(
            id=one.family.pk,
            name=f"{one.family.name} ({one.family.number})",
            detail=words.detail(one),
            url=ways.get(one.family.pk, ""),
            is_own=one.is_own,
        )
        for one in found
        if one.stage is stage
    ]


def _tell(request: MarelleRequest, done: int, left: int) -> None:
    if done:
        told = ngettext(
            "%d foyer confirmé : il sera effacé dans l’heure, sauf s’il donne un signe d’ici là.",
            "%d foyers confirmés : ils seront effacés dans l’heure, sauf ceux qui donnent un signe d’ici là.",
            done,
        )
        messages.success(request, told % done)
    if left:
        told = ngettext(
            "%d foyer n’est plus sur la liste : rien n’y change.",
            "%d foyers ne sont plus sur la liste : rien n’y change.",
            left,
        )
        messages.warning(request, told % left)


@require_safe
@staff_only(*OFFICE)
@recognised_first
def slip(request: MarelleRequest) -> HttpResponse:
    """« Bordereau d’élimination », for the archives."""
    found = [one for one in _found(request) if _may_go(one)]
    authority = portal_authority()
    listing = words.slip(found, author=authority.name if authority else "", now=request.now)
    return listing_response(listing, PDF, now=request.now)


@require_POST
@staff_only(*OFFICE)
def visa(request: MarelleRequest) -> HttpResponse:
    if not may_set_look(request.actor):
        raise PermissionDenied
    wanted = request.POST.get("wanted") == "1"
    changed = visa_want(actor=request.actor, wanted=wanted, now=request.now)
    messages.success(request, _("C’est enregistré.") if changed else _("Rien n’a changé."))
    return redirect(PAGE)


@require_POST
@staff_only(*OFFICE)
def keep(request: MarelleRequest, family_id: int) -> HttpResponse:
    dormant_keep(actor=request.actor, family_id=family_id, now=request.now)
    messages.success(request, _("C’est noté : ce foyer est toujours là, et rien n’en est effacé."))
    return redirect(PAGE)
