"""What everybody may ask about its data: a copy of all of it, and that it be erased."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.cases.services import AlreadyOpen
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.home.erasure import erasure_ask, erasure_waiting, erasure_withdraw
from marelle.flows.home.export import export_write, may_export
from marelle.shell.again import recognised_first


@require_safe
def data(request: MarelleRequest) -> HttpResponse:
    if not may_export(request.actor):
        raise Http404
    asked = erasure_waiting(request.actor.home_id) is not None
    return render(request, "account/data.html", {"erasure_asked": asked})


@require_POST
@recognised_first
def download(request: MarelleRequest) -> FileResponse:
    """Written to a file without a name, which is gone once it has been sent."""
    if not may_export(request.actor):
        raise Http404
    archive = TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        export_write(actor=request.actor, to=archive, now=request.now)
    except BaseException:
        archive.close()
        raise
    archive.seek(0)
    name = _("mes-donnees-%(day)s.zip") % {"day": request.today.isoformat()}
    return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")


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
