"""« Délai accordé »: to a home, or to who pays and is no home."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.bills.reminder_forms import DeferralForm
from marelle.agents.bills.reminder_words import deferral_line, refusal_text
from marelle.agents.families.traits import noted_home
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.models import Deferral
from marelle.billing.paying import payers_of
from marelle.billing.reminders.deferrals import DeferralRefused, deferral_end, deferral_grant, deferrals_of
from marelle.billing.selectors import keeps_several, office_authorities
from marelle.flows.actor.middleware import MarelleRequest

either = require_http_methods(["GET", "HEAD", "POST"])


@either
@staff_only(*KEEPERS)
def home(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    rows = deferrals_of(request.actor).filter(family=family)
    form = DeferralForm(_granting(request), authorities=office_authorities(request.actor))
    context = {"family": family, "name": family.name}
    return _answer(request, rows, form, context, ("agents_bills:deferrals", family.pk), family_id=family.pk)


@either
@staff_only(*KEEPERS)
def payer(request: MarelleRequest, payer_id: int) -> HttpResponse:
    row = payers_of(request.actor).filter(pk=payer_id).first()
    if row is None:
        raise Http404
    rows = deferrals_of(request.actor).filter(payer=row)
    form = DeferralForm(_granting(request), authorities=[row.authority])
    context = {"payer": row, "name": str(row)}
    return _answer(request, rows, form, context, ("agents_bills:payer_deferrals", row.pk), payer_id=row.pk)


def _granting(request: MarelleRequest) -> object:
    return None if "end" in request.POST else request.POST or None


def _answer(
    request: MarelleRequest,
    rows: QuerySet[Deferral],
    form: DeferralForm,
    context: dict[str, object],
    here: tuple[str, int],
    *,
    family_id: int | None = None,
    payer_id: int | None = None,
) -> HttpResponse:
    if "end" in request.POST:
        return _ended(request, rows, here)
    if form.is_valid():
        try:
            deferral_grant(
                actor=request.actor,
                authority_id=form.authority_id,
                family_id=family_id,
                payer_id=payer_id,
                until=form.cleaned_data["until"],
                reason=form.cleaned_data["reason"],
                now=request.now,
            )
        except DeferralRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Le délai est accordé\u00a0: rien n’est réclamé jusque-là."))
            return redirect(*here)
    several = keeps_several(request.actor)
    lines = [deferral_line(row, request.today, several=several) for row in rows]
    return render(request, "agents/bills/deferrals.html", {**context, "form": form, "rows": lines})


def _ended(request: MarelleRequest, rows: QuerySet[Deferral], here: tuple[str, int]) -> HttpResponse:
    asked = request.POST["end"]
    row = next((one for one in rows if str(one.pk) == asked), None)
    if row is None:
        raise Http404
    try:
        deferral_end(actor=request.actor, deferral_id=row.pk, now=request.now)
    except DeferralRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Le délai est arrêté\u00a0: ce qui est en retard peut être réclamé."))
    return redirect(*here)
