"""« À venir »: what all the children have booked, by date, to put on the fridge."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.bookings.agenda import coming_lines
from marelle.core.french import range_sentence
from marelle.families.selectors import children
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.coming import words
from marelle.portal.coming.forms import ComingForm


@require_safe
def coming(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    today = request.today
    home = children(request.actor, day=today)
    form = ComingForm(request.GET.dict(), children=home)
    last = form.last_day(today)
    shown = [child for child in home if form.child_id in (None, child.id)]
    lines = coming_lines(request.actor, shown, first=today, last=last)
    context = {
        "form": form,
        "span": range_sentence(today, last),
        "days": words.days(lines, {child.id for child in home if child.may_book}),
    }
    return render(request, "portal/coming/coming.html", context)
