"""« Appel à passer »: after a refusal, whom to call, why, and what came of each call."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.calls import words
from marelle.agents.desk.calls.forms import CallForm
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.guards import staff_only
from marelle.cases.selectors import cases_about
from marelle.cases.services import AlreadyDecided
from marelle.core.refusals import Refusal
from marelle.enrolments.labels import refusal_text
from marelle.enrolments.selectors import call_to_make, whom_to_call
from marelle.enrolments.services import CALL, KIND, call_note
from marelle.families.scope import is_own_file
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.home_file import home_file


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def call(request: MarelleRequest, refused_id: int) -> HttpResponse:
    day = request.today
    enrolment = call_to_make(request.actor, refused_id)
    if enrolment is None:
        raise Http404
    form = CallForm(request.POST or None, day=day)
    if request.method == "POST" and form.is_valid():
        return _noted(request, form, refused_id)
    case = cases_about(kind=CALL, subject_kind=KIND, subject_ids=[refused_id])[refused_id]
    home = home_file(
        request.actor,
        enrolment.family_id,
        authority_id=enrolment.activity.structure.authority_id,
        child_id=enrolment.person_id,
        now=request.now,
    )
    context = {
        "facts": words.facts(enrolment, home),
        "people": words.people(whom_to_call(enrolment, day=day), enrolment),
        "calls": words.calls(enrolment.call_notes.all()),
        "blocked": blocked_text(
            request.actor,
            case,
            own_file=is_own_file(
                request.actor, family_id=enrolment.family_id, person_id=enrolment.person_id, day=day
            ),
        ),
        "form": form,
    }
    return case_page(
        request,
        "agents/calls/call.html",
        kind=CALL,
        subject_id=refused_id,
        title=_("Appeler la famille %(name)s") % {"name": enrolment.family.name},
        context=context,
    )


def _noted(request: MarelleRequest, form: CallForm, refused_id: int) -> HttpResponse:
    reached = form.cleaned_data["outcome"] == "reached"
    try:
        call_note(
            actor=request.actor,
            enrolment_id=refused_id,
            reached=reached,
            note=form.cleaned_data["note"],
            left_message=form.cleaned_data["outcome"] == "message",
            again_on=form.cleaned_data["again_on"],
            now=request.now,
        )
    except AlreadyDecided:
        messages.info(request, _("Un collègue a joint la famille avant vous."))
        return case_again(request, CALL, refused_id)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return case_again(request, CALL, refused_id)
    if reached:
        return answered(request, CALL, refused_id, _("C’est noté : la famille a été jointe."))
    messages.success(request, _("C’est noté : l’appel reste à passer."))
    return case_again(request, CALL, refused_id)
