"""A home asks to be erased: what would go, what the law keeps, and the answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.agents.desk.erasures import words
from marelle.agents.desk.erasures.forms import RefuseForm
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.refusals import NotYours, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.home.erasure import KIND, erasure, erasure_answered, erasure_carry_out, erasure_refuse
from marelle.flows.office.home_file import home_file
from marelle.shell.again import recognised_first

DECIDE = (Role.ADMINISTRATOR, Role.OFFICE)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDE)
def page(request: MarelleRequest, erased_id: int) -> HttpResponse:
    """Shows the request; a POST refuses it. Who comes second reads who has answered what."""
    found = erasure(request.actor, erased_id, now=request.now)
    if found is None:
        return _answered_page(request, erased_id)
    form = RefuseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            erasure_refuse(actor=request.actor, family_id=erased_id, reason=reason, now=request.now)
        except Refusal as refusal:
            messages.warning(request, words.refusal_text(refusal))
            return case_again(request, KIND, erased_id)
        told = _("C’est noté : rien n’est effacé, et la famille est prévenue.")
        return answered(request, KIND, erased_id, told)
    home = home_file(request.actor, erased_id, authority_id=found.case.authority_id or 0, now=request.now)
    context = {"found": found, "form": form, **words.parts(found, home)}
    return case_page(
        request,
        "agents/erasures/erasure.html",
        kind=KIND,
        subject_id=erased_id,
        title=_("Effacer le foyer %(name)s") % {"name": found.family.name},
        context=context,
    )


def _answered_page(request: MarelleRequest, erased_id: int) -> HttpResponse:
    """Without a word of the home, which may be gone."""
    if erasure_answered(request.actor, erased_id) is None:
        raise Http404
    if request.method == "POST":
        return case_again(request, KIND, erased_id)
    return case_page(
        request,
        "agents/erasures/answered.html",
        kind=KIND,
        subject_id=erased_id,
        title=_("Effacement d’un foyer"),
        context={},
    )


@require_POST
@staff_only(*DECIDE)
@recognised_first
def carry_out(request: MarelleRequest, erased_id: int) -> HttpResponse:
    try:
        erasure_carry_out(actor=request.actor, family_id=erased_id, now=request.now)
    except NotYours:
        return _answered_page(request, erased_id)
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))
        return case_again(request, KIND, erased_id)
    told = _("Les données du foyer sont effacées, et ses accès sont fermés.")
    return answered(request, KIND, erased_id, told)
