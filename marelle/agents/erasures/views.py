"""A home asks to be erased: what would go, what the law keeps, and the answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.agents.erasures import words
from marelle.agents.erasures.forms import RefuseForm
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.refusals import Refusal
from marelle.families.refusals import NoSuchRow
from marelle.flows.erasure import erasure, erasure_carry_out, erasure_refuse
from marelle.flows.middleware import MarelleRequest

DECIDE = (Role.ADMINISTRATOR, Role.OFFICE)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDE)
def page(request: MarelleRequest, erased_id: int) -> HttpResponse:
    """Shows the request; a POST refuses it."""
    found = erasure(request.actor, erased_id, now=request.now)
    if found is None:
        raise Http404
    form = RefuseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            erasure_refuse(actor=request.actor, family_id=erased_id, reason=reason, now=request.now)
        except Refusal as refusal:
            messages.warning(request, words.refusal_text(refusal))
        else:
            messages.success(request, _("C’est noté : rien n’est effacé, et la famille est prévenue."))
        return redirect("requests:queue")
    context = {"found": found, "form": form, **words.parts(found)}
    return render(request, "agents/erasures/erasure.html", context)


@require_POST
@staff_only(*DECIDE)
def carry_out(request: MarelleRequest, erased_id: int) -> HttpResponse:
    try:
        erasure_carry_out(actor=request.actor, family_id=erased_id, now=request.now)
    except NoSuchRow as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))
        return redirect("agents_erasures:erasure", erased_id)
    messages.success(request, _("Les données du foyer sont effacées, et ses accès sont fermés."))
    return redirect("requests:queue")
