"""The absences of a month in an activity, each with what it is; on a page, and as files."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marelle.activities.effects import facts_of
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import Activity
from marelle.activities.month import month_after, month_asked, month_before
from marelle.agents.activities.rule_views import asked
from marelle.agents.guards import staff_only
from marelle.bookings.absences.listed import ListedAbsence, absences_of_month
from marelle.bookings.labels import ABSENCE_TOLD, proof_grade_text
from marelle.core.clock import local
from marelle.core.french import day_long_year, hours_text, instant_long_year, month_text
from marelle.core.listing import Column, Listing, cell
from marelle.files.listings import PDF, listing_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS
from marelle.ui.components import Link
from marelle.ui.listing import listing_table


@require_safe
@staff_only(*DECIDERS)
def absences(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity, listing, facts = _read(request, activity_id)
    first = month_asked(request.GET.get("mois", ""), request.today, facts)
    files = reverse("agents_activities:absences_file", args=[activity_id])
    labels = {"pdf": _("PDF à imprimer"), "xlsx": _("Classeur (XLSX)"), "csv": _("CSV")}
    context = {
        "activity": activity,
        "listing": listing,
        "table": listing_table(listing, [""] * len(listing.rows)),
        "files": [
            Link(label, f"{files}?mois={first:%Y-%m}&format={ending}") for ending, label in labels.items()
        ],
        "before": f"{month_before(first):%Y-%m}" if first > facts.first_day else "",
        "after": f"{month_after(first):%Y-%m}" if month_after(first) <= facts.last_day else "",
    }
    return render(request, "agents/activities/absences.html", context)


@require_safe
@staff_only(*DECIDERS)
def file(request: MarelleRequest, activity_id: int) -> HttpResponse:
    _activity, listing, _facts = _read(request, activity_id)
    return listing_response(listing, request.GET.get("format", PDF), now=request.now)


def _read(request: MarelleRequest, activity_id: int) -> tuple[Activity, Listing, ActivityFacts]:
    activity, _slot, _weekdays = asked(request, activity_id)
    facts = facts_of(activity)
    first = month_asked(request.GET.get("mois", ""), request.today, facts)
    found = absences_of_month(request.actor, activity_id, first)
    told = {"activity": activity.name, "month": month_text(first)}
    titles = ((_("Jour"), 3), (_("Enfant"), 3), (_("Créneau"), 3), (_("Dite"), 2), (_("Justificatif"), 3))
    listing = Listing(
        title=_("%(activity)s, absences de %(month)s") % told,
        name=f"absences-{first:%Y-%m}",
        facts=(activity.structure.name,),
        columns=(*(Column(title, share) for title, share in titles), Column(_("Carence"), 2)),
        rows=tuple(_row(one) for one in found),
        notes=(),
        footer=_("Imprimé le %(when)s · %(structure)s · Document à détruire après usage")
        % {"when": instant_long_year(request.now), "structure": activity.structure.name},
        author=facts.structure_name,
        wide=True,
    )
    return activity, listing, facts


def _row(one: ListedAbsence) -> tuple[tuple[Any, ...], ...]:
    missed, place = one.missed, one.missed.place
    hours = hours_text(local(place.starts_at).time(), local(place.ends_at).time())
    return (
        cell(day_long_year(missed.opening.day)),
        cell(one.child),
        cell(f"{missed.opening.slot.name}, {hours}"),
        cell(str(ABSENCE_TOLD[missed.grade.told])),
        cell(proof_grade_text(missed.grade, len(missed.terms.proofs))),
        cell(_("jour de carence") if missed.grade.waiting else ""),
    )
