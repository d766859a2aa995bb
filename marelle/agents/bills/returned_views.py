"""What came back from the Trésor: rejected pieces, and amounts that no bill could be found for."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.bills import returned_words as words
from marelle.agents.bills.tresor_forms import StrayAsideForm, StrayGiveForm
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.selectors import keeps_several
from marelle.billing.tresor.strays import (
    StrayRefused,
    rejected_of,
    stray_give,
    stray_set_aside,
    strays_of,
)
from marelle.flows.actor.middleware import MarelleRequest

PER_PAGE = 50


@require_safe
@staff_only(*KEEPERS)
def rejected(request: MarelleRequest) -> HttpResponse:
    rows = rejected_of(request.actor).exclude(invoice__family__in=request.apart)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    several = keeps_several(request.actor)
    lines = [words.rejected_line(row, several=several) for row in page]
    return render(request, "agents/bills/tresor_rejected.html", {"page_obj": page, "lines": lines})


@require_safe
@staff_only(*KEEPERS)
def strays(request: MarelleRequest) -> HttpResponse:
    rows = strays_of(request.actor).exclude(invoice__family__in=request.apart)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    several = keeps_several(request.actor)
    lines = [words.stray_line(row, several=several) for row in page]
    return render(request, "agents/bills/strays.html", {"page_obj": page, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def stray(request: MarelleRequest, stray_id: int) -> HttpResponse:
    row = strays_of(request.actor).exclude(invoice__family__in=request.apart).filter(pk=stray_id).first()
    if row is None:
        raise Http404
    aside = "aside" in request.POST
    give_form = StrayGiveForm(None if aside else request.POST or None)
    aside_form = StrayAsideForm(request.POST if aside else None)
    if give_form.is_valid():
        number = give_form.cleaned_data["number"]
        try:
            stray_give(actor=request.actor, stray_id=row.pk, number=number, now=request.now)
        except StrayRefused as refusal:
            give_form.add_error("number", words.refusal_text(refusal))
        else:
            messages.success(request, _("C’est noté sur la facture %(number)s.") % {"number": number})
            return redirect("agents_bills:strays")
    elif aside_form.is_valid():
        reason = aside_form.cleaned_data["reason"]
        try:
            stray_set_aside(actor=request.actor, stray_id=row.pk, reason=reason, now=request.now)
        except StrayRefused as refusal:
            aside_form.add_error(None, words.refusal_text(refusal))
        else:
            messages.success(request, _("C’est écarté."))
            return redirect("agents_bills:strays")
    context = {"row": row, "facts": words.stray_facts(row), "give": give_form, "aside": aside_form}
    return render(request, "agents/bills/stray.html", context)
