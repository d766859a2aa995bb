"""The adults of one day: who of the register comes, for the whole day or for a slot, and how many more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.activities.models import StaffMember
from marelle.activities.services.staff import StaffCell, StaffRefused, staff_plan
from marelle.agents.guards import staff_only
from marelle.agents.places import register_words as words
from marelle.agents.places.asked import Asked, chosen, managed
from marelle.agents.places.register_forms import Planned, StaffDayForm, members_name, others_name
from marelle.agents.places.staff_words import day_url
from marelle.agents.places.words import staff_sign
from marelle.bookings.supervising import Names, StaffedDay, names_planned, slots_held, staffed_days
from marelle.core.french import day_long_year
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def staff_day(request: MarelleRequest) -> HttpResponse:
    asked = Asked.of(request.GET, request.today)
    day = asked.day
    found = chosen(asked, managed(request.actor), day, day)
    if found is None:
        return render(request, "agents/places/staff_day.html", {"structure": None})
    structure = found.structure
    people = StaffMember.objects.filter(structure=structure, first_day__lte=day, last_day__gte=day)
    slots = slots_held(structure.pk, first=day, last=day).get(day, [])
    columns = words.columns(slots)
    staffed = staffed_days(structure.pk, first=day, last=day).get(day)
    names = names_planned(structure.pk, first=day, last=day)
    form = StaffDayForm(
        request.POST if request.method == "POST" else None,
        columns=columns,
        people=words.choices(people),
        held=_held(staffed, names, day),
    )
    if form.is_valid() and staffed is not None and _written(request, form, structure.pk, day):
        messages.success(request, _("Le personnel prévu est enregistré."))
        return redirect(day_url(structure.pk, day))
    context = {
        "structure": structure,
        "filters": [one for one in found.filters() if one.name == "structure"],
        "day": day_long_year(day),
        "month": f"{reverse('agents_places:staff')}?structure={structure.pk}&jour={day.isoformat()}",
        "is_open": staffed is not None,
        "sign": staff_sign(staffed) if staffed else None,
        "needed": staffed.need.needed if staffed else 0,
        "form": form,
        "has_people": bool(people),
        "parts": [_part(form, staffed, names, day, *column) for column in columns],
    }
    return render(request, "agents/places/staff_day.html", context)


def _part(
    form: StaffDayForm, staffed: StaffedDay | None, names: Names, day: date, slot_id: int | None, label: str
) -> dict[str, Any]:
    """One card: a slot is folded until something is planned for it, or wrong in it."""
    fields = [form[name] for name in (members_name(slot_id), others_name(slot_id)) if name in form.fields]
    told = words.planned_text(
        staffed.planned.get(slot_id) if staffed else None, names.get((day, slot_id), ())
    )
    is_open = slot_id is None or bool(told) or form.is_bound
    return {"title": label, "told": told, "fields": fields, "is_open": is_open}


def _held(staffed: StaffedDay | None, names: Names, day: date) -> dict[int | None, Planned]:
    planned = staffed.planned if staffed else {}
    return {
        slot_id: (number, frozenset(one.pk for one in names.get((day, slot_id), ())))
        for slot_id, number in planned.items()
    }


def _written(request: MarelleRequest, form: StaffDayForm, structure_id: int, day: date) -> bool:
    """Whether all was; else what was refused is said in its place, and what others wrote is told."""
    try:
        late = staff_plan(
            actor=request.actor, structure_id=structure_id, cells=form.cells(day), now=request.now
        )
    except StaffRefused as refusal:
        for cell in refusal.data["cells"]:
            form.add_error(members_name(cell.slot_id), _("Quelqu’un n’est plus dans le registre ce jour-là."))
        return False
    if not late:
        return True
    names = names_planned(structure_id, first=day, last=day)
    staffed = staffed_days(structure_id, first=day, last=day).get(day)
    _tell_late(form, late, staffed.planned if staffed else {}, names, day)
    form.show_again(_held(staffed, names, day))
    return False


def _tell_late(
    form: StaffDayForm,
    late: tuple[StaffCell, ...],
    planned: Mapping[int | None, int],
    names: Names,
    day: date,
) -> None:
    for cell in late:
        name = members_name(cell.slot_id)
        told = words.held_text(planned.get(cell.slot_id), names.get((day, cell.slot_id), ()))
        form.add_error(name if name in form.fields else others_name(cell.slot_id), words.late_text(told))
