"""« Présences » for who is logged in: the team today and tomorrow, who answers for the structure any day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.attendance.answers import answered, batch_answer, form_answer
from marelle.agents.attendance.posting import MOST_OPENINGS
from marelle.agents.attendance.showing import child_of, chosen_part, moment_now, moments, page_of
from marelle.agents.guards import staff_only
from marelle.agents.places.asked import Asked, Chosen, chosen
from marelle.core.converters import id_read
from marelle.core.french import day_long_year
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.door.expected import Door, door_of, doors
from marelle.places.rules import DAY
from marelle.places.scope import may_decide
from marelle.ui.components import Choice, Filter, Link, Toolbar
from marelle.ui.shell import STAFF_FRAME

READ_AGAIN = "X-Door-Again"


@require_safe
@staff_only()
def sheet(request: MarelleRequest) -> HttpResponse:
    found = _chosen(request)
    context: dict[str, Any] = {"found": None, "frame": STAFF_FRAME}
    if found is not None:
        door = _door(request, found, enrolled=True)
        moment = _moment(request)
        if moment is None:
            today = found.asked.day == request.today
            moment = moment_now(door.openings, request.now) if today else frozenset()
        shown = chosen_part(door, opening_ids=moment)
        query = _query(request, found)
        # Short, for there are many of them: from the address of the list.
        context |= page_of(
            shown, address=lambda pk, first: f"enfant/{pk}/?{query}&s={first}", now=request.now
        )
        context |= _around(request, found, door, moment)
    return answered(render(request, "agents/attendance/sheet.html", context))


@require_safe
@staff_only()
def child(request: MarelleRequest, child_id: int) -> HttpResponse:
    """What « Plus » shows, for who has no script."""
    found = _chosen(request)
    context = _child(request, found, child_id) if found else None
    if found is None or context is None:
        raise Http404
    query = _query(request, found)
    context["frame"] = STAFF_FRAME
    context["tick_url"] = f"{reverse('agents_attendance:tick')}?{query}"
    context["back_url"] = f"{reverse('agents_attendance:sheet')}?{query}#c{context['row']}"
    return answered(render(request, "agents/attendance/child.html", context))


@require_POST
@staff_only()
def tick(request: MarelleRequest) -> HttpResponse:
    """A plain form: noted, then the list again, at the same child."""
    row = form_answer(request, actor=request.actor, tablet=None, structure_id=_structure_id(request))
    place = f"#c{row}" if row else ""
    return redirect(f"{reverse('agents_attendance:sheet')}?{request.GET.urlencode()}{place}")


@require_POST
@staff_only()
def batch(request: MarelleRequest) -> HttpResponse:
    return batch_answer(request, actor=request.actor, tablet=None, structure_id=_structure_id(request))


def _structure_id(request: MarelleRequest) -> int:
    return id_read(request.GET.get("structure", "")) or 0


def _chosen(request: MarelleRequest) -> Chosen | None:
    """What the address names, within reach."""
    asked = Asked.of(request.GET, request.today)
    return chosen(asked, doors(request.actor), asked.day, asked.day)


def _door(request: MarelleRequest, found: Chosen, *, enrolled: bool = False) -> Door:
    asked = found.asked
    door = door_of(
        request.actor,
        found.structure.pk,
        asked.day,
        activity_id=asked.activity_id,
        group_id=asked.group_id,
        now=request.now,
        notes=READ_AGAIN not in request.headers,
        enrolled=enrolled,
    )
    if door is None:
        raise Http404
    return chosen_part(door, activity_id=asked.activity_id, group_id=asked.group_id)


def _child(request: MarelleRequest, found: Chosen, child_id: int) -> dict[str, Any] | None:
    part = chosen_part(_door(request, found), opening_ids=_moment(request) or ())
    return child_of(part, child_id, id_read(request.GET.get("s", "")), now=request.now)


def _moment(request: MarelleRequest) -> frozenset[int] | None:
    """The openings asked for, of those of the day: nothing for the whole day, None where none is said."""
    if "m" not in request.GET:
        return None
    parts = request.GET.get("m", "").split(",")[:MOST_OPENINGS]
    return frozenset(filter(None, (id_read(one) for one in parts)))


def _query(request: MarelleRequest, found: Chosen) -> str:
    """The address of the same list: with its moment where one was chosen, else the one of then."""
    moment = _moment(request)
    return found.asked.query.removeprefix("?") + ("" if moment is None else f"&m={_value(moment)}")


def _value(moment: frozenset[int]) -> str:
    return ",".join(str(one) for one in sorted(moment))


def _around(request: MarelleRequest, found: Chosen, door: Door, moment: frozenset[int]) -> dict[str, Any]:
    structure_id = found.structure.pk
    filters = found.filters()
    choices = tuple(
        Choice(one.value, one.label, one.value == _value(moment)) for one in moments(door.openings)
    )
    if len(choices) > 2:
        filters.append(Filter("m", _("Moment"), choices, found.asked.pairs))
    return {
        "who": request.actor.label,
        "scope": f"agents-{request.actor.user_id}-{structure_id}",
        "tick_url": f"{reverse('agents_attendance:tick')}?{_query(request, found)}",
        "batch_url": f"{reverse('agents_attendance:batch')}?structure={structure_id}",
        "changing_url": reverse("agents_attendance:sheet"),
        "filters": filters,
        "bar": _bar(request, found),
    }


def _bar(request: MarelleRequest, found: Chosen) -> Toolbar:
    """Day by day, for who may see others than today and tomorrow."""
    today, day = request.today, found.asked.day

    def at(other: date, label: str) -> Link:
        return Link(label, found.asked.at(other).query, current=other == today == day)

    before, after = day - timedelta(days=1), day + timedelta(days=1)
    if not may_decide(request.actor):
        before, after = max(before, today), min(after, today + DAY)
    return Toolbar(
        title=day_long_year(day).capitalize(),
        previous=at(before, _("jour précédent")),
        next=at(after, _("jour suivant")),
        today=at(today, _("Aujourd’hui")),
    )
