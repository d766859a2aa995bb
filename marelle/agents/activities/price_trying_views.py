"""« Essayer un prix »: what a day would cost a home that is enrolled, or an invented one, and why."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.activities.effects import facts_of, next_day
from marelle.activities.models import Activity
from marelle.activities.services import kept_by
from marelle.agents.activities import price_trying_words as words
from marelle.agents.activities.forms.price_trying import TryPriceForm
from marelle.agents.activities.tried_child import child_name, choices, whom
from marelle.agents.guards import staff_only
from marelle.enrolments.models import Enrolment
from marelle.families.models import Person
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.search import reads_incomes
from marelle.flows.prices.trying import DayTried, tried_for_home, tried_for_invented
from marelle.places.scope import DECIDERS, income_reader, is_office_of, own_authorities


@require_safe
@staff_only(*DECIDERS)
def try_price(request: MarelleRequest, activity_id: int) -> HttpResponse:
    rows = kept_by(request.actor, Activity).select_related("structure__authority")
    activity = rows.filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    data = request.GET if "jour" in request.GET else None
    first = {"jour": next_day(activity, request.today)}
    form = TryPriceForm(data, activity=facts_of(activity), initial=first)
    found = whom(request, form, activity) if form.is_valid() else None
    context = {
        "activity": activity,
        "form": form,
        "told": _told(request, form, activity, found.child) if found and not found.choices else None,
        "choices": choices(found.choices, request.GET) if found else (),
    }
    return render(request, "agents/activities/try_price.html", context)


def _told(
    request: MarelleRequest, form: TryPriceForm, activity: Activity, child: Enrolment | None
) -> words.PriceShown:
    facts, authority = facts_of(activity), activity.structure.authority
    if child is None:
        tried, who, reads = tried_for_invented(facts, form.invented, form.wanted), "", True
        names = words.invented_names(form.invented.others)
    else:
        tried, who = tried_for_home(facts, child.family_id, child.person_id, form.wanted), child_name(child)
        names = _names(tried)
        reads = reads_incomes(request.actor, child.family_id, day=request.today)
        reads = reads and authority.pk in own_authorities(income_reader(request.actor))
    return words.shown(
        tried,
        form.wanted.day,
        who,
        names,
        authority=authority.name,
        reads=reads,
        writes=is_office_of(request.actor, authority.pk),
    )


def _names(tried: DayTried) -> dict[int, str]:
    """The first names of the children that something is told of."""
    there = {line.child_id for line in tried.priced.lines} | {gap.child_id for gap in tried.priced.gaps}
    known = [pk for pk in there if pk is not None]
    return dict(Person.objects.filter(pk__in=known).values_list("pk", "first_name"))
