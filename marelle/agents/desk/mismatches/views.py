"""« Réponse à un écart de pointage »: read with what was booked and ticked; corrected, or left as it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.desk.mismatches import words
from marelle.agents.desk.mismatches.forms import SettleForm
from marelle.agents.guards import staff_only
from marelle.attendance.mismatch_labels import refusal_text
from marelle.attendance.mismatch_pages import MismatchToSettle, mismatch_to_settle
from marelle.attendance.mismatches import KIND, mismatch_settle
from marelle.attendance.refusals import WordsMissing
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.home_file import home_file


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def mismatch(request: MarelleRequest, mismatch_id: int) -> HttpResponse:
    found = mismatch_to_settle(request.actor, mismatch_id, now=request.now)
    if found is None:
        raise Http404
    form = SettleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _settled(request, found, form)
        except WordsMissing as refusal:
            form.add_error("reason", refusal_text(refusal))
        except Refusal as refusal:
            messages.warning(request, refusal_text(refusal))
            return case_again(request, KIND, mismatch_id)
    return _page(request, found, form)


def _settled(request: MarelleRequest, found: MismatchToSettle, form: SettleForm) -> HttpResponse:
    whole = {row.pk for row in found.correctable}
    correct = whole if form.cleaned_data["answer"] == "accept" else form.ticked()
    mismatch_settle(
        actor=request.actor,
        mismatch_id=found.case.subject_id,
        correct=correct,
        words=form.cleaned_data["reason"],
        now=request.now,
    )
    told = (
        _("Pointage corrigé. La famille sera prévenue dans une minute.")
        if correct
        else _("C’est noté. La famille sera prévenue dans une minute.")
    )
    return answered(request, KIND, found.case.subject_id, told)


def _page(request: MarelleRequest, found: MismatchToSettle, form: SettleForm) -> HttpResponse:
    home = home_file(
        request.actor,
        found.first.family_id,
        authority_id=found.first.opening.activity.structure.authority_id,
        child_id=found.first.child_id,
        now=request.now,
    )
    context = {
        "facts": words.facts(found, home),
        "ticks": words.tick_lines(found),
        "own_file": found.own_file,
        "blocked": blocked_text(request.actor, found.case, own_file=found.own_file),
        "corrects": words.correction_label(found),
        "boxes": words.boxes(found, form.ticked()),
        "form": form,
    }
    return case_page(
        request,
        "agents/mismatches/mismatch.html",
        kind=KIND,
        subject_id=found.case.subject_id,
        title=str(found.first.child),
        context=context,
    )
