"""« Mes factures »: to consult only. What a home owes, its lines, its PDF, how to pay and how to contest."""

from __future__ import annotations

from datetime import date
from itertools import chain

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.billing import selectors
from marelle.billing.contests import contests_of, contests_to_withdraw, lines_to_contest
from marelle.billing.making import bill_pdf
from marelle.billing.mandates.selectors import debiting_of
from marelle.billing.models import Invoice
from marelle.billing.pdf import invoice_pdf
from marelle.billing.reminders.selectors import reminded_of
from marelle.billing.rules import InvoiceState
from marelle.files.serving import file_response, made_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.bills.explained import bill_explained
from marelle.flows.bills.sharing import own_of
from marelle.flows.prices.estimates import total_so_far
from marelle.mail.letterhead import letterhead_of
from marelle.portal.invoices import filters, list_words, words

PER_PAGE = 20


@require_safe
def invoices(request: MarelleRequest) -> HttpResponseBase:
    if request.actor.family_id is None:
        raise Http404
    day = request.today
    rows = selectors.invoices_of(request.actor)
    wanted = filters.wanted(request.GET, rows)
    shown = [row for row in rows if filters.is_wanted(row, wanted)]
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    reminded = reminded_of([row.pk for row in page])
    so_far = own_of(request.actor, total_so_far(request.actor, day), day)
    debiting = debiting_of(request.actor)
    by_hand = list_words.paid_by_hand(rows)
    context = {
        "so_far": None if so_far is None else list_words.so_far(so_far, day),
        "settling": list_words.settling(rows, day, is_debited=any(debiting)),
        "page_obj": page,
        "cards": [
            words.card(
                row,
                day,
                reminded=reminded.get(row.pk, ()),
                deferred_until=_own(request, row, row.deferred_until),  # type: ignore[attr-defined]
                held=row.held,  # type: ignore[attr-defined]
            )
            for row in page
        ],
        "heading": list_words.heading(wanted, shown),
        "filters": filters.selects(wanted, rows),
        "filtered": wanted != filters.DEFAULT,
        "any": bool(rows),
        "may_debit": bool(debiting),
        "others": list_words.others_to_pay(rows, wanted),
        "ways": [
            words.way_to_pay(way) if way.authority.pk in by_hand else words.way_of_held(way)
            for way in selectors.how_to_pay({row.authority_id for row in shown or rows})
        ],
    }
    return render(request, "portal/invoices/invoices.html", context)


@require_safe
def invoice(request: MarelleRequest, invoice_id: int) -> HttpResponseBase:
    page = _found(request, invoice_id)
    day = request.today
    (way,) = selectors.how_to_pay([page.invoice.authority_id])
    contests = contests_of(page.invoice)
    is_credit = page.invoice.state is InvoiceState.CREDIT
    held = words.held_now(page.invoice, page.held)
    context = {
        "card": words.card(
            page.invoice,
            day,
            reminded=reminded_of([page.invoice.pk]).get(page.invoice.pk, ()),
            deferred_until=_own(request, page.invoice, page.deferred_until),
            held=held,
        ),
        "title": words.title(page.invoice),
        "pairs": words.pairs(page),
        "groups": words.groups(
            page,
            bill_explained(page.invoice, page.lines),
            contests,
            lines_to_contest(request.actor, page.invoice, page.lines),
            contests_to_withdraw(request.actor, page.invoice, chain.from_iterable(contests.values())),
            shows_health=not request.actor.on_behalf_of,
        ),
        "total": words.total(page),
        "way": words.way_of_credit(way)
        if is_credit
        else words.way_of_held(way)
        if held
        else words.way_to_pay(way),
        "held": words.held_told(page.invoice, held),
        "is_announced": hasattr(page.invoice, "debit"),
        "is_credit": is_credit,
    }
    return render(request, "portal/invoices/invoice.html", context)


@require_safe
def pdf(request: MarelleRequest, invoice_id: int) -> HttpResponseBase:
    page = _found(request, invoice_id)
    kept = bill_pdf(page.invoice, now=request.now)
    if kept is not None:
        return file_response(kept, download=True)
    content = invoice_pdf(
        page,
        addressed=selectors.addressed_of(page.invoice),
        treasury=selectors.treasury_of(page.invoice.authority_id),
        letterhead=letterhead_of(page.invoice.authority_id),
    )
    return made_response(content, name=f"facture-{page.invoice.number}.pdf")


def _own(request: MarelleRequest, row: Invoice, deferred_until: date | None) -> date | None:
    """A delay is told to the home that has it, not to who reads a bill of a former one."""
    return deferred_until if row.family_id == request.actor.family_id else None


def _found(request: MarelleRequest, invoice_id: int) -> selectors.InvoicePage:
    page = selectors.invoice_page(request.actor, invoice_id)
    if page is None:
        raise Http404
    return page
