"""« Absences sans prévenir »: suspend the bookings of a child, warn its family, or leave it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.desk.no_shows import words
from marelle.agents.desk.no_shows.forms import SuspendForm
from marelle.agents.guards import staff_only
from marelle.attendance.no_show_pages import NoShowToDecide, no_show_to_decide
from marelle.attendance.no_shows import KIND, no_show_leave, no_show_suspend, no_show_warn, suspension_lift
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.home_file import home_file


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def no_show(request: MarelleRequest, no_show_id: int) -> HttpResponse:
    found = no_show_to_decide(request.actor, no_show_id, now=request.now)
    if found is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = SuspendForm(data, tomorrow=request.today + timedelta(days=1))
    if data is not None and form.is_valid():
        try:
            _decide(request, no_show_id, form)
        except Refusal as refusal:
            if refusal.code not in words.FIELDS:
                messages.warning(request, words.refusal_text(refusal))
                return case_again(request, KIND, no_show_id)
            form.add_error(words.FIELDS[refusal.code], words.refusal_text(refusal))
        else:
            return answered(request, KIND, no_show_id, str(words.DONE[form.cleaned_data["answer"]]))
    return _page(request, found, form)


@require_POST
@staff_only()
def lift(request: MarelleRequest, no_show_id: int) -> HttpResponse:
    if no_show_to_decide(request.actor, no_show_id, now=request.now) is None:
        raise Http404
    try:
        suspension_lift(actor=request.actor, no_show_id=no_show_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))
    else:
        messages.success(request, _("La suspension est levée\u00a0: la famille peut de nouveau réserver."))
    return case_again(request, KIND, no_show_id)


def _decide(request: MarelleRequest, no_show_id: int, form: SuspendForm) -> None:
    given = form.cleaned_data
    if given["answer"] == "suspend":
        no_show_suspend(
            actor=request.actor,
            no_show_id=no_show_id,
            first=given["first"],
            last=given["last"],
            reason=given["reason"],
            cancels=given["cancels"],
            now=request.now,
        )
    elif given["answer"] == "warn":
        no_show_warn(actor=request.actor, no_show_id=no_show_id, now=request.now)
    else:
        no_show_leave(actor=request.actor, no_show_id=no_show_id, now=request.now)


def _page(request: MarelleRequest, found: NoShowToDecide, form: SuspendForm) -> HttpResponse:
    enrolment = found.row.enrolment
    home = home_file(
        request.actor,
        enrolment.family_id,
        authority_id=enrolment.activity.structure.authority_id,
        child_id=enrolment.person_id,
        now=request.now,
    )
    context = {
        "no_show_id": found.row.pk,
        "facts": words.facts(found, home),
        "own_file": found.own_file,
        "blocked": blocked_text(request.actor, found.case, own_file=found.own_file),
        "may_suspend": found.may_suspend,
        "may_lift": found.may_lift,
        "form": form,
    }
    return case_page(
        request,
        "agents/no_shows/no_show.html",
        kind=KIND,
        subject_id=found.row.pk,
        title=str(enrolment.person),
        context=context,
    )
