"""« Essayer »: an activity’s rules tried on a day, at an hour, for a child enrolled or an invented one."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.activities.effects import next_day
from marelle.activities.models import Activity
from marelle.activities.services import kept_by
from marelle.agents.activities import trying_words as words
from marelle.agents.activities.forms.trying import TryForm
from marelle.agents.guards import staff_only
from marelle.core.converters import id_read
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.trying import (
    Tried,
    stays_named,
    tried_as_enrolled,
    tried_as_invented,
    tried_stays,
)
from marelle.places.scope import DECIDERS


@dataclass(frozen=True, slots=True)
class _Answer:
    """Who was tried, None for an invented home, or else the several of that name."""

    tried: tuple[Tried, ...] = ()
    child: Enrolment | None = None
    choices: tuple[Enrolment, ...] = ()


@require_safe
@staff_only(*DECIDERS)
def try_rules(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = kept_by(request.actor, Activity).filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    data = request.GET if "jour" in request.GET else None
    form = TryForm(data, activity=activity, day=next_day(activity, request.today), now=request.now)
    answer = _answer(request, form, activity) if form.is_valid() else None
    context = {
        "activity": activity,
        "form": form,
        "told": answer and words.told(answer.tried, answer.child, form.cleaned_data["jour"], form.seen_at),
        "choices": words.choices(answer.choices, request.GET) if answer else (),
    }
    return render(request, "agents/activities/try.html", context)


def _answer(request: MarelleRequest, form: TryForm, activity: Activity) -> _Answer | None:
    day, seen_at = form.cleaned_data["jour"], form.seen_at
    chosen = id_read(request.GET.get("inscription", ""))
    name = form.cleaned_data["enfant"]
    if chosen is None and not name:
        return _Answer(tried_as_invented(activity, form.invented, day=day, now=seen_at))
    if chosen is not None:
        found = list(tried_stays(request.actor, activity, day=request.today).filter(pk=chosen))
    else:
        found = stays_named(request.actor, activity, name, day=request.today)
    if not found:
        form.found_none()
        return None
    if len(found) > 1:
        return _Answer(choices=tuple(found))
    return _Answer(tried_as_enrolled(request.actor, found[0], day=day, now=seen_at), found[0])
