"""« Chiffres »: what is counted, as tables and charts, and the same rows as a file."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.agents.cases import KINDS
from marelle.agents.figures import words
from marelle.agents.figures.asked import Chosen, chosen
from marelle.agents.figures.participation_tables import exported as participations_exported
from marelle.agents.figures.participation_tables import lines as participated
from marelle.agents.figures.participation_tables import shown_by
from marelle.agents.figures.tables import (
    SHEETS,
    Rows,
    Sheet,
    exported,
    lines,
    places_exported,
    places_of,
    requests_exported,
    uses_exported,
)
from marelle.agents.guards import staff_only
from marelle.core.tabular import csv_written
from marelle.core.workbook import XLSX_TYPE, book_written
from marelle.files.serving import disposition
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.figures.counting import attended
from marelle.flows.figures.participations import Participations, participations
from marelle.flows.figures.uses import Asked as Requests
from marelle.flows.figures.uses import Filled, places_filled, portal_uses, requests_counted
from marelle.places.scope import DECIDERS, is_office_of


@require_safe
@staff_only(*DECIDERS)
def figures(request: MarelleRequest) -> HttpResponse:
    found = _chosen(request)
    if found is None:
        return render(request, "agents/figures/figures.html", {"found": None})
    came = attended(found.wanted)
    rows = lines(came, found)
    uses = portal_uses(found.wanted)
    discreet = not _keeps(request, found)
    parts, by = _participations(found), shown_by(found, discreet=discreet)
    context = {
        "found": found,
        "where": words.where_text(found),
        "selects": words.selects(found),
        "declared": words.declared(rows, found) if rows else None,
        "seen": words.seen(rows, found) if rows else None,
        "participated": words.participated(
            participated(came, parts, by, discreet=discreet), by, discreet=discreet
        ),
        "parts": words.participated_notes(came, parts, discreet=discreet),
        "places": words.filled(_places(found), found),
        "requests": words.requested(_requests(request, found), found),
        "uses": words.uses_facts(uses),
        "uses_chart": words.uses_chart(uses, found),
    }
    return render(request, "agents/figures/figures.html", context)


@require_safe
@staff_only(*DECIDERS)
def as_csv(request: MarelleRequest) -> HttpResponse:
    """One table: what the address asks for (`quoi`), else hours and child-days."""
    found = _to_export(request)
    what = Sheet.of(request.GET.get("quoi", ""))
    content = csv_written(
        [str(cell).replace(".", ",") if n and cell is not None else cell for n, cell in enumerate(row)]
        for row in _rows(what, request, found)
    )
    return _file(content, "text/csv; charset=utf-8", "csv", found, what)


@require_safe
@staff_only(*DECIDERS)
def as_xlsx(request: MarelleRequest) -> HttpResponse:
    """All the tables, a sheet each."""
    found = _to_export(request)
    content = book_written((str(SHEETS[what]), _rows(what, request, found)) for what in Sheet)
    return _file(content, XLSX_TYPE, "xlsx", found)


def _rows(what: Sheet, request: MarelleRequest, found: Chosen) -> Rows:
    match what:
        case Sheet.ATTENDED:
            return exported(lines(attended(found.wanted), found), found)
        case Sheet.PLACES:
            return places_exported(_places(found), found)
        case Sheet.REQUESTS:
            return requests_exported(_requests(request, found))
        case Sheet.USES:
            return uses_exported(portal_uses(found.wanted))
        case Sheet.PARTICIPATIONS:
            discreet = not _keeps(request, found)
            parts, by = _participations(found), shown_by(found, discreet=discreet)
            rows = participated(attended(found.wanted), parts, by, discreet=discreet)
            return participations_exported(rows, by, discreet=discreet)


def _keeps(request: MarelleRequest, found: Chosen) -> bool:
    """Whether the bills of all that is counted are the reader's to keep: an amount tells incomes, so that
    others read totals of several homes alone."""
    return all(is_office_of(request.actor, one.authority_id) for one in found.counted)


def _participations(found: Chosen) -> Participations:
    return participations(found.wanted, {one.authority_id for one in found.counted})


def _places(found: Chosen) -> list[Filled]:
    return places_filled(found.wanted, places_of(found))


def _requests(request: MarelleRequest, found: Chosen) -> list[Requests]:
    """Those that no structure holds are the office's, when it counts all of them together."""
    offices = set() if found.structure else {one.authority_id for one in found.structures}
    mine = [pk for pk in offices if is_office_of(request.actor, pk)]
    return [one for one in requests_counted(found.wanted, authority_ids=mine) if one.kind in KINDS]


def _chosen(request: MarelleRequest) -> Chosen | None:
    return chosen(request.actor, request.GET, request.today)


def _to_export(request: MarelleRequest) -> Chosen:
    found = _chosen(request)
    if found is None:
        raise Http404
    return found


def _file(
    content: bytes, kind: str, ending: str, found: Chosen, what: Sheet = Sheet.ATTENDED
) -> HttpResponse:
    first, last = found.asked.months[0], found.asked.months[-1]
    span = "-".join(dict.fromkeys((f"{first:%Y%m}", f"{last:%Y%m}")))
    response = HttpResponse(content, content_type=kind)
    name = "-".join(part for part in ("chiffres", what.value, span) if part)
    response["Content-Disposition"] = disposition(f"{name}.{ending}", download=True)
    return response
