"""« Inscrire un enfant »: by the service, without a request of the family."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.activities.models import Activity
from marelle.agents.families.enrolments.forms import EnrolForm, SearchForm
from marelle.agents.guards import staff_only
from marelle.core.refusals import No
from marelle.enrolments.direct import Candidate, candidates, direct_activities
from marelle.flows.actor.acting import may_act
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.asking import Wanted, child_enrol
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def new(request: MarelleRequest) -> HttpResponse:
    activities = direct_activities(request.actor, day=request.today)
    search = SearchForm(request.GET or None, activities=activities)
    found = _found(request, search)
    form = _form(request, search.activity(), found) if found else None
    if form is not None and form.is_valid() and _is_enrolled(request, search.activity(), form):
        return redirect("agents_enrolments:new")
    context = {
        "activities": activities,
        "may_act": may_act(request.actor),
        "search": search,
        "form": form,
        "nobody": search.is_valid() and not found,
        "lost": request.method == "POST" and form is None,
    }
    return render(request, "agents/enrolments/new.html", context)


def _found(request: MarelleRequest, search: SearchForm) -> tuple[Candidate, ...]:
    if not search.is_valid():
        return ()
    return candidates(
        request.actor,
        name=search.cleaned_data["nom"],
        birth=search.cleaned_data["naissance"],
        day=request.today,
    )


def _form(request: MarelleRequest, activity: Activity, found: tuple[Candidate, ...]) -> EnrolForm:
    return EnrolForm(
        request.POST if request.method == "POST" else None,
        activity=activity,
        found=found,
        today=request.today,
    )


def _is_enrolled(request: MarelleRequest, activity: Activity, form: EnrolForm) -> bool:
    child = form.candidate()
    try:
        child_enrol(
            actor=request.actor,
            family_id=child.family_id,
            wanted=Wanted(child.person_id, activity.pk, form.terms()),
            group_id=form.cleaned_data.get("group"),
            now=request.now,
        )
    except No as refusal:
        form.refuse(refusal)
        return False
    told = {"name": child.name, "activity": activity.name}
    messages.success(
        request, _("Inscription faite : %(name)s, %(activity)s. La famille la voit et est prévenue.") % told
    )
    return True
