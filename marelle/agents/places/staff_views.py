"""« Personnel »: the adults that each day needs, and those planned, typed in for a whole month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.activities.services.staff import StaffRefused, staff_plan
from marelle.agents.guards import staff_only
from marelle.agents.places import staff_words, words
from marelle.agents.places.asked import MONTH, Asked, Chosen, chosen, managed
from marelle.bookings.occupation import next_held
from marelle.bookings.supervising import names_planned, slots_held, staffed_days
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.rules import school_year_days, school_year_of
from marelle.places.scope import DECIDERS

PAGE = "agents_places:staff"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def staff(request: MarelleRequest) -> HttpResponse:
    asked = Asked.of(request.GET, request.today).in_view(MONTH)
    first, last = asked.shown
    found = chosen(asked, managed(request.actor), first, last)
    if found is None:
        return render(request, "agents/places/staff.html", {"found": None})
    if request.method != "POST":
        return _table(request, found if "jour" in request.GET else _to_come(request, found), {})
    sent = {name: str(value) for name, value in request.POST.items()}
    cells, wrong = staff_words.cells_of(sent, first, last)
    if wrong:
        messages.warning(request, _("Rien n’est enregistré : un nombre de 0 à 999 est attendu, ou rien."))
        return _table(request, found, sent, wrong)
    try:
        late = staff_plan(actor=request.actor, structure_id=found.structure.pk, cells=cells, now=request.now)
    except StaffRefused as refusal:
        messages.warning(request, staff_words.named_text(refusal.data["cells"]))
        return _table(request, found, sent, staff_words.wrong_cells(refusal.data["cells"]))
    if late:
        messages.warning(request, staff_words.late_text(late))
    else:
        messages.success(request, _("Le personnel prévu est enregistré."))
        if (day := _day_repeated(request)) is not None and first <= day <= last:
            _repeat(request, found, day)
    return redirect(reverse(PAGE) + found.asked.query)


def _to_come(request: MarelleRequest, found: Chosen) -> Chosen:
    """At the first month where something is still to be held, for who asked for none."""
    day = next_held(found.structure.pk, day=request.today)
    return found if day is None else replace(found, asked=found.asked.at(day))


def _day_repeated(request: MarelleRequest) -> date | None:
    """Which day's numbers are asked for on every later day of its weekday."""
    try:
        return date.fromisoformat(request.POST.get("repeat", ""))
    except ValueError:
        return None


def _repeat(request: MarelleRequest, found: Chosen, day: date) -> None:
    """Until the end of the school year."""
    span = {"first": day, "last": school_year_days(school_year_of(day))[1]}
    days, slots = staffed_days(found.structure.pk, **span), slots_held(found.structure.pk, **span)
    names = names_planned(found.structure.pk, first=day, last=day)
    cells = staff_words.repeated(day, days, slots, names)
    kept = staff_plan(actor=request.actor, structure_id=found.structure.pk, cells=cells, now=request.now)
    tell = messages.warning if kept or not cells else messages.success
    tell(request, staff_words.repeated_text(day, cells, kept))
    if fewer := staff_words.fewer_text(day, cells, names):
        messages.warning(request, fewer)


def _table(
    request: MarelleRequest, found: Chosen, typed: dict[str, str], wrong: frozenset[str] = frozenset()
) -> HttpResponse:
    """`typed` is what was sent, when it is shown again."""
    first, last = found.asked.shown
    days = staffed_days(found.structure.pk, first=first, last=last)
    held = slots_held(found.structure.pk, first=first, last=last)
    context: dict[str, Any] = {
        "found": found,
        "filters": [one for one in found.filters() if one.name == "structure"],
        "bar": words.toolbar(found.asked, request.today, PAGE),
        "table": staff_words.table(
            days,
            held,
            names_planned(found.structure.pk, first=first, last=last),
            typed,
            wrong,
            structure_id=found.structure.pk,
        ),
        "lack": staff_words.lack_text(days),
        "here": found.asked.query,
    }
    return render(request, "agents/places/staff.html", context)
