"""« Facturer un mois »."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.bills import words
from marelle.agents.bills.forms import RunForm, TermsForm
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing import selectors as bills
from marelle.billing.runs import selectors
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.runs.services import run_cancel, run_confirm, run_pause
from marelle.billing.runs.terms import terms_set
from marelle.core.refusals import No
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.bills.working import bills_run
from marelle.places.models import Structure

PER_PAGE = 50


@require_safe
@staff_only(*KEEPERS)
def runs(request: MarelleRequest) -> HttpResponse:
    page = Paginator(selectors.runs_of(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    authorities = list(bills.office_authorities(request.actor))
    terms = list(selectors.terms_rows(request.actor))
    context = {
        "page_obj": page,
        "lines": [words.run_line(row) for row in page],
        "held": words.terms_lines(authorities, terms, request.today),
    }
    return render(request, "agents/bills/runs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def new(request: MarelleRequest) -> HttpResponse:
    authorities = list(bills.office_authorities(request.actor))
    structures = Structure.objects.filter(authority__in=authorities).select_related("authority")
    form = RunForm(
        request.POST or None,
        authorities=authorities,
        structures=structures.order_by("authority", "order", "name"),
        initial=words.first_said(request.today),
    )
    if form.is_valid():
        try:
            made = bills_run(
                actor=request.actor, authority_id=form.authority_id, new=form.new, now=request.now
            )
        except RunRefused as refusal:
            form.add_error(words.field_of(refusal), words.refusal_text(refusal))
        else:
            return redirect("agents_bills:run", made.pk)
    return render(request, "agents/bills/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def run(request: MarelleRequest, bill_run_id: int) -> HttpResponse:
    found = selectors.run_of(request.actor, bill_run_id)
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            _done(request, found.pk)
        except RunRefused as refusal:
            messages.warning(request, words.refusal_text(refusal))
        return redirect("agents_bills:run", found.pk)
    page = Paginator(selectors.homes_of(found, but_homes=request.apart), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        **words.run_page(
            found,
            selectors.progress_of(found),
            selectors.sums_of(found),
            selectors.printing_of(found, but_homes=request.apart),
        ),
        "doubts": [
            *words.mentions_group(found, bills.treasury_of(found.authority_id)),
            *words.doubt_groups(selectors.doubts_of(found, but_homes=request.apart)),
        ],
        "totals": words.total_rows(selectors.totals_of(found)),
        "homes": [words.home_line(found, one) for one in selectors.owing(list(page))],
        "page_obj": page,
    }
    return render(request, "agents/bills/run.html", context)


def _done(request: MarelleRequest, run_id: int) -> None:
    actor, now = request.actor, request.now
    match request.POST.get("action"):
        case "pause" | "resume" as action:
            run_pause(actor=actor, run_id=run_id, paused=action == "pause", now=now)
        case "cancel":
            run_cancel(actor=actor, run_id=run_id, now=now)
            messages.success(request, _("La facturation est abandonnée\u00a0: aucune facture n’est partie."))
        case "issue":
            run_confirm(actor=actor, run_id=run_id, now=now)
        case _:
            raise RunRefused("state")


@require_safe
@staff_only(*KEEPERS)
def home(request: MarelleRequest, bill_run_id: int, assessment_id: int) -> HttpResponse:
    found = selectors.run_of(request.actor, bill_run_id)
    row = selectors.homes_of(found).filter(pk=assessment_id).first() if found else None
    if found is None or row is None:
        raise Http404
    [owed] = selectors.owing([row])
    return render(request, "agents/bills/home.html", words.home_page(found, owed))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def terms(request: MarelleRequest, authority_id: int) -> HttpResponse:
    authority = bills.office_authorities(request.actor).filter(pk=authority_id).first()
    if authority is None:
        raise Http404
    held = [row for row in selectors.terms_rows(request.actor) if row.authority_id == authority_id]
    form = TermsForm(request.POST or None, initial=words.terms_said(held, request.today))
    if form.is_valid():
        try:
            terms_set(actor=request.actor, authority_id=authority_id, terms=form.terms, now=request.now)
        except No as refusal:
            form.add_error("since", words.refusal_text(refusal))
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_bills:runs")
    context = {"form": form, "authority": authority, "held": [words.terms_text(row) for row in held]}
    return render(request, "agents/bills/terms.html", context)
