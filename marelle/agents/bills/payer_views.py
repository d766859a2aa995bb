"""« Payeurs », and what they pay of a home's bills."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.bills.home_words import bill_row
from marelle.agents.bills.payer_forms import CoverageEndForm, CoverageForm, PayerForm
from marelle.agents.bills.payer_words import coverage_row, payer_row
from marelle.agents.families.traits import noted_home
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.models import Payer
from marelle.billing.payers import CoverageRefused, coverage_end, coverage_take, payer_set
from marelle.billing.paying import coverage_choices, coverages_of_home, payer_bills, payers_of
from marelle.billing.payments import payments_told
from marelle.billing.reminders.selectors import reminded_of
from marelle.billing.selectors import keeps_several, office_authorities
from marelle.billing.tresor.strays import pieces_live
from marelle.flows.actor.middleware import MarelleRequest

PER_PAGE = 50
either = require_http_methods(["GET", "HEAD", "POST"])


@either
@staff_only(*KEEPERS)
def payers(request: MarelleRequest) -> HttpResponse:
    form = _payer_form(request, None)
    if form.is_valid():
        return _kept(request, form, None)
    page = Paginator(payers_of(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    several = keeps_several(request.actor)
    rows = [payer_row(row, several=several) for row in page]
    return render(request, "agents/bills/payers.html", {"page_obj": page, "rows": rows, "form": form})


@either
@staff_only(*KEEPERS)
def payer(request: MarelleRequest, payer_id: int) -> HttpResponse:
    row = payers_of(request.actor).filter(pk=payer_id).first()
    if row is None:
        raise Http404
    form = _payer_form(request, row)
    if form.is_valid():
        return _kept(request, form, row)
    bills = payer_bills(request.actor, row.pk).exclude(family__in=request.apart)
    page = Paginator(bills, PER_PAGE).get_page(request.GET.get("page"))
    ids = [bill.pk for bill in page]
    payments, pieces, reminded = payments_told(ids), pieces_live(ids), reminded_of(ids)
    context = {
        "form": form,
        "row": row,
        "page_obj": page,
        "bills": [
            bill_row(
                bill,
                payments.get(bill.pk, ()),
                pieces.get(bill.pk),
                reminded.get(bill.pk, ()),
                of_payer=True,
            )
            for bill in page
        ],
    }
    return render(request, "agents/bills/payer.html", context)


def _payer_form(request: MarelleRequest, row: Payer | None) -> PayerForm:
    return PayerForm(request.POST or None, authorities=office_authorities(request.actor), payer=row)


def _kept(request: MarelleRequest, form: PayerForm, row: Payer | None) -> HttpResponse:
    payer_set(
        actor=request.actor,
        authority_id=form.authority_id,
        addressed=form.addressed,
        email=form.cleaned_data["email"],
        payer_id=row.pk if row else None,
        now=request.now,
    )
    messages.success(request, _("C’est enregistré."))
    return redirect("agents_bills:payers")


@either
@staff_only(*KEEPERS)
def coverages(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    choices = coverage_choices(request.actor, family.pk, request.today)
    form = CoverageForm(
        request.POST or None, choices=choices, initial={"since": request.today, "way": "percent"}
    )
    if form.is_valid():
        try:
            coverage_take(actor=request.actor, family_id=family.pk, new=form.taken(), now=request.now)
        except CoverageRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_bills:coverages", family.pk)
    rows = [coverage_row(row, request.today) for row in coverages_of_home(request.actor, family.pk)]
    known = bool(choices.payers or choices.homes)
    context = {"family": family, "form": form, "rows": rows, "known": known}
    return render(request, "agents/bills/coverages.html", context)


@either
@staff_only(*KEEPERS)
def coverage(request: MarelleRequest, family_id: int, coverage_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    row = coverages_of_home(request.actor, family.pk).filter(pk=coverage_id).first()
    if row is None:
        raise Http404
    form = CoverageEndForm(request.POST or None, initial={"until": request.today})
    if form.is_valid():
        try:
            coverage_end(actor=request.actor, coverage_id=row.pk, until=form.last_day, now=request.now)
        except CoverageRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_bills:coverages", family.pk)
    context = {"family": family, "form": form, "row": coverage_row(row, request.today)}
    return render(request, "agents/bills/coverage.html", context)
