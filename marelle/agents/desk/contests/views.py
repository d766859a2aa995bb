"""« Ligne contestée »: read with what was booked, ticked and counted; waived, or not; waived no more."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.contests import words
from marelle.agents.desk.contests.forms import AnswerForm, TakeBackForm
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.contests import KIND, contest_accept, contest_refuse, contest_take_back
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.bills.contested import ContestToDecide, contest_to_decide
from marelle.flows.office.home_file import home_file


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def contest(request: MarelleRequest, contest_id: int) -> HttpResponse:
    found = _found(request, contest_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _decided(request, contest_id, form)
        except Refusal as refusal:
            if refusal.code not in words.OF_REASON:
                messages.warning(request, words.refusal_text(refusal))
                return case_again(request, KIND, contest_id)
            form.add_error("reason", words.refusal_text(refusal))
    return _page(request, found, form, TakeBackForm())


@require_POST
@staff_only(*KEEPERS)
def take_back(request: MarelleRequest, contest_id: int) -> HttpResponse:
    found = _found(request, contest_id)
    form = TakeBackForm(request.POST)
    if form.is_valid():
        try:
            contest_take_back(
                actor=request.actor,
                contest_id=contest_id,
                reason=form.cleaned_data["reason"],
                now=request.now,
            )
        except Refusal as refusal:
            messages.warning(request, words.refusal_text(refusal))
        else:
            messages.success(request, _("Ces jours sont de nouveau dus\u00a0: la famille est prévenue."))
        return case_again(request, KIND, contest_id)
    return _page(request, found, AnswerForm(), form)


def _decided(request: MarelleRequest, contest_id: int, form: AnswerForm) -> HttpResponse:
    reason = form.cleaned_data["reason"]
    if form.cleaned_data["answer"] == "accept":
        contest_accept(actor=request.actor, contest_id=contest_id, words=reason, now=request.now)
        told = _(
            "Contestation acceptée\u00a0: la prochaine facture du foyer retire ces jours. La famille sera "
            "prévenue dans une minute."
        )
    else:
        contest_refuse(actor=request.actor, contest_id=contest_id, reason=reason, now=request.now)
        told = _("Contestation refusée. La famille sera prévenue dans une minute.")
    return answered(request, KIND, contest_id, told)


def _found(request: MarelleRequest, contest_id: int) -> ContestToDecide:
    found = contest_to_decide(request.actor, contest_id, now=request.now)
    if found is None:
        raise Http404
    return found


def _page(
    request: MarelleRequest, found: ContestToDecide, form: AnswerForm, back_form: TakeBackForm
) -> HttpResponse:
    line = found.row.line
    home = home_file(
        request.actor,
        line.invoice.family_id,
        authority_id=line.invoice.authority_id,
        child_id=line.child_id,
        now=request.now,
    )
    context = {
        "contest_id": found.row.pk,
        "facts": words.facts(found, home),
        "days": [words.day_shown(found, day) for day in found.days],
        "lost": found.lost,
        "tools": words.tools(found),
        "after": words.after(found),
        "own_file": found.own_file,
        "blocked": blocked_text(request.actor, found.case, own_file=found.own_file),
        "form": form,
        "back_form": back_form,
    }
    return case_page(
        request,
        "agents/contests/contest.html",
        kind=KIND,
        subject_id=found.row.pk,
        title=str(line.child or line.invoice.family),
        context=context,
    )
