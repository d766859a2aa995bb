"""The incomes of a home: their history by date, one more noted, one corrected or ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.families.income_forms import CorrectionForm, IncomeForm, NewIncomeForm
from marelle.agents.families.income_words import agreement_lines, counts_text, groups
from marelle.agents.guards import staff_only
from marelle.core.refusals import Refusal
from marelle.families.caf.agreements import standing_of
from marelle.families.caf.labels import outcome_short
from marelle.families.caf.labels import refusal_text as caf_refusal_text
from marelle.families.incomes.labels import days_text, kind_text, told_text
from marelle.families.incomes.reading import incomes_noted
from marelle.families.incomes.rules import IncomeRow
from marelle.families.incomes.selectors import incomes_mark, incomes_shown
from marelle.families.incomes.services import income_note
from marelle.families.models import Family
from marelle.flows.actor.acting import may_act
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.incomes.caf import agreement_ask, is_offered
from marelle.flows.office.family_page import noted_family
from marelle.flows.office.search import reads_incomes
from marelle.places.letterheads import authority_names
from marelle.places.scope import DECIDERS
from marelle.places.selectors import income_settings

either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_only(*DECIDERS)
def history(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = _family(request, family_id)
    reads = reads_incomes(request.actor, family_id, day=request.today)
    settings = income_settings(request.actor)
    rows = incomes_shown(request.actor, family_id, reads=reads)
    incomes_noted(request.actor, family, rows, request.now)
    writes = may_act(request.actor)
    context = {
        "family": family,
        "groups": groups(rows, request.today, names=authority_names(), settings=settings),
        "counts": counts_text(settings, request.today),
        "reads": reads,
        "writes": writes,
        "agreements": agreement_lines(standing_of(family_id)) if reads else (),
        "may_ask": writes and is_offered(),
    }
    return render(request, "agents/families/incomes.html", context)


@require_POST
@staff_only(*MAY_ACT)
def ask_caf(request: MarelleRequest, family_id: int, agreement_id: int) -> HttpResponse:
    """The CAF or the MSA is asked again about who agreed to it."""
    _family(request, family_id)
    found = standing_of(family_id).filter(pk=agreement_id).first()
    if found is None or not is_offered():
        raise Http404
    try:
        outcome = agreement_ask(actor=request.actor, agreement=found, now=request.now)
    except Refusal as refusal:
        messages.warning(request, caf_refusal_text(refusal))
    else:
        messages.info(request, _("CAF ou MSA\u00a0: %s.") % outcome_short(outcome))
    return redirect("agents_families:incomes", family_id)


@either
@staff_only(*MAY_ACT)
def note(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = _family(request, family_id)
    form = NewIncomeForm(
        request.POST if request.method == "POST" else None,
        day=request.today,
        seen=incomes_mark(request.actor, family_id),
        authorities=own_authorities(request),
    )
    return _answer(request, family, form, _("Noter un revenu"), "")


@either
@staff_only(*MAY_ACT)
def correct(request: MarelleRequest, family_id: int, income_id: int) -> HttpResponse:
    family = _family(request, family_id)
    row = _row(request, family_id, income_id)
    incomes_noted(request.actor, family, [row], request.now)
    form = CorrectionForm(
        request.POST if request.method == "POST" else None,
        day=request.today,
        seen=incomes_mark(request.actor, family_id),
        row=row,
    )
    held = f"{told_text(row)}, {days_text(row)}"
    return _answer(request, family, form, _("Corriger\u00a0: %s") % kind_text(row.kind).lower(), held)


def _answer(
    request: MarelleRequest, family: Family, form: IncomeForm, heading: str, held: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            income_note(
                actor=request.actor,
                family_id=family.pk,
                income=form.income(),
                seen=form.cleaned_data["seen"],
                now=request.now,
            )
        except Refusal as refusal:
            form.refuse(refusal, seen=incomes_mark(request.actor, family.pk))
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_families:incomes", family.pk)
    context = {"family": family, "form": form, "heading": heading, "held": held}
    return render(request, "agents/families/income.html", context)


def _family(request: MarelleRequest, family_id: int) -> Family:
    """The home, if the actor may open its page; not its own."""
    family = noted_family(request.actor, family_id, day=request.today)
    if family is None:
        raise Http404
    return family


def _row(request: MarelleRequest, family_id: int, income_id: int) -> IncomeRow:
    reads = reads_incomes(request.actor, family_id, day=request.today)
    rows = incomes_shown(request.actor, family_id, reads=reads)
    row = next((row for row in rows if row.id == income_id), None)
    if row is None:
        raise Http404
    return row


def own_authorities(request: MarelleRequest) -> dict[int, str]:
    """Those that an income may be told to alone, where the portal has several."""
    names = authority_names()
    if len(names) < 2:
        return {}
    return {pk: names[pk] for pk in income_settings(request.actor) if pk in names}
