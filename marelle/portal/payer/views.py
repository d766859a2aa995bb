"""« Mes factures » of who pays and is no home: its own bills, to consult only."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.billing.guest_bills import bill_page, bills_read, payers_read
from marelle.billing.guests import bill_read
from marelle.billing.making import bill_pdf
from marelle.billing.pdf import invoice_pdf
from marelle.billing.reminders.selectors import reminded_of
from marelle.billing.rules import InvoiceState
from marelle.billing.selectors import InvoicePage, addressed_of, how_to_pay, treasury_of
from marelle.core.actor import Guest
from marelle.core.french import join_and
from marelle.files.serving import file_response, made_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.mail.letterhead import letterhead_of
from marelle.portal.invoices import filters, list_words
from marelle.portal.invoices import words as of_bills
from marelle.portal.payer import words

PER_PAGE = 20


@require_safe
def bills(request: MarelleRequest) -> HttpResponseBase:
    if request.actor.guest is not Guest.PAYER:
        raise Http404
    rows, payers = bills_read(request.actor), payers_read(request.actor)
    names = {one.pk: str(one) for one in payers}
    chosen = filters.wanted(request.GET, rows)
    shown = [row for row in rows if filters.is_wanted(row, chosen)]
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    reminded = reminded_of([row.pk for row in page])
    context = {
        "payers": join_and(sorted(set(names.values()))),
        "page_obj": page,
        "cards": [
            words.card(row, request.today, reminded.get(row.pk, ()), names if len(names) > 1 else {})
            for row in page
        ],
        "heading": list_words.heading(chosen, shown),
        "filters": filters.selects(chosen, rows),
        "filtered": chosen != filters.DEFAULT,
        "any": bool(rows),
        "others": list_words.others_to_pay(rows, chosen),
        "ways": [of_bills.way_to_pay(way) for way in how_to_pay({row.authority_id for row in shown or rows})],
    }
    return render(request, "portal/payer/bills.html", context)


@require_safe
def bill(request: MarelleRequest, payer_bill_id: int) -> HttpResponseBase:
    page = _found(request, payer_bill_id)
    invoice = page.invoice
    (way,) = how_to_pay([invoice.authority_id])
    is_credit = invoice.state is InvoiceState.CREDIT
    held = of_bills.held_now(invoice, page.held)
    bill_read(actor=request.actor, invoice=invoice, now=request.now)
    context = {
        "card": of_bills.card(
            invoice,
            request.today,
            reminded=reminded_of([invoice.pk]).get(invoice.pk, ()),
            deferred_until=page.deferred_until,
            held=held,
        ),
        "title": of_bills.title(invoice),
        "pairs": words.pairs(page),
        "groups": of_bills.groups(page, None, {}, (), (), shows_health=False),
        "total": of_bills.total(page),
        "way": of_bills.way_of_credit(way)
        if is_credit
        else of_bills.way_of_held(way)
        if held
        else of_bills.way_to_pay(way),
        "held": of_bills.held_told(invoice, held),
        "is_credit": is_credit,
    }
    return render(request, "portal/payer/bill.html", context)


@require_safe
def pdf(request: MarelleRequest, payer_bill_id: int) -> HttpResponseBase:
    page = _found(request, payer_bill_id)
    invoice = page.invoice
    bill_read(actor=request.actor, invoice=invoice, now=request.now)
    kept = bill_pdf(invoice, now=request.now)
    if kept is not None:
        return file_response(kept, download=True)
    content = invoice_pdf(
        page,
        addressed=addressed_of(invoice),
        treasury=treasury_of(invoice.authority_id),
        letterhead=letterhead_of(invoice.authority_id),
    )
    return made_response(content, name=f"facture-{invoice.number}.pdf")


def _found(request: MarelleRequest, invoice_id: int) -> InvoicePage:
    page = bill_page(request.actor, invoice_id)
    if page is None:
        raise Http404
    return page
