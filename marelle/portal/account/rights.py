"""What everybody may ask about its data: a copy of all of it, and that it be erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any, Final

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.cases.services import AlreadyOpen
from marelle.core.actor import Actor, Guest
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.guests.copies import childminder_copy, guest_export, guest_services, payer_copy
from marelle.flows.home.erasure import erasure_ask, erasure_waiting, erasure_withdraw
from marelle.flows.home.export import export_write, may_export
from marelle.flows.home.teens import teen_copy
from marelle.shell.again import recognised_first

COPIES: Final[Mapping[Guest, Callable[[Actor, date], Mapping[str, Any]]]] = {
    Guest.PAYER: payer_copy,
    Guest.TEEN: teen_copy,
    Guest.CHILDMINDER: childminder_copy,
}
"""What a guest's copy of its data holds besides its account and what it did."""


@require_safe
def data(request: MarelleRequest) -> HttpResponse:
    if request.actor.guest is not None:
        guest = {
            "services": guest_services(request.actor),
            "is_teen": request.actor.guest is Guest.TEEN,
            "reads_bills": request.actor.guest is Guest.PAYER,
            "comes_to_mornings": request.actor.guest is Guest.CHILDMINDER,
        }
        return render(request, "account/guest_data.html", guest)
    if not may_export(request.actor):
        raise Http404
    asked = erasure_waiting(request.actor.home_id) is not None
    return render(request, "account/data.html", {"erasure_asked": asked})


@require_POST
@recognised_first
def download(request: MarelleRequest) -> HttpResponseBase:
    """Written to a file without a name, which is gone once it has been sent."""
    name = _("mes-donnees-%(day)s.%(end)s")
    told = {"day": request.today.isoformat(), "end": "zip"}
    if request.actor.guest is not None:
        held = COPIES[request.actor.guest](request.actor, request.today)
        content = guest_export(actor=request.actor, held=held, now=request.now)
        file = name % {**told, "end": "json"}
        return FileResponse(
            BytesIO(content), as_attachment=True, filename=file, content_type="application/json"
        )
    if not may_export(request.actor):
        raise Http404
    archive = TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        export_write(actor=request.actor, to=archive, now=request.now)
    except BaseException:
        archive.close()
        raise
    archive.seek(0)
    return FileResponse(archive, as_attachment=True, filename=name % told, content_type="application/zip")


@require_http_methods(["GET", "POST"])
@recognised_first
def erasure(request: MarelleRequest) -> HttpResponse:
    """Says what an erasure does; a POST asks for it."""
    if not may_export(request.actor):
        raise Http404
    if request.method == "POST":
        try:
            erasure_ask(actor=request.actor, now=request.now)
        except AlreadyOpen:
            messages.info(request, _("Votre demande est déjà envoyée : un agent va répondre."))
        else:
            messages.success(request, _("Votre demande est envoyée. Un agent va répondre."))
        return redirect("account:erasure")
    waiting = erasure_waiting(request.actor.home_id)
    asked = day_plain(local(waiting.opened_at).date()) if waiting else ""
    return render(request, "account/erasure.html", {"asked": asked})


@require_POST
def withdraw(request: MarelleRequest) -> HttpResponse:
    if not may_export(request.actor):
        raise Http404
    if erasure_withdraw(actor=request.actor, now=request.now):
        messages.success(request, _("Votre demande est retirée : rien ne sera effacé."))
    else:
        messages.info(request, _("Aucune demande n’attend : un agent a déjà répondu."))
    return redirect("account:erasure")
