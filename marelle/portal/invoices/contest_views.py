"""« Contester cette ligne »: which days of it, and why; taken back while it waits."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.billing import selectors
from marelle.billing.contests import (
    ContestRefused,
    contest_open,
    contest_withdraw,
    contests_of,
    days_standing,
    lines_to_contest,
)
from marelle.cases.services import AlreadyDecided
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.invoices import contest_words, words
from marelle.portal.invoices.contest_forms import ContestForm


@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: MarelleRequest, invoice_id: int, line_id: int) -> HttpResponse:
    page = selectors.invoice_page(request.actor, invoice_id)
    if page is None or line_id not in lines_to_contest(request.actor, page.invoice, page.lines):
        raise Http404
    line = next(one for one in page.lines if one.pk == line_id)
    before = contests_of(page.invoice).get(line_id, [])
    standing = days_standing(before)
    days = [day for day in map(date.fromisoformat, line.days) if day not in standing]
    form = ContestForm(request.POST if request.method == "POST" else None, days=days)
    if request.method == "POST" and form.is_valid():
        try:
            contest_open(
                actor=request.actor,
                invoice_id=invoice_id,
                line_id=line_id,
                days=form.cleaned_data["days"],
                words=form.cleaned_data["words"],
                now=request.now,
            )
        except ContestRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("C’est envoyé\u00a0: un agent vérifie et vous répond."))
            return _to_line(invoice_id, line_id)
    context = {
        "title": words.title(page.invoice),
        "invoice_id": invoice_id,
        "pairs": words.contested_pairs(line),
        "before": contest_words.shown(before),
        "form": form if days else None,
    }
    return render(request, "portal/invoices/contest.html", context)


@require_POST
def withdraw(request: MarelleRequest, invoice_id: int, contest_id: int) -> HttpResponse:
    try:
        row = contest_withdraw(
            actor=request.actor, invoice_id=invoice_id, contest_id=contest_id, now=request.now
        )
    except AlreadyDecided as refusal:
        messages.warning(request, contest_words.refusal_text(refusal))
        return redirect("invoices:invoice", invoice_id)
    messages.success(request, _("Votre contestation est retirée."))
    return _to_line(invoice_id, row.line_id)


def _to_line(invoice_id: int, line_id: int) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('invoices:invoice', args=[invoice_id])}#ligne-{line_id}")
