"""The absences of a month in a structure, counted by when they were told and justified."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marelle.activities.absences import Told
from marelle.agents.figures import words
from marelle.agents.figures.asked import Chosen, chosen
from marelle.agents.guards import staff_only
from marelle.core.french import instant_long_year, month_text
from marelle.core.listing import Cell, Column, Listing, Weight, cell, number_cell
from marelle.files.listings import PDF, listing_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.figures.absences import AbsenceTally, absences_counted, together
from marelle.places.models import Structure
from marelle.places.scope import DECIDERS
from marelle.ui.components import Link
from marelle.ui.listing import listing_table


@require_safe
@staff_only(*DECIDERS)
def absences(request: MarelleRequest) -> HttpResponse:
    found, structure, first = _asked(request)
    listing = _listing(request, structure, first)
    files = f"{reverse('agents_figures:absences_file')}{found.query}"
    labels = {"csv": _("Télécharger en CSV"), "xlsx": _("Télécharger en XLSX"), "pdf": _("PDF à imprimer")}
    context = {
        "listing": listing,
        "selects": words.absence_selects(found),
        "table": listing_table(listing, [""] * len(listing.rows)),
        "files": [Link(label, f"{files}&format={ending}") for ending, label in labels.items()],
    }
    return render(request, "agents/figures/absences.html", context)


@require_safe
@staff_only(*DECIDERS)
def file(request: MarelleRequest) -> HttpResponse:
    _found, structure, first = _asked(request)
    listing = _listing(request, structure, first)
    return listing_response(listing, request.GET.get("format", PDF), now=request.now)


def _asked(request: MarelleRequest) -> tuple[Chosen, Structure, date]:
    """A structure and the first of the months; the first structure where all are asked for together."""
    found = chosen(request.actor, request.GET, request.today)
    if found is None:
        raise Http404
    return found, found.structure or found.structures[0], found.asked.months[0]


def _listing(request: MarelleRequest, structure: Structure, first: date) -> Listing:
    tallies = absences_counted(structure.pk, first)
    rows = [_row(cell(name), tally) for name, tally in tallies]
    if len(rows) > 1:
        total = together(tally for _name, tally in tallies)
        rows.append(_row(cell(_("Total"), weight=Weight.STRONG), total, Weight.STRONG))
    titles = (
        _("Absences"),
        _("Dites à temps"),
        _("Dites en retard"),
        _("Sans prévenir"),
        _("Justifiées dans le premier délai"),
        _("Justifiées plus tard"),
        _("Non justifiées"),
        _("Jours de carence"),
    )
    return Listing(
        title=_("Absences de %(month)s") % {"month": month_text(first)},
        name=f"absences-comptees-{first:%Y-%m}",
        facts=(structure.name,),
        columns=(Column(_("Activité"), 4), *(Column(title, number=True) for title in titles)),
        rows=tuple(rows),
        notes=(),
        footer=_("Imprimé le %(when)s · %(structure)s")
        % {"when": instant_long_year(request.now), "structure": structure.name},
        author=structure.name,
        wide=True,
    )


def _row(label: Cell, tally: AbsenceTally, weight: Weight = Weight.PLAIN) -> tuple[Cell, ...]:
    told = (tally.told(when) for when in (Told.IN_TIME, Told.LATE, Told.NEVER))
    numbers = (tally.missed, *told, tally.first_delay, tally.later_delay, tally.unjustified, tally.waiting)
    return (label, *(number_cell(number, weight) for number in numbers))
