"""« Demandes par activité »: what keeps a home from asking, set by who answers for the activity."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.activities.kinds import EnrolmentMode
from marelle.activities.selectors import managed
from marelle.activities.services import activity_requests_set
from marelle.agents.activities import words
from marelle.agents.activities.forms import RequestsForm
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.flows.middleware import MarelleRequest

SETS = (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR)


@require_safe
@staff_only(*SETS)
def activities(request: MarelleRequest) -> HttpResponse:
    day = local(request.now).date()
    rows = managed(request.actor).filter(last_day__gte=day, enrolment_mode=EnrolmentMode.ASKED)
    ordered = rows.order_by("structure__order", "structure__name", "order", "name", "pk")
    context = {"lines": [words.line(row) for row in ordered]}
    return render(request, "agents/activities/activities.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*SETS)
def activity(request: MarelleRequest, activity_id: int) -> HttpResponse:
    row = managed(request.actor).filter(pk=activity_id).first()
    if row is None:
        raise Http404
    form = RequestsForm(request.POST if request.method == "POST" else None, activity=row)
    if form.is_valid():
        try:
            activity_requests_set(
                actor=request.actor, activity_id=activity_id, now=request.now, **form.cleaned_data
            )
        except Refusal as refusal:
            form.add_error(None, words.refusal_text(refusal))
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_activities:activities")
    return render(request, "agents/activities/activity.html", {"activity": row, "form": form})
