"""« Registre du personnel »: who works in a structure, kept from one year to the next."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.activities.models import StaffMember
from marelle.activities.services import kept_by, part_add
from marelle.activities.services.staff_register import (
    staff_carry,
    staff_member_change,
    staff_member_remove,
)
from marelle.agents.activities import rows
from marelle.agents.guards import staff_only
from marelle.agents.places import register_words as words
from marelle.agents.places.asked import Asked, chosen, managed
from marelle.agents.places.register_forms import CarryForm, StaffMemberForm
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.models import Structure
from marelle.places.rules import school_year_days, school_year_of
from marelle.places.scope import DECIDERS


@require_safe
@staff_only(*DECIDERS)
def register(request: MarelleRequest) -> HttpResponse:
    day = request.today
    found = chosen(Asked.of(request.GET, day), managed(request.actor), *school_year_days(school_year_of(day)))
    if found is None:
        return render(request, "agents/places/register.html", {"structure": None})
    members = StaffMember.objects.filter(structure=found.structure).order_by("last_name", "first_name", "pk")
    here, gone = words.register_lines(members, day)
    context = {
        "structure": found.structure,
        "filters": [one for one in found.filters() if one.name == "structure"],
        "here": here,
        "gone": gone,
    }
    return render(request, "agents/places/register.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def add(request: MarelleRequest, structure_id: int) -> HttpResponse:
    structure = _structure(request, structure_id)
    day = request.today
    last = school_year_days(school_year_of(day))[1]
    row = StaffMember(structure=structure, first_day=day, last_day=last)
    form = StaffMemberForm(
        request.POST if request.method == "POST" else None, instance=row, actor=request.actor
    )
    saved = rows.written(
        form,
        lambda: part_add(
            actor=request.actor,
            model=StaffMember,
            parent_id=structure_id,
            values=form.changes(),
            now=request.now,
        ),
    )
    if saved is not None:
        messages.success(request, _("C’est ajouté."))
        return redirect(_register(structure_id))
    title = _("Nouvelle personne")
    name = f"{title} · {structure}"
    return rows.page(
        request,
        form,
        title=title,
        name=name,
        lead=structure.name,
        back=(_register(structure_id), _("Registre du personnel")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def member(request: MarelleRequest, worker_id: int) -> HttpResponse:
    row = get_object_or_404(kept_by(request.actor, StaffMember), pk=worker_id)
    form = StaffMemberForm(
        request.POST if request.method == "POST" else None, instance=row, actor=request.actor
    )
    changed = rows.written(
        form,
        lambda: staff_member_change(
            actor=request.actor, pk=worker_id, changes=form.changes(), seen=form.shown(), now=request.now
        ),
    )
    if changed is not None:
        messages.success(request, rows.saved_text(changed))
        return redirect(_register(row.structure_id))
    return render(
        request,
        "agents/places/member.html",
        {"row": row, "form": form, "back": _register(row.structure_id)},
    )


@require_POST
@staff_only(*DECIDERS)
def remove(request: MarelleRequest, worker_id: int) -> HttpResponse:
    row = get_object_or_404(kept_by(request.actor, StaffMember), pk=worker_id)
    staff_member_remove(actor=request.actor, pk=worker_id, today=request.today, now=request.now)
    messages.success(request, _("C’est retiré du registre."))
    return redirect(_register(row.structure_id))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def carry(request: MarelleRequest, structure_id: int) -> HttpResponse:
    """Everybody who works there, or did since the last school year, kept for another one at once."""
    structure = _structure(request, structure_id)
    today = request.today
    since = school_year_days(school_year_of(today) - 1)[0]
    members = StaffMember.objects.filter(structure=structure, last_day__gte=since)
    people = words.carried(members.order_by("last_name", "first_name", "pk"))
    form = CarryForm(request.POST if request.method == "POST" else None, people=people, today=today)
    if form.is_valid():
        year = form.cleaned_data["year"]
        kept = staff_carry(
            actor=request.actor,
            structure_id=structure_id,
            members=form.cleaned_data["members"],
            school_year=year,
            now=request.now,
        )
        messages.success(request, words.carried_text(kept, year) if kept else _("Rien n’avait changé."))
        return redirect(_register(structure_id))
    context = {"structure": structure, "form": form, "people": people, "back": _register(structure_id)}
    return render(request, "agents/places/carry.html", context)


def _structure(request: MarelleRequest, structure_id: int) -> Structure:
    return get_object_or_404(managed(request.actor), pk=structure_id)


def _register(structure_id: int) -> str:
    return f"{reverse('agents_places:register')}?structure={structure_id}"
