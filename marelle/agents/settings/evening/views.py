"""« Listes de la veille »: where the list of the next day of each structure goes, and the password of it."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.evening import words
from marelle.agents.settings.evening.forms import EveningForm, PasswordForm
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.door import evening
from marelle.flows.door.evening import EveningRefused, Why
from marelle.flows.door.evening_sending import days_offered, last_seen, list_send
from marelle.places.scope import DECIDERS
from marelle.shell.again import recognised_first

PAGE = "agents_evening:place"


@require_safe
@staff_only(*DECIDERS)
def places(request: MarelleRequest) -> HttpResponse:
    found = [
        (one, words.goes_text(one), words.last_text(one) if one.is_on else "", words.is_in_trouble(one))
        for one in evening.places(request.actor)
    ]
    return render(request, "agents/evening/places.html", {"places": found})


@require_safe
@staff_only(*DECIDERS)
def place(request: MarelleRequest, structure_id: int) -> HttpResponse:
    found = evening.place(request.actor, structure_id)
    days = days_offered(structure_id, now=request.now) if found.is_on else []
    context = {
        "place": found,
        "goes": words.goes_text(found),
        "last": words.last_text(found),
        "arrived": words.arrived_texts(found),
        "in_trouble": words.is_in_trouble(found),
        "days": [(day.isoformat(), words.day_label(day)) for day in days],
        "seen": last_seen(found.last),
    }
    return render(request, "agents/evening/place.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
@recognised_first
def settle(request: MarelleRequest, structure_id: int) -> HttpResponse:
    found = evening.place(request.actor, structure_id)
    if not found.may_set:
        raise NotYours
    form = EveningForm(request.POST if request.method == "POST" else None, evening=found.evening)
    if form.is_valid() and _is_set(request, structure_id, form):
        return redirect(PAGE, structure_id)
    return render(request, "agents/evening/settle.html", {"form": form, "place": found})


def _is_set(request: MarelleRequest, structure_id: int, form: EveningForm) -> bool:
    try:
        changed = evening.evening_set(
            actor=request.actor,
            structure_id=structure_id,
            hour=form.cleaned_data["hour"],
            to=form.cleaned_data["to"],
            in_folder=form.cleaned_data["in_folder"],
            seen=form.shown(),
            now=request.now,
        )
    except ChangedMeanwhile as refusal:
        form.refuse_stale(refusal)
    except EveningRefused as refusal:
        form.add_error("in_folder", words.refused_text(refusal))
    else:
        messages.success(request, _("C’est enregistré.") if changed else _("Rien n’a changé."))
        return True
    return False


@require_POST
@staff_only(*DECIDERS)
def send(request: MarelleRequest, structure_id: int) -> HttpResponse:
    try:
        sent = list_send(
            actor=request.actor,
            structure_id=structure_id,
            day=_day(request.POST.get("day", "")),
            seen=request.POST.get("seen", ""),
            now=request.now,
        )
    except (ChangedMeanwhile, EveningRefused) as refusal:
        messages.warning(request, words.refused_text(refusal))
    else:
        if sent.folder_error:
            messages.warning(request, _("Le dossier du serveur ne peut pas être écrit."))
        messages.success(request, _("La liste est faite, et elle part."))
    return redirect(PAGE, structure_id)


def _day(text: str) -> date:
    """A day that is none is none of those that are offered."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


@require_safe
@staff_only(Role.DIRECTOR)
@recognised_first
def password(request: MarelleRequest, structure_id: int) -> HttpResponse:
    """Read, and printed for its envelope."""
    found = evening.password_read(actor=request.actor, structure_id=structure_id, now=request.now)
    return render(request, "agents/evening/password.html", {"evening": found})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.DIRECTOR)
@recognised_first
def renew(request: MarelleRequest, structure_id: int) -> HttpResponse:
    found = evening.place(request.actor, structure_id)
    if found.evening is None or not found.directs:
        raise NotYours
    initial = {"seen": found.evening.password_at.isoformat()}
    form = PasswordForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        evening.password_renew(
            actor=request.actor,
            structure_id=structure_id,
            why=Why(form.cleaned_data["why"]),
            seen=form.cleaned_data["seen"],
            now=request.now,
        )
        messages.success(request, _("C’est fait : imprimez-le, et remplacez l’enveloppe."))
        return redirect("agents_evening:password", structure_id)
    return render(request, "agents/evening/renew.html", {"form": form, "place": found})
