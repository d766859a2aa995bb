"""« Apparence » and « Textes »: how the portal looks, and what its public pages say."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from marelle.agents.guards import staff_only
from marelle.agents.settings.look.forms import LookForm, TextsForm, ratio_text
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.files.rules import FileRefused
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.look import LookRefused, look_set, may_set_look, texts_set
from marelle.places.look_rules import ACCENT, MAIN, accent_contrast, main_contrast
from marelle.places.selectors import portal_authority, portal_look


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def look(request: MarelleRequest) -> HttpResponse:
    authority, found = portal_authority(), portal_look()
    if authority is None or not may_set_look(request.actor):
        raise PermissionDenied
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = LookForm(*posted, authority=authority, look=found)
    if form.is_valid() and _is_set(request, form):
        return redirect("agents_look:look")
    main, accent = (found and found.main) or MAIN, (found and found.accent) or ACCENT
    context = {
        "form": form,
        "main": main,
        "accent": accent,
        "main_ratio": ratio_text(main_contrast(main)),
        "accent_ratio": ratio_text(accent_contrast(accent)),
    }
    return render(request, "agents/look/look.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def texts(request: MarelleRequest) -> HttpResponse:
    if not may_set_look(request.actor):
        raise PermissionDenied
    found = portal_look()
    form = TextsForm(request.POST if request.method == "POST" else None, own=found.texts if found else {})
    if form.is_valid():
        try:
            changed = texts_set(actor=request.actor, texts=form.texts(), seen=form.shown(), now=request.now)
        except ChangedMeanwhile as refusal:
            form.refuse_stale(refusal)
        else:
            told = ngettext("%d texte changé.", "%d textes changés.", len(changed)) % len(changed)
            messages.success(request, told if changed else _("Rien n’a changé."))
            return redirect("agents_look:texts")
    return render(request, "agents/look/texts.html", {"form": form})


def _is_set(request: MarelleRequest, form: LookForm) -> bool:
    data = form.cleaned_data
    try:
        changed = look_set(
            actor=request.actor,
            name=data["name"],
            short_name=data["short_name"],
            main=data["main"],
            accent=data["accent"],
            logo=form.sent_logo(),
            without_logo=data.get("without_logo", False),
            seen=form.shown(),
            now=request.now,
        )
    except (LookRefused, ChangedMeanwhile, FileRefused) as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("C’est enregistré.") if changed else _("Rien n’a changé."))
    return True
