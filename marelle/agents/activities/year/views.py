"""« Préparer l’année »: the steps of the next school year, each with where it stands and where to go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.activities.year import words
from marelle.agents.activities.year.forms import RequestsOpenForm
from marelle.agents.activities.year.promotion_words import classes_text
from marelle.agents.guards import staff_only
from marelle.core.converters import id_read
from marelle.core.refusals import Refusal
from marelle.families.rules import promotion_year
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.year import year_ahead
from marelle.flows.year.promoting import schools_ahead
from marelle.places.calendars import UnknownSchoolYearError
from marelle.places.scope import DECIDERS


@require_safe
@staff_only(*DECIDERS)
def year(request: MarelleRequest) -> HttpResponse:
    return _page(request, RequestsOpenForm())


@require_POST
@staff_only(*DECIDERS)
def calendar(request: MarelleRequest, calendar_id: int) -> HttpResponse:
    day = request.today
    try:
        n = year_ahead.calendar_read(actor=request.actor, calendar_id=calendar_id, day=day, now=request.now)
    except UnknownSchoolYearError:
        messages.warning(request, _("Les vacances de cette année ne sont pas encore publiées."))
    else:
        told = ngettext(
            "Le calendrier est lu ; %(n)d activité le suit.",
            "Le calendrier est lu ; %(n)d activités le suivent.",
            n,
        )
        messages.success(request, told % {"n": n})
    return redirect("agents_year:year")


@require_POST
@staff_only(*DECIDERS)
def requests_open(request: MarelleRequest) -> HttpResponse:
    form = RequestsOpenForm(request.POST)
    ids = {pk for pk in map(id_read, request.POST.getlist("a")) if pk}
    if not ids:
        form.add_error(None, _("Choisissez au moins une activité."))
    if form.is_valid():
        try:
            n = year_ahead.requests_open(
                actor=request.actor,
                activity_ids=ids,
                opens_at=form.cleaned_data["opens_at"],
                now=request.now,
            )
        except Refusal:
            form.add_error("opens_at", _("Ce jour n’est pas possible."))
        else:
            messages.success(request, words.opened_text(n))
            return redirect("agents_year:year")
    return _page(request, form, chosen=ids)


def _page(request: MarelleRequest, form: RequestsOpenForm, *, chosen: set[int] | None = None) -> HttpResponse:
    day = request.today
    found = year_ahead.year_ahead(request.actor, day=day)
    schools = schools_ahead(request.actor, day=day)
    context = {
        "ahead": found,
        "form": form,
        "year": words.year_text(found.school_year),
        "copied": words.copied_text(found),
        "coming": words.coming(found, chosen),
        "classes": classes_text(schools, promotion_year(day)),
        "has_schools": bool(schools),
        "confirm_from": words.confirm_text(found),
    }
    return render(request, "agents/year/year.html", context)
