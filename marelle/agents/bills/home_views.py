"""The bills of one home: its months looked at again, and one of its bills put right."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.bills import words
from marelle.agents.bills.forms import CorrectForm
from marelle.agents.bills.home_words import bill_row, month_card
from marelle.agents.bills.reminder_words import deferred_text
from marelle.agents.families.traits import noted_home
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.payments import payments_told
from marelle.billing.reminders.selectors import home_deferred, reminded_of
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.selectors import office_authorities, office_invoices
from marelle.billing.tresor.strays import pieces_live
from marelle.core.sealed import CannotOpen
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.bills.months import home_months
from marelle.flows.bills.working import bill_correct


@require_safe
@staff_only(*KEEPERS)
def months(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    try:
        found, lost = home_months(request.actor, family.pk, request.today), False
    except CannotOpen:
        found, lost = [], True
    several = len({one.authority.pk for one in found}) > 1
    ids = [bill.pk for one in found for bill in one.bills]
    payments, pieces, reminded = payments_told(ids), pieces_live(ids), reminded_of(ids)
    deferred = home_deferred(family.pk, request.today)
    offices = office_authorities(request.actor).filter(pk__in=deferred)
    context = {
        "family": family,
        "lost": lost,
        "months": [month_card(one, payments, pieces, reminded, several=several) for one in found],
        "deferred": [deferred_text(one.name, deferred[one.pk]) for one in offices],
    }
    return render(request, "agents/bills/months.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def correct(request: MarelleRequest, invoice_id: int) -> HttpResponse:
    bill = (
        office_invoices(request.actor)
        .select_related("family", "corrects", "payer")
        .filter(pk=invoice_id)
        .first()
    )
    if bill is None:
        raise Http404
    family, row = noted_home(request, bill.family_id), bill_row(bill)
    if not row.correct:
        raise Http404
    form = CorrectForm(request.POST or None)
    if form.is_valid():
        try:
            run = bill_correct(
                actor=request.actor, invoice_id=bill.pk, reason=form.cleaned_data["reason"], now=request.now
            )
        except RunRefused as refusal:
            form.add_error(None, words.refusal_text(refusal))
        else:
            return redirect("agents_bills:run", run.pk)
    return render(request, "agents/bills/correct.html", {"form": form, "family": family, "row": row})
