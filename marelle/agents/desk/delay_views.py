"""« Délais »: how long families waited for an answer, by kind and structure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from marelle.agents.cases import KINDS
from marelle.agents.desk.queue import query_text
from marelle.agents.guards import staff_only
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.cases import Wanted
from marelle.flows.desk.delays import DelayLine, Waits, delays
from marelle.places.scope import DECIDERS

TOO_LONG: Final = (3, 7, 15, 30)
DEFAULT: Final = 7


@dataclass(frozen=True, slots=True)
class Line:
    kind: str
    structure: str
    month: str
    year: str
    waiting: str
    too_long: str
    query: str


@require_safe
@staff_only(*DECIDERS)
def page(request: MarelleRequest) -> HttpResponse:
    asked = request.GET.get("jours", "")
    days = next((days for days in TOO_LONG if str(days) == asked), DEFAULT)
    found = delays(request.actor, longer_than=timedelta(days=days), now=request.now)
    context = {
        "lines": [_line(one) for one in found if one.kind in KINDS],
        "days": days,
        "choices": TOO_LONG,
    }
    return render(request, "agents/desk/delays.html", context)


def _line(one: DelayLine) -> Line:
    return Line(
        kind=str(KINDS[one.kind].short),
        structure=one.structure or _("Guichet"),
        month=_waits(one.month),
        year=_waits(one.year),
        waiting=str(one.waiting),
        too_long=str(one.too_long) if one.too_long else "",
        query=query_text(Wanted(one.kind, one.structure_id)) if one.waiting else "",
    )


def _waits(waits: Waits) -> str:
    """ "moitié en 2 jours, 9 sur 10 en 5 jours (14)"."""
    if waits.median is None or waits.ninetieth is None:
        return ""
    told = {"half": _days(waits.median), "most": _days(waits.ninetieth), "n": waits.count}
    return _("la moitié en %(half)s, 9 sur 10 en %(most)s (%(n)d)") % told


def _days(days: float) -> str:
    if days < 1:
        return _("moins d’un jour")
    n = int(days + 0.5)
    return ngettext("%(n)d\u00a0jour", "%(n)d\u00a0jours", n) % {"n": n}
