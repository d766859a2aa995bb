"""« À traiter »: the list of what waits; requests of the agent's scope, and the decision on one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.desk import queue as lists
from marelle.agents.desk.actions import ACCEPTED_TOGETHER
from marelle.agents.desk.beginning import beginning_lines
from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.layout import answered, case_again, case_page, just_decided
from marelle.agents.desk.places import place_table, summary
from marelle.agents.desk.requests import words
from marelle.agents.desk.requests.forms import AcceptForm, RefuseForm
from marelle.agents.guards import staff_only
from marelle.agents.papers.words import undirected_text
from marelle.agents.places.staff_words import lacks
from marelle.agents.settings.vitals.words import urgent_told
from marelle.core.converters import id_read
from marelle.core.refusals import Refusal
from marelle.enrolments import services
from marelle.enrolments.labels import refusal_text
from marelle.enrolments.models import Enrolment
from marelle.enrolments.selectors import Request, request_to_decide
from marelle.enrolments.services import KIND
from marelle.families.incomes.reading import incomes_noted
from marelle.flows.actor.acting import may_act
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.case_file import case_file, waiting_children
from marelle.flows.desk.cases import queue as read_queue
from marelle.flows.desk.cases import reach
from marelle.flows.enrolling.stay_planning import planned_stays
from marelle.flows.papers.asked import undirected
from marelle.flows.papers.missing import requests_lack
from marelle.papers.selectors import awaited_by
from marelle.places.scope import may_decide

GROUP = "groupe"
"""In an address: the group of which to see the places."""


@require_safe
@staff_only()
def queue(request: MarelleRequest) -> HttpResponse:
    wanted = lists.wanted(request.GET)
    found = read_queue(request.actor, wanted, page=lists.page_number(request.GET), but_homes=request.apart)
    lines = lists.lines(
        found.page,
        request.now,
        query=lists.query_text(wanted),
        apart=request.apart,
        awaited=awaited_by([case.pk for case in found.page]),
        lacking=requests_lack(
            [case.subject_id for case in found.page if case.kind == KIND], day=request.today
        ),
        ticked=ACCEPTED_TOGETHER,
    )
    context = {
        "done": just_decided(request),
        "query": lists.query_text(wanted),
        "lines": lines,
        "may_tick": any(line.may_tick for line in lines),
        "lead": lists.lead(found, request.now),
        "filter": lists.filter_of(reach(request.actor), wanted),
        "page_obj": found.page,
        "decides": may_decide(request.actor),
        "undirected": undirected_text(undirected(request.actor)),
        "beginning": beginning_lines(request.actor, day=request.today),
        "lacks": lacks(request.actor, request.now),
        "urgent": urgent_told(request.actor, request.now),
        "vitals_url": reverse("agents_vitals:page"),
    }
    return render(request, "agents/requests/queue.html", context)


@require_safe
@staff_only()
def request_page(request: MarelleRequest, enrolment_id: int) -> HttpResponse:
    return _page(request, _found(request, enrolment_id, group_id=id_read(request.GET.get(GROUP, ""))))


@require_POST
@staff_only()
def accept(request: MarelleRequest, enrolment_id: int) -> HttpResponse:
    """With « Voir les places », nothing is accepted: the page shows those of the group chosen."""
    found = _found(request, enrolment_id)
    if "see" in request.POST:
        return case_again(request, KIND, enrolment_id, **{GROUP: request.POST.get("group", "")})
    form = AcceptForm(request.POST, groups=found.enrolment.activity.groups.all())
    if not form.is_valid():
        return _page(request, found, accept_form=form)
    try:
        services.enrolment_accept(
            actor=request.actor,
            enrolment_id=enrolment_id,
            group_id=form.cleaned_data.get("group"),
            now=request.now,
        )
    except Refusal as refusal:
        return _refused(request, refusal, enrolment_id)
    return answered(
        request, KIND, enrolment_id, _("Inscription acceptée. La famille sera prévenue dans une minute.")
    )


@require_POST
@staff_only()
def refuse(request: MarelleRequest, enrolment_id: int) -> HttpResponse:
    found = _found(request, enrolment_id)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, found, refuse_form=form)
    try:
        services.enrolment_refuse(
            actor=request.actor,
            enrolment_id=enrolment_id,
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
    except Refusal as refusal:
        return _refused(request, refusal, enrolment_id)
    told = _("Demande refusée. La famille sera prévenue ; l’appel à lui passer attend dans la liste.")
    return answered(request, KIND, enrolment_id, told)


def _found(request: MarelleRequest, enrolment_id: int, *, group_id: int | None = None) -> Request:
    found = request_to_decide(request.actor, enrolment_id, group_id=group_id, now=request.now)
    if found is None:
        raise Http404
    return found


def _refused(request: MarelleRequest, refusal: Refusal, enrolment_id: int) -> HttpResponse:
    messages.warning(request, refusal_text(refusal))
    return case_again(request, KIND, enrolment_id)


def _planning_url(request: MarelleRequest, enrolment: Enrolment) -> str:
    """Of the first day that can be booked; "" without a planning, and no query for a request that waits."""
    today = request.today
    if enrolment.state != Enrolment.State.ACCEPTED:
        return ""
    if not planned_stays(request.actor, day=today).filter(pk=enrolment.pk).exists():
        return ""
    day = min(max(today, enrolment.starts_on), enrolment.ends_on)
    return f"{reverse('agents_enrolments:planning', args=[enrolment.pk])}?date={day.isoformat()}"


def _changes_group(request: MarelleRequest, enrolment: Enrolment) -> bool:
    """No query for a request that waits."""
    if enrolment.state != Enrolment.State.ACCEPTED:
        return False
    rows = services.groups_movable(request.actor, day=request.today)
    return rows.filter(pk=enrolment.pk, activity__groups__isnull=False).exists()


def _page(
    request: MarelleRequest,
    found: Request,
    *,
    accept_form: AcceptForm | None = None,
    refuse_form: RefuseForm | None = None,
) -> HttpResponse:
    groups = found.enrolment.activity.groups.all()
    if found.quotient is not None:
        incomes_noted(request.actor, found.enrolment.family, [found.quotient], request.now)
    file = case_file(
        request.actor,
        family_id=found.enrolment.family_id,
        child=found.enrolment.person,
        activity_id=found.enrolment.activity_id,
        authority_id=found.enrolment.activity.structure.authority_id,
        now=request.now,
    )
    context: dict[str, Any] = {
        "enrolment_id": found.enrolment.pk,
        "facts": words.facts(found, file),
        "places": place_table(found.places),
        "places_summary": summary(
            full_days=found.full_days, held_days=found.held_days, waiting=waiting_children(found.wished)
        ),
        "changes_group": _changes_group(request, found.enrolment),
        "has_cards": found.enrolment.activity.asks_card and found.enrolment.state == Enrolment.State.ACCEPTED,
        "planning_url": _planning_url(request, found.enrolment),
        "opens_family": may_act(request.actor) and not found.own_file,
        "family_id": found.enrolment.family_id,
        "blocked": blocked_text(request.actor, found.case, own_file=found.own_file),
        "settled": words.settled(found),
        "accept_form": accept_form or AcceptForm(groups=groups, initial={"group": found.group_id}),
        "refuse_form": refuse_form or RefuseForm(),
        "refusing": refuse_form is not None,
    }
    return case_page(
        request,
        "agents/requests/request.html",
        kind=KIND,
        subject_id=found.enrolment.pk,
        title=words.title(found),
        context=context,
    )
