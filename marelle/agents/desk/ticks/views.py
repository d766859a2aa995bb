"""« Pointages à régler »: what was ticked on a day and could not be applied, kept or set aside one by one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import time

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.attendance.rows import names_of
from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.desk.ticks import words
from marelle.agents.guards import staff_only
from marelle.attendance.desk import KIND, own_children, tick_settle
from marelle.attendance.refusals import CannotKeep, HourMissing, WrongHour
from marelle.attendance.selectors import DayToSettle, day_to_settle, openings_of
from marelle.cases.models import Case, CaseState
from marelle.core.converters import id_read
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.door.expected import enrolled_there
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def day(request: MarelleRequest, unsettled_id: int) -> HttpResponse:
    found = day_to_settle(request.actor, unsettled_id)
    if found is None:
        raise Http404
    if request.method == "POST":
        return (_all_kept if request.POST.get("answer") == "keep_all" else _settled)(request, found)
    return _page(request, found, {})


def _page(request: MarelleRequest, found: DayToSettle, typed: Mapping[str, words.Typed]) -> HttpResponse:
    own = own_children(request.actor, [tick.child_id for tick in found.waiting], request.now)
    enrolled = enrolled_there(found.structure.pk, found.subject.day)
    names = names_of(enrolled)
    lines = words.lines(found.waiting, own, typed)
    context = {
        "lines": lines,
        "ready": [one for one in lines if one.is_ready],
        "settled": words.settled_lines(found.settled),
        "children": [(one.id, names[one.id]) for one in enrolled],
        "openings": words.opening_choices(openings_of(found.structure.pk, found.subject.day)),
        "blocked": blocked_text(request.actor, found.case, own_file=False),
    }
    return case_page(
        request,
        "agents/ticks/day.html",
        kind=KIND,
        subject_id=found.subject.pk,
        title=words.title(found),
        context=context,
    )


def _settled(request: MarelleRequest, found: DayToSettle) -> HttpResponse:
    tick = next((one for one in found.waiting if str(one.pk) == request.POST.get("tick")), None)
    if tick is None:
        messages.info(request, _("Ce pointage est déjà réglé."))
        return case_again(request, KIND, found.subject.pk)
    keep = request.POST.get("answer") == "keep"
    typed = words.Typed(
        child=id_read(request.POST.get("child", "")),
        opening=id_read(request.POST.get("opening", "")),
        hour=request.POST.get("hour", ""),
    )
    try:
        tick_settle(
            actor=request.actor,
            tick_id=tick.pk,
            keep=keep,
            child_id=typed.child,
            opening_id=typed.opening,
            hour=_hour(typed.hour),
            now=request.now,
        )
    except (CannotKeep, HourMissing, WrongHour) as refusal:
        return _page(request, found, {str(tick.pk): typed.refused(tick, refusal)})
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))
        return case_again(request, KIND, found.subject.pk)
    return _again(request, found, _("Le pointage est retenu.") if keep else _("Le pointage est écarté."))


def _all_kept(request: MarelleRequest, found: DayToSettle) -> HttpResponse:
    """Those that the agent was shown, each by itself: what somebody settles meanwhile is left as it is."""
    shown, kept = set(request.POST.getlist("tick")), 0
    for tick in found.waiting:
        if str(tick.pk) in shown:
            with suppress(Refusal):
                tick_settle(actor=request.actor, tick_id=tick.pk, keep=True, now=request.now)
                kept += 1
    return _again(request, found, words.kept_text(kept))


def _again(request: MarelleRequest, found: DayToSettle, text: str) -> HttpResponse:
    """The same day while something of it waits, else what waits next."""
    if Case.objects.filter(kind=KIND, subject_id=found.subject.pk, state=CaseState.OPEN).exists():
        messages.success(request, text)
        return case_again(request, KIND, found.subject.pk)
    return answered(request, KIND, found.subject.pk, text)


def _hour(text: str) -> time | None:
    """As a browser sends it; None for anything else."""
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
