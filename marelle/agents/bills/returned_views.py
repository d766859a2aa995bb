"""What came back from the Trésor: rejected pieces, and amounts that no bill could be found for."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.bills import returned_words as words
from marelle.agents.bills.tresor_forms import StrayAsideForm, StrayGiveForm
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.models import StrayPayment
from marelle.billing.selectors import keeps_several
from marelle.billing.tresor.strays import (
    StrayRefused,
    rejected_of,
    stray_give,
    stray_set_aside,
    strays_of,
    strays_set_aside,
)
from marelle.core.converters import id_read
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


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def strays(request: MarelleRequest) -> HttpResponse:
    """Those that wait, of which several may be set aside at once."""
    rows = strays_of(request.actor).exclude(invoice__family__in=request.apart)
    form = StrayAsideForm(request.POST or None)
    ticked = {pk for pk in map(id_read, request.POST.getlist("encaissement")) if pk}
    if form.is_valid() and _set_aside(request, form, rows.filter(pk__in=ticked)):
        return redirect("agents_bills:strays")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    several = keeps_several(request.actor)
    lines = [words.stray_choice(row, several=several, is_ticked=row.pk in ticked) for row in page]
    return render(request, "agents/bills/strays.html", {"page_obj": page, "lines": lines, "form": form})


def _set_aside(request: MarelleRequest, form: StrayAsideForm, chosen: QuerySet[StrayPayment]) -> bool:
    """Whether they are; else the form says why."""
    count = len(request.POST.getlist("encaissement"))
    ids = list(chosen.values_list("pk", flat=True))
    reason = form.cleaned_data["reason"]
    try:
        done = strays_set_aside(actor=request.actor, stray_ids=ids, reason=reason, now=request.now)
    except StrayRefused as refusal:
        form.add_error(None, words.refusal_text(refusal) if count else _("Cochez au moins un encaissement."))
        return False
    messages.success(request, words.aside_text(done))
    if done < count:
        messages.warning(request, words.settled_text(count - done))
    return True


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
