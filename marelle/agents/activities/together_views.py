"""Several children of a group go to another from a day on: ticked, shown with their bookings, then done."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.activities.models import Activity
from marelle.activities.selectors import managed
from marelle.agents.activities import together_words as words
from marelle.agents.activities.forms.together import TogetherForm
from marelle.agents.families.enrolments.forms import StuckForm
from marelle.agents.families.enrolments.group_words import refusal_text
from marelle.agents.guards import staff_only
from marelle.agents.ways import home_ways
from marelle.core.converters import id_read
from marelle.core.refusals import No, NotYours
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.group_members import InGroup, group_members
from marelle.flows.catalogue.moving import MoveRefused, Together, children_move, children_plan
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def together(request: MarelleRequest, activity_id: int) -> HttpResponse:
    """The address says from where to where and when; the form, who, and what to do where nothing follows."""
    activity = managed(request.actor).filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    day = request.today
    asked = TogetherForm(request.GET if "jour" in request.GET else None, activity=activity, day=day)
    if not asked.is_valid():
        return _page(request, activity, asked)
    since = asked.cleaned_data["jour"]
    members = group_members(request.actor, activity.pk, asked.group_id, since=since, day=day)
    if request.method != "POST":
        return _page(request, activity, asked, members, StuckForm(), _quickly(request, members))
    ticked = {pk for pk in map(id_read, request.POST.getlist("e")) if pk}
    form = StuckForm(request.POST)
    found = None
    if not ticked:
        form.add_error(None, _("Cochez au moins un enfant."))
    elif form.is_valid():
        if "confirme" in request.POST and _done(request, asked, form, ticked):
            return redirect(request.get_full_path())
        found = _plan(request, asked, form, ticked)
    return _page(request, activity, asked, members, form, ticked, found)


def _plan(request: MarelleRequest, asked: TogetherForm, form: StuckForm, ticked: set[int]) -> Together | None:
    try:
        return children_plan(
            actor=request.actor,
            enrolment_ids=ticked,
            group_id=asked.cleaned_data["vers"],
            since=asked.cleaned_data["jour"],
            now=request.now,
        )
    except No as refusal:
        _refuse(form, refusal)
        return None


def _done(request: MarelleRequest, asked: TogetherForm, form: StuckForm, ticked: set[int]) -> bool:
    """Whether they have moved; when it is not what was shown any more, it is shown again."""
    try:
        done = children_move(
            actor=request.actor,
            enrolment_ids=ticked,
            group_id=asked.cleaned_data["vers"],
            since=asked.cleaned_data["jour"],
            then=form.cleaned_data["then"],
            reason=form.cleaned_data["reason"],
            mark=request.POST.get("vu", ""),
            now=request.now,
        )
    except No as refusal:
        if refusal.code == "moved":
            messages.warning(request, refusal_text(refusal))
        elif refusal.code == "no_reason":
            form.add_error("reason", refusal_text(refusal))
        else:
            _refuse(form, refusal)
        return False
    messages.success(request, words.done_text(done))
    messages.info(request, words.bookings_text(done))
    for told in words.stays_texts(done):
        messages.warning(request, told)
    return True


def _refuse(form: StuckForm, refusal: No) -> None:
    if refusal.code == "no_such_group":
        raise Http404 from refusal
    told = refusal_text(MoveRefused("nobody") if isinstance(refusal, NotYours) else refusal)
    if told not in form.non_field_errors():  # The plan that is shown again says it too.
        form.add_error(None, told)


def _quickly(request: MarelleRequest, members: tuple[InGroup, ...]) -> set[int]:
    """Those that a quick choice ticks."""
    age, level = request.GET.get("age", ""), request.GET.get("niveau", "")
    return {
        one.enrolment_id
        for one in members
        if "tous" in request.GET or (age and str(one.age) == age) or (level and one.level == level)
    }


def _page(
    request: MarelleRequest,
    activity: Activity,
    asked: TogetherForm,
    members: tuple[InGroup, ...] | None = None,
    form: StuckForm | None = None,
    ticked: set[int] | None = None,
    found: Together | None = None,
) -> HttpResponse:
    context = {"activity": activity, "asked": asked, "form": form, "found": found, "members": members}
    ways = home_ways(request, {one.family_id for one in members or ()})
    if members is not None:
        shown = {name: request.GET.get(name, "") for name in asked.fields}
        context |= {
            "rows": words.rows(members, asked.cleaned_data["jour"], ticked or (), ways),
            "quick": words.quick(members, shown),
        }
    if found is not None:
        context |= {
            "plans": words.child_plans(found, ways),
            "slots": words.slot_facts(found),
            "stays": words.stays_texts(found),
        }
    return render(request, "agents/activities/together.html", context)
