"""The sheets of a commission: chosen, filled, decided, printed; its minutes, and the file of its draw."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.commissions import papers, words
from marelle.agents.commissions.forms import DecisionForm, DemandsForm, SheetForm
from marelle.agents.commissions.views import back_to, found_commission
from marelle.agents.guards import staff_only
from marelle.campaigns.commissions.answering import answer_note
from marelle.campaigns.commissions.deciding import sheet_decide
from marelle.campaigns.commissions.labels import refusal_text
from marelle.campaigns.commissions.reading import (
    demands_looked_at,
    is_to_answer,
    section_facts,
    sheet_of,
    sheets_of,
    wanted_of,
)
from marelle.campaigns.commissions.receipts import names_of, turns_of
from marelle.campaigns.commissions.refusals import CommissionRefused, DecisionRefused
from marelle.campaigns.commissions.rules import suits
from marelle.campaigns.commissions.services import sheet_fill, sheets_set
from marelle.campaigns.models import Commission, CommissionSection, CommissionSheet
from marelle.cases.services import OwnFile
from marelle.core.refusals import Refusal
from marelle.files.listings import listing_pdf, pdf_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS

State, Outcome = Commission.State, CommissionSheet.Outcome


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def demands(request: MarelleRequest, commission_id: int) -> HttpResponse:
    """Which open demands it looks at: those that suit a section by their age and their days."""
    found = found_commission(request, commission_id)
    if found.state != State.DRAFT:
        raise Http404
    sheets = [one for one in sheets_of(found) if one.request.family_id not in request.apart]
    chosen = [one.request_id for one in sheets]
    offered = {one.request_id: one.request for one in sheets}
    offered |= {row.pk: row for row in demands_looked_at(found) if row.family_id not in request.apart}
    choices = [(pk, words.demand_text(row)) for pk, row in sorted(offered.items())]
    form = DemandsForm(request.POST if request.method == "POST" else None, choices=choices, chosen=chosen)
    if form.is_valid():
        try:
            many = sheets_set(
                actor=request.actor,
                commission_id=found.pk,
                request_ids=form.cleaned_data["demands"],
                shown=list(offered),
                now=request.now,
            )
        except CommissionRefused as refusal:
            messages.warning(request, refusal_text(refusal))
        else:
            messages.success(request, words.chosen_text(many))
        return redirect("agents_commissions:commission", found.pk)
    context = {"commission": found, "form": form, "choices": choices}
    return render(request, "agents/commissions/demands.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff_only(*DECIDERS)
def sheet(request: MarelleRequest, care_sheet_id: int) -> HttpResponse:
    row = sheet_of(request.actor, care_sheet_id)
    if row is None:
        raise Http404
    found = row.commission
    sections = list(found.sections.select_related("structure"))
    action = request.POST.get("action", "") if request.method == "POST" else ""
    fill = decide = None
    if found.state == State.DRAFT:
        fill = SheetForm(
            request.POST if action == "fill" else None,
            criteria=list(found.criteria.all()),
            sections=_suiting(row, sections),
            sheet=row,
        )
    elif row.outcome != Outcome.GONE and (found.state == State.PROPOSED or row.outcome == Outcome.WAITING):
        decide = DecisionForm(request.POST if action == "decide" else None, sections=sections, sheet=row)
    if request.method == "POST":
        answer = _act(request, row, action, fill, decide)
        if answer is not None:
            return answer
    context = {
        "sheet": row,
        "back": back_to(found),
        "title": words.sheet_title(row),
        "state": words.outcome_text(row, request.today),
        "pairs": words.sheet_pairs(row, turns_of([found.pk])),
        "missed": words.missed_texts(row, names_of([found.pk])),
        "proofs": words.proof_lines(row, fill is None),
        "fill": fill,
        "decide": decide,
        "may_note": is_to_answer(row, request.today),
    }
    return render(request, "agents/commissions/sheet.html", context)


def _suiting(row: CommissionSheet, sections: list[CommissionSection]) -> list[CommissionSection]:
    wanted = wanted_of(row.request)
    return [one for one, facts in zip(sections, section_facts(sections), strict=True) if suits(facts, wanted)]


def _act(
    request: MarelleRequest,
    row: CommissionSheet,
    action: str,
    fill: SheetForm | None,
    decide: DecisionForm | None,
) -> HttpResponse | None:
    """Where to go once it is done; None where a field is at fault."""
    if action == "fill" and fill is not None:
        return _filled(request, row, fill)
    if action == "decide" and decide is not None:
        return _decided(request, row, decide)
    if action in ("accept", "decline"):
        try:
            answer_note(actor=request.actor, sheet_id=row.pk, accepts=action == "accept", now=request.now)
        except Refusal as refusal:
            messages.warning(request, refusal_text(refusal))
        else:
            messages.success(request, _("La réponse de la famille est notée."))
    else:
        messages.warning(request, _("La commission n’en est plus là\u00a0: relisez la page."))
    return redirect("agents_commissions:sheet", row.pk)


def _filled(request: MarelleRequest, row: CommissionSheet, form: SheetForm) -> HttpResponse | None:
    if not form.is_valid():
        return None
    try:
        sheet_fill(
            actor=request.actor, sheet_id=row.pk, wishes=form.wishes(), seen=form.seen(), now=request.now
        )
    except (OwnFile, CommissionRefused) as refusal:
        form.add_error(None, refusal_text(refusal))
        return None
    messages.success(request, _("La fiche est enregistrée."))
    return redirect("agents_commissions:commission", row.commission_id)


def _decided(request: MarelleRequest, row: CommissionSheet, form: DecisionForm) -> HttpResponse | None:
    if not form.is_valid():
        return None
    outcome, section_id = form.decided()
    try:
        sheet_decide(
            actor=request.actor,
            sheet_id=row.pk,
            outcome=outcome,
            section_id=section_id,
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
    except DecisionRefused as refusal:
        form.add_error("reason" if refusal.code == "reason" else "decision", refusal_text(refusal))
        return None
    except (OwnFile, CommissionRefused) as refusal:
        form.add_error(None, refusal_text(refusal))
        return None
    messages.success(request, _("La décision est enregistrée."))
    return redirect("agents_commissions:commission", row.commission_id)


@require_safe
@staff_only(*DECIDERS)
def sheets_file(request: MarelleRequest, seated_id: int) -> HttpResponse:
    """All its sheets to print, a page each, but those of a home that is closed to who asks."""
    found = found_commission(request, seated_id)
    rows = sheets_of(found).exclude(request__family_id__in=list(request.apart)).prefetch_related("proofs")
    listings = papers.sheet_listings(found, list(rows), request.today, request.now)
    if not listings:
        raise Http404
    return pdf_response(listing_pdf(*listings, now=request.now), name=f"fiches-{found.pk}")


@require_safe
@staff_only(*DECIDERS)
def minutes(request: MarelleRequest, seated_id: int) -> HttpResponse:
    """The minutes: by sheet numbers alone, or with the names, for the file."""
    found = found_commission(request, seated_id)
    if found.state == State.DRAFT:
        raise Http404
    named = request.GET.get("noms") == "1"
    sheets = list(sheets_of(found))
    listing = papers.minutes_listing(
        found, sheets, request.today, request.now, named=named, apart=request.apart
    )
    return pdf_response(listing_pdf(listing, now=request.now), name=listing.name)


@require_safe
@staff_only(*DECIDERS)
def file(request: MarelleRequest, seated_id: int) -> HttpResponse:
    """The file of the draw and the order, which has no name in it: any computer judges it again."""
    found = found_commission(request, seated_id)
    if not found.file:
        raise Http404
    answer = HttpResponse(found.file, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="commission-{found.pk}.json"'
    return answer
