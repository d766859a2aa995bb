"""« Fin d’inscription »: what a home asks to end, what would be cancelled, and the decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.ends import words
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.desk.requests.forms import RefuseForm
from marelle.agents.guards import staff_only
from marelle.bookings.closing.ending import last_attended, later_bookings
from marelle.bookings.closing.labels import later_lines
from marelle.cases.selectors import cases_about
from marelle.core.refusals import Refusal
from marelle.enrolments.labels import refusal_text
from marelle.enrolments.models import EndRequest
from marelle.enrolments.selectors import end_to_decide
from marelle.enrolments.services import END, end_refuse
from marelle.families.scope import is_own_file
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.ending import enrolment_end
from marelle.flows.office.home_file import home_file


@require_safe
@staff_only()
def end(request: MarelleRequest, end_id: int) -> HttpResponse:
    return _page(request, _found(request, end_id), RefuseForm())


@require_POST
@staff_only()
def accept(request: MarelleRequest, end_id: int) -> HttpResponse:
    _found(request, end_id)
    try:
        enrolment_end(actor=request.actor, end_id=end_id, now=request.now)
    except Refusal as refusal:
        return _refused(request, refusal, end_id)
    return answered(
        request, END, end_id, _("Fin d’inscription acceptée. La famille sera prévenue dans une minute.")
    )


@require_POST
@staff_only()
def refuse(request: MarelleRequest, end_id: int) -> HttpResponse:
    found = _found(request, end_id)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        end_refuse(actor=request.actor, end_id=end_id, reason=form.cleaned_data["reason"], now=request.now)
    except Refusal as refusal:
        return _refused(request, refusal, end_id)
    told = _("Demande refusée : l’inscription continue. La famille sera prévenue dans une minute.")
    return answered(request, END, end_id, told)


def _found(request: MarelleRequest, end_id: int) -> EndRequest:
    found = end_to_decide(request.actor, end_id)
    if found is None:
        raise Http404
    return found


def _refused(request: MarelleRequest, refusal: Refusal, end_id: int) -> HttpResponse:
    messages.warning(request, refusal_text(refusal))
    return case_again(request, END, end_id)


def _page(request: MarelleRequest, found: EndRequest, form: RefuseForm) -> HttpResponse:
    enrolment = found.enrolment
    case = cases_about(kind=END, subject_kind=END, subject_ids=[found.pk]).get(found.pk)
    day = request.today
    own_file = is_own_file(
        request.actor, family_id=enrolment.family_id, person_id=enrolment.person_id, day=day
    )
    later = later_bookings(enrolment.pk, found.last_day)
    home = home_file(
        request.actor,
        enrolment.family_id,
        authority_id=enrolment.activity.structure.authority_id,
        child_id=enrolment.person_id,
        now=request.now,
    )
    context = {
        "end_id": found.pk,
        "facts": words.facts(found, home, came=last_attended(enrolment, day=day), cancelled=len(later)),
        "later": later_lines(later),
        "blocked": blocked_text(request.actor, case, own_file=own_file),
        "form": form,
        "refusing": form.is_bound,
    }
    return case_page(
        request,
        "agents/ends/end.html",
        kind=END,
        subject_id=found.pk,
        title=f"{enrolment.person} → {enrolment.activity.name}",
        context=context,
    )
