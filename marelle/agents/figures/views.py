"""« Chiffres »: what is counted, as tables and charts, and the same rows as a file."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marelle.agents.figures import words
from marelle.agents.figures.asked import Chosen, chosen
from marelle.agents.figures.tables import exported, lines
from marelle.agents.guards import staff_only
from marelle.core.clock import local
from marelle.core.tabular import csv_written
from marelle.core.workbook import XLSX_TYPE, xlsx_written
from marelle.files.serving import disposition
from marelle.flows.figures import attended
from marelle.flows.figures_uses import places_filled, portal_uses, requests_counted
from marelle.flows.middleware import MarelleRequest
from marelle.places.scope import DECIDERS, is_office_of


@require_safe
@staff_only(*DECIDERS)
def figures(request: MarelleRequest) -> HttpResponse:
    found = _chosen(request)
    if found is None:
        return render(request, "agents/figures/figures.html", {"found": None})
    wanted = found.wanted
    rows = lines(attended(wanted), found)
    offices = set() if found.structure else {one.authority_id for one in found.structures}
    asked = requests_counted(wanted, authority_ids=[pk for pk in offices if is_office_of(request.actor, pk)])
    context = {
        "found": found,
        "where": words.where_text(found),
        "selects": words.selects(found),
        "declared": words.declared(rows, found) if rows else None,
        "seen": words.seen(rows, found) if rows else None,
        "places": words.filled(places_filled(wanted), found),
        "requests": words.requests_rows(asked),
        "uses": words.uses_facts(portal_uses(wanted)),
    }
    return render(request, "agents/figures/figures.html", context)


@require_safe
@staff_only(*DECIDERS)
def as_csv(request: MarelleRequest) -> HttpResponse:
    found = _to_export(request)
    content = csv_written(
        [str(cell).replace(".", ",") if n and cell is not None else cell for n, cell in enumerate(row)]
        for row in exported(lines(attended(found.wanted), found), found)
    )
    return _file(content, "text/csv; charset=utf-8", "csv", found)


@require_safe
@staff_only(*DECIDERS)
def as_xlsx(request: MarelleRequest) -> HttpResponse:
    found = _to_export(request)
    rows = exported(lines(attended(found.wanted), found), found)
    return _file(xlsx_written(rows, name=_("Chiffres")), XLSX_TYPE, "xlsx", found)


def _chosen(request: MarelleRequest) -> Chosen | None:
    return chosen(request.actor, request.GET, local(request.now).date())


def _to_export(request: MarelleRequest) -> Chosen:
    found = _chosen(request)
    if found is None:
        raise Http404
    return found


def _file(content: bytes, kind: str, ending: str, found: Chosen) -> HttpResponse:
    first, last = found.asked.months[0], found.asked.months[-1]
    span = "-".join(dict.fromkeys((f"{first:%Y%m}", f"{last:%Y%m}")))
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = disposition(f"chiffres-{span}.{ending}", download=True)
    return response
