"""« Essayer »: an activity’s rules tried on a day, at an hour, for a child enrolled or an invented one."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.activities.effects import next_day
from marelle.activities.models import Activity
from marelle.activities.services import kept_by
from marelle.agents.activities import trying_words as words
from marelle.agents.activities.forms.trying import TryForm
from marelle.agents.activities.tried_child import choices, whom
from marelle.agents.guards import staff_only
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.trying import Tried, tried_as_enrolled, tried_as_invented
from marelle.places.scope import DECIDERS


@require_safe
@staff_only(*DECIDERS)
def try_rules(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = kept_by(request.actor, Activity).filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    data = request.GET if "jour" in request.GET else None
    form = TryForm(data, activity=activity, day=next_day(activity, request.today), now=request.now)
    found = whom(request, form, activity) if form.is_valid() else None
    told = None
    if found and not found.choices:
        tried = _tried(request, form, activity, found.child)
        told = words.told(tried, found.child, form.cleaned_data["jour"], form.seen_at)
    context = {
        "activity": activity,
        "form": form,
        "told": told,
        "choices": choices(found.choices, request.GET) if found else (),
    }
    return render(request, "agents/activities/try.html", context)


def _tried(
    request: MarelleRequest, form: TryForm, activity: Activity, child: Enrolment | None
) -> tuple[Tried, ...]:
    day, seen_at = form.cleaned_data["jour"], form.seen_at
    if child is None:
        return tried_as_invented(activity, form.invented, day=day, now=seen_at)
    return tried_as_enrolled(request.actor, child, day=day, now=seen_at)
