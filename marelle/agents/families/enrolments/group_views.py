"""« Changer de groupe »: from a day on, with what becomes of each booking shown before anything is done."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.families.enrolments import group_words as words
from marelle.agents.families.enrolments.forms import GroupForm
from marelle.agents.guards import staff_only
from marelle.bookings.closing.moving import Plan
from marelle.core.refusals import Refusal
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import groups_movable
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.moving import child_move, group_plan
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def group(request: MarelleRequest, accepted_id: int) -> HttpResponse:
    """Sent once, it shows; sent again from what it showed, it moves."""
    rows = groups_movable(request.actor, day=request.today)
    enrolment = rows.select_related("person", "activity", "family").filter(pk=accepted_id).first()
    if enrolment is None:
        raise Http404
    form = GroupForm(request.POST if request.method == "POST" else None, enrolment=enrolment)
    plan = None
    if form.is_valid():
        try:
            if "confirme" in request.POST and _moved(request, enrolment, form):
                return redirect("requests:request", accepted_id)
            plan = _plan(request, enrolment, form)
        except Refusal as refusal:
            if refusal.code == "no_such_group":
                raise Http404 from refusal
            form.add_error(None, words.refusal_text(refusal))
    context = {
        "enrolment": enrolment,
        "form": form,
        "held": words.held_text(enrolment, request.today),
        "plan": plan,
        "lines": words.lines(plan) if plan else [],
    }
    return render(request, "agents/enrolments/group.html", context)


def _plan(request: MarelleRequest, enrolment: Enrolment, form: GroupForm) -> Plan:
    return group_plan(
        actor=request.actor,
        enrolment_id=enrolment.pk,
        group_id=form.cleaned_data["group"].pk,
        since=form.cleaned_data["since"],
        now=request.now,
    )


def _moved(request: MarelleRequest, enrolment: Enrolment, form: GroupForm) -> bool:
    """Whether it is done; when it is not what was shown any more, it is shown again."""
    given = form.cleaned_data
    try:
        moved = child_move(
            actor=request.actor,
            enrolment_id=enrolment.pk,
            group_id=given["group"].pk,
            since=given["since"],
            then=given["then"],
            reason=given["reason"],
            mark=request.POST.get("vu", ""),
            now=request.now,
        )
    except Refusal as refusal:
        if refusal.code == "no_reason":
            form.add_error("reason", words.refusal_text(refusal))
        elif refusal.code == "moved":
            messages.warning(request, words.refusal_text(refusal))
        else:
            raise
        return False
    messages.success(request, _("Le groupe est changé, la famille est prévenue."))
    messages.info(request, words.moved_text(moved))
    return True
