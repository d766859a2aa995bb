"""« Consultations »: how much each agent read of health and incomes, and from how many on it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.journal.consulted_forms import BoundsForm, DaysForm
from marelle.agents.settings.journal.views import READERS
from marelle.agents.settings.setting import setting_answer
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.french import instant_long_year, join_and
from marelle.core.tabular import csv_written
from marelle.files.serving import disposition
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.journal.bounds import reading_bounds, reading_bounds_set
from marelle.flows.journal.consulted import Consulted, consulted_exported, consulted_opened
from marelle.flows.journal.watching import WORDS

BY_DEFAULT: Final = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Line:
    """`alert` is "" where nothing was told; `url` leads to what the agent read."""

    who: str
    read: str
    last: str
    alert: str
    url: str


@require_safe
@staff_only(*READERS)
def consulted(request: MarelleRequest) -> HttpResponse:
    form = _days(request, request.GET)
    lines = []
    if form.is_valid():
        first, last = form.days()
        found = consulted_opened(actor=request.actor, first=first, last=last, now=request.now)
        lines = [_line(one, first, last) for one in found]
    context = {"form": form, "lines": lines, "bounds": request.actor.is_administrator}
    return render(request, "agents/journal/consulted.html", context)


@require_POST
@staff_only(*READERS)
def export(request: MarelleRequest) -> HttpResponse:
    form = _days(request, request.POST)
    if not form.is_valid():
        return render(request, "agents/journal/consulted.html", {"form": form})
    first, last = form.days()
    found = consulted_exported(actor=request.actor, first=first, last=last, now=request.now)
    headings = [
        _("agent"), _("fiches d’enfants"), _("revenus de foyers"), _("listes"), _("documents"), _("la nuit"),
        _("dernière lecture"), _("signalé"),
    ]  # fmt: skip
    rows = [
        [
            one.name, one.sheets, one.homes, one.lists, one.papers, one.at_night,
            local(one.last_at).strftime("%Y-%m-%d %H:%M:%S"), _alert(one),
        ]
        for one in found
    ]  # fmt: skip
    response = HttpResponse(csv_written([headings, *rows]), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = disposition("consultations.csv", download=True)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR)
def bounds(request: MarelleRequest) -> HttpResponse:
    form = BoundsForm(request.POST if request.method == "POST" else None, bounds=reading_bounds())
    return setting_answer(
        request,
        "agents/journal/bounds.html",
        form,
        lambda: reading_bounds_set(
            actor=request.actor, bounds=form.bounds(), seen=form.shown(), now=request.now
        ),
        lambda count: ngettext("%d seuil changé.", "%d seuils changés.", count) % count,
    )


def _days(request: MarelleRequest, data: QueryDict) -> DaysForm:
    today = request.today
    asked = {"du": (today - BY_DEFAULT).isoformat(), "au": today.isoformat()} | data.dict()
    return DaysForm(asked)


def _line(one: Consulted, first: date, last: date) -> Line:
    read = [
        ngettext("%d fiche d’enfant", "%d fiches d’enfants", one.sheets) % one.sheets if one.sheets else "",
        ngettext("revenus de %d foyer", "revenus de %d foyers", one.homes) % one.homes if one.homes else "",
        ngettext("%d liste", "%d listes", one.lists) % one.lists if one.lists else "",
        ngettext("%d document", "%d documents", one.papers) % one.papers if one.papers else "",
    ]
    night = ngettext("%d lu la nuit", "%d lus la nuit", one.at_night) % one.at_night if one.at_night else ""
    asked = {"agent_id": one.agent_id, "kind": "sante", "first": first.isoformat(), "last": last.isoformat()}
    return Line(
        who=one.name,
        read=" · ".join([join_and([text for text in read if text]), *([night] if night else [])]),
        last=instant_long_year(one.last_at),
        alert=_alert(one),
        url=f"{reverse('agents_journal:journal')}?{urlencode(asked)}",
    )


def _alert(one: Consulted) -> str:
    return join_and([str(WORDS[kind]) for kind in one.told])
