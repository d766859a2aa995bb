"""« Protection des données »: the documents that the law asks for, from the registry of personal data."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.register.documents import DOCUMENTS
from marelle.core.actor import Role
from marelle.files.listings import listing_pdf, pdf_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.selectors import portal_authority

OFFICE = (Role.ADMINISTRATOR, Role.OFFICE)


@require_safe
@staff_only(*OFFICE)
def documents(request: MarelleRequest) -> HttpResponse:
    return render(request, "agents/register/documents.html", {"documents": DOCUMENTS.values()})


@require_safe
@staff_only(*OFFICE)
def document(request: MarelleRequest, code: str) -> HttpResponse:
    """One of them as a PDF: nobody is named in it but who answers for the data."""
    found = DOCUMENTS.get(code)
    if found is None:
        raise Http404
    listings = found.made(portal_authority(), request.now)
    return pdf_response(listing_pdf(*listings, now=request.now), name=listings[0].name)
