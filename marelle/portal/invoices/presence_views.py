"""« Attestations de présence »: of which child, of which span, as a PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marelle.billing.selectors import treasury_of
from marelle.families.models import Family, Person
from marelle.families.selectors import children
from marelle.files.serving import made_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.door.presence import period_read, presences_of
from marelle.flows.door.presence_pdf import presence_pdf
from marelle.mail.letterhead import letterhead_of
from marelle.places.models import Authority
from marelle.portal.invoices.presence_words import cards


@require_safe
def presences(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    kids = children(request.actor, day=request.today)
    rows = presences_of(request.actor, [kid.id for kid in kids], request.today)
    names = dict(
        Authority.objects.filter(pk__in={row.authority_id for row in rows}).values_list("pk", "name")
    )
    context = {"cards": cards(kids, rows, names, request.today)}
    return render(request, "portal/invoices/presences.html", context)


@require_safe
def presence(request: MarelleRequest, child_id: int, authority_id: int) -> HttpResponseBase:
    """Of a span without a day there, there is nothing to attest: the choices again."""
    if child_id not in {kid.id for kid in children(request.actor, day=request.today)}:
        raise Http404
    period = period_read(request.GET.get("periode", ""), request.today)
    found = presences_of(request.actor, [child_id], request.today, period) if period else []
    rows = [row for row in found if row.authority_id == authority_id]
    if period is None or not rows:
        messages.info(
            request, _("Aucune présence à attester sur cette période\u00a0: choisissez-en une autre.")
        )
        return redirect("invoices:presences")
    child = get_object_or_404(Person, pk=child_id)
    content = presence_pdf(
        child=child,
        family=get_object_or_404(Family, pk=request.actor.family_id),
        authority=get_object_or_404(Authority, pk=authority_id),
        treasury=treasury_of(authority_id),
        period=period,
        rows=rows,
        letterhead=letterhead_of(authority_id),
        now=request.now,
    )
    return made_response(content, name=f"presence-{slugify(child.first_name)}-{period.code}.pdf")
