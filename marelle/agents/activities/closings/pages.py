"""What the pages of closings show: read once, in a fixed number of queries."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import Http404

from marelle.agents.activities.closings import words
from marelle.agents.activities.closings.forms import DaysForm, ReasonForm
from marelle.agents.activities.link_words import parted_lines
from marelle.agents.ways import home_ways
from marelle.bookings.closing.services import children_touched, parted_seen
from marelle.bookings.models import ClosedBooking
from marelle.core.clock import local
from marelle.core.french import range_sentence
from marelle.families.telling import addressees_of_children
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.closing.targets import Target, closures, parts_of, reached, seen
from marelle.flows.catalogue.closing.undoing import days_undoable
from marelle.relay.closing import visits_on


def review(request: MarelleRequest, target: Target, form: ReasonForm, asked: DaysForm) -> dict[str, Any]:
    """Whom closing the target would touch, before anything is closed."""
    now, parts = request.now, parts_of(target)
    chosen = f"{target.part}-{target.part_id}" if target.part else ""
    names = {"": ""} | {f"{choice.part}-{choice.id}": choice.name for choice in parts}
    if chosen not in names:
        raise Http404
    found = reached(target, now=now)
    children = children_touched(found.bookings)
    told = addressees_of_children({(row.family_id, row.child_id) for row in children}, now=now)
    visits = list(
        visits_on(found.closing_ids).prefetch_related("children").order_by("opening__day", "adult_name", "pk")
    )
    homes = {row.family_id for row in children} | {row.family_id for row in visits if row.family_id}
    ways = home_ways(request, homes)
    # As the form reads them: a template would write a date in French words.
    first, last = target.first_day.isoformat(), target.last_day.isoformat()
    days = {"structure": target.structure_id, "jour": first, "fin": last}
    return {
        "span": range_sentence(target.first_day, target.last_day),
        "structure": asked.cleaned_data["structure"],
        "days": days,
        "action": urlencode(days | {"quoi": chosen}),
        "parts": words.part_groups(parts),
        "chosen": chosen,
        "chosen_name": names[chosen],
        "openings": words.opening_lines(found.closing),
        "shared": bool(found.shared),
        "closes": bool(found.closing or children),
        "count": words.count_text(children, len(visits)),
        "touched": words.days_touched(children, told, ways),
        "parted": parted_lines(parted_seen(found.bookings, now=now)) if found.is_required else [],
        "visits": words.visit_lines(visits, ways),
        "form": form,
        "vu": seen(found),
    }


def closing(request: MarelleRequest, closure_id: int) -> dict[str, Any] | None:
    """One closing with what it took and what came back; None when it is not the actor's."""
    row, now = closures(request.actor).filter(pk=closure_id).first(), request.now
    if row is None:
        return None
    taken = ClosedBooking.objects.filter(closure=row).order_by(
        "booking__starts_at", "booking__child__last_name", "pk"
    )
    days = [] if row.fewer else days_undoable(row, now=now)
    lasts = row.fewer and row.last_day >= local(now).date() and row.cuts.exists()
    return {
        "closure": row,
        "title": words.closure_title(row),
        "facts": words.closure_facts(row),
        "days": words.day_choices(days) if len(days) > 1 else (),
        "may_undo": row.undone_at is None and (bool(days) or lasts),
        "taken": words.taken_lines(
            taken.order_by("booking__starts_at", "booking__child__last_name", "pk"),
            partial(home_ways, request),
        ),
    }
