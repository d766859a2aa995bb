"""« Comptabilité »: exercises and their totals, the rows of each figure, what each owes from day to day."""

from __future__ import annotations

from datetime import date

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from marelle.agents.bills import accounting_words as words
from marelle.agents.bills.accounting_asked import chosen, code_asked
from marelle.agents.families.traits import noted_home
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.accounting.accounts import home_accounts, payer_account
from marelle.billing.accounting.book import sheets_of
from marelle.billing.accounting.detail import Chosen, Figure, lines_chosen, told_of
from marelle.billing.accounting.exercises import bills_of, exercises_of
from marelle.billing.accounting.histories import histories
from marelle.billing.accounting.totals import totals_of
from marelle.billing.models import InvoiceQuerySet
from marelle.billing.paying import payers_of
from marelle.billing.runs.closed import closed_exercises
from marelle.billing.selectors import office_authorities
from marelle.core.french import euros_text
from marelle.core.money import ZERO
from marelle.files.rows import book_response, rows_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.models import Authority

PER_PAGE = 50
FILE = "format"
"""In an address: the same as a file, by its ending."""


@require_safe
@staff_only(*KEEPERS)
def exercises(request: MarelleRequest) -> HttpResponse:
    context = {
        "authorities": [
            (one, [words.exercise_line(one.pk, year, closed) for year in exercises_of(one.pk)])
            for one in office_authorities(request.actor)
            for closed in [closed_exercises(one.pk)]
        ]
    }
    return render(request, "agents/bills/exercises.html", context)


@require_safe
@staff_only(*KEEPERS)
def exercise(request: MarelleRequest, authority_id: int, year: int) -> HttpResponse:
    authority = exercise_asked(request, authority_id, year)
    rows_url = reverse("agents_bills:exercise_rows", args=[authority.pk, year])
    context = {
        "authority": authority,
        "year": year,
        "sums": words.Sums(totals_of(authority.pk, year), rows_url),
        "is_closed": year in closed_exercises(authority.pk),
    }
    return render(request, "agents/bills/exercise.html", context)


@require_safe
@staff_only(*KEEPERS)
def rows(request: MarelleRequest, authority_id: int, year: int) -> HttpResponse:
    """Those of one figure: what they come to is the figure, less what is of homes close to who reads."""
    authority = exercise_asked(request, authority_id, year)
    asked, bills = chosen(request.GET), bills_of(authority.pk, year)
    shown = _lines if asked.figure is Figure.LINES else _events
    context = {
        "authority": authority,
        "year": year,
        "title": words.detail_title(asked),
        **shown(request, bills, asked),
    }
    return render(request, "agents/bills/exercise_rows.html", context)


def _lines(request: MarelleRequest, bills: InvoiceQuerySet, _asked: Chosen) -> dict[str, object]:
    every = lines_chosen(bills, code_asked(request.GET))
    seen = list(every.exclude(invoice__family__in=request.apart))
    page = Paginator(seen, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "total": euros_text(sum((row.amount for row in seen), ZERO)),
        "hidden": words.hidden_text(every.count() - len(seen) if request.apart else 0),
        "lines": words.line_lines(page),
        "page_obj": page,
    }


def _events(request: MarelleRequest, bills: InvoiceQuerySet, asked: Chosen) -> dict[str, object]:
    every = told_of(histories(bills), asked)
    seen = [row for row in every if row.family_id not in request.apart]
    page = Paginator(seen, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "total": euros_text(sum((row.amount for row in seen), ZERO)),
        "hidden": words.hidden_text(len(every) - len(seen)),
        "lines": words.told_lines(list(page)),
        "page_obj": page,
    }


@require_safe
@staff_only(*KEEPERS)
def book(request: MarelleRequest, authority_id: int, year: int) -> FileResponse:
    authority = exercise_asked(request, authority_id, year)
    sheets = sheets_of(authority.pk, year, totals_of(authority.pk, year), but_homes=request.apart)
    return book_response(sheets, name=f"exercice-{year}")


@require_safe
@staff_only(*KEEPERS)
def account(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    day = _day(request)
    found = home_accounts(request.actor, family.pk, day)
    if FILE in request.GET:
        return rows_response(words.account_rows(found), request.GET[FILE], name=f"compte-{family.number}")
    cards = [words.account_card(one) for one in found]
    return render(request, "agents/bills/account.html", {"family": family, "day": day, "cards": cards})


@require_safe
@staff_only(*KEEPERS)
def of_payer(request: MarelleRequest, payer_id: int) -> HttpResponse:
    payer = payers_of(request.actor).filter(pk=payer_id).first()
    if payer is None:
        raise Http404
    day = _day(request)
    of_authority = payer_account(payer, day, but_homes=request.apart)
    found = [of_authority] if of_authority else []
    if FILE in request.GET:
        return rows_response(words.account_rows(found), request.GET[FILE], name=f"compte-payeur-{payer.pk}")
    cards = [words.account_card(one) for one in found]
    return render(request, "agents/bills/account.html", {"payer": payer, "day": day, "cards": cards})


def _day(request: MarelleRequest) -> date:
    """The one asked for; today where none can be read."""
    try:
        return date.fromisoformat(request.GET.get("jour", ""))
    except ValueError:
        return request.today


def exercise_asked(request: MarelleRequest, authority_id: int, year: int) -> Authority:
    """Its authority; 404 for one whose office the actor is not, and for an exercise that has no bill."""
    authority = office_authorities(request.actor).filter(pk=authority_id).first()
    if authority is None or year not in exercises_of(authority.pk):
        raise Http404
    return authority
