"""« Journal des agents »: who read, decided, changed, acted for a family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.journal.forms import JournalForm
from marelle.agents.ways import colleague_ways, home_ways
from marelle.billing.selectors import office_authorities
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.french import instant_long_year
from marelle.core.tabular import csv_written
from marelle.files.serving import disposition
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.journal.sentences import detail, sentence
from marelle.flows.journal.staff import (
    StaffAct,
    staff_accounts,
    staff_journal,
    staff_journal_exported,
)

Ways = Mapping[int, str]
NOWHERE: Final[Ways] = MappingProxyType({})

READERS = (Role.ADMINISTRATOR, Role.OFFICE)


@dataclass(frozen=True, slots=True)
class Line:
    when: str
    who: str
    what: str
    detail: str
    on_behalf: bool
    family: str
    family_url: str = ""
    who_url: str = ""


@require_safe
@staff_only(*READERS)
def journal(request: MarelleRequest) -> HttpResponse:
    form = _form(request, request.GET)
    form.is_valid()
    page = staff_journal(request.actor, form.wanted(), but_homes=request.apart)
    older = request.GET.copy()
    older["before"] = str(page.older or "")
    homes = home_ways(request, {act.entry.family_id for act in page.acts if act.entry.family_id})
    colleagues = colleague_ways(
        request, {act.entry.actor_user_id for act in page.acts if act.entry.actor_user_id}
    )
    context = {
        "form": form,
        "lines": [_line(act, homes, colleagues) for act in page.acts],
        "older": f"?{older.urlencode()}" if page.older else "",
        "asked": {key: value for key, value in request.GET.items() if key != "before"},
    }
    return render(request, "agents/journal/journal.html", context)


@require_POST
@staff_only(*READERS)
def export(request: MarelleRequest) -> HttpResponse:
    form = _form(request, request.POST)
    form.is_valid()
    page = staff_journal_exported(request.actor, form.wanted(), but_homes=request.apart, now=request.now)
    headings = [_("date"), _("agent"), _("au nom de la famille"), _("acte"), _("détail"), _("dossier")]
    rows = [
        [
            local(act.entry.at).strftime("%Y-%m-%d %H:%M:%S"),
            line.who,
            _("oui") if line.on_behalf else "",
            line.what,
            line.detail,
            line.family,
        ]
        for act in page.acts
        for line in [_line(act)]
    ]
    response = HttpResponse(csv_written([headings, *rows]), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = disposition("journal-des-agents.csv", download=True)
    return response


def _form(request: MarelleRequest, data: QueryDict) -> JournalForm:
    return JournalForm(
        data, accounts=staff_accounts(request.actor), authorities=office_authorities(request.actor)
    )


def _line(act: StaffAct, homes: Ways = NOWHERE, colleagues: Ways = NOWHERE) -> Line:
    entry = act.entry
    return Line(
        when=instant_long_year(entry.at),
        who=entry.actor_label,
        what=sentence(entry.verb, entry.subject_label),
        detail=detail(entry.data),
        on_behalf=entry.on_behalf,
        family=act.family_number,
        family_url=homes.get(entry.family_id or 0, "") if act.family_number else "",
        who_url=colleagues.get(entry.actor_user_id or 0, ""),
    )
