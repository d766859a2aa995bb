"""What everybody may ask about its data: a copy of all of it, and that it be erased."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.core.clock import local
from marelle.flows.export import export_write, may_export
from marelle.flows.middleware import MarelleRequest


@require_safe
def data(request: MarelleRequest) -> HttpResponse:
    if not may_export(request.actor):
        raise Http404
    return render(request, "account/data.html")


@require_POST
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
    name = _("mes-donnees-%(day)s.zip") % {"day": local(request.now).date().isoformat()}
    return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")
