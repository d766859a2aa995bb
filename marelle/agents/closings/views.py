"""« Fermetures »: choose a day, see whom it touches, close it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.closings import words
from marelle.agents.closings.forms import DayForm, ReasonForm
from marelle.agents.guards import staff_only
from marelle.bookings.closing import children_touched
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.french import day_long_year
from marelle.flows.closing import ClosingRefused, closable, closures_to_come, day_close, openings_to_close
from marelle.flows.middleware import MarelleRequest

DECIDERS = (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR)


@require_safe
@staff_only(*DECIDERS)
def closings(request: MarelleRequest) -> HttpResponse:
    return _choose(request, _day_form(request))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def day(request: MarelleRequest) -> HttpResponse:
    asked = _day_form(request, bound=True)
    if not asked.is_valid():
        return _choose(request, asked)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            closed = day_close(
                actor=request.actor,
                structure_id=asked.cleaned_data["structure"].pk,
                day=asked.cleaned_data["jour"],
                opening_id=asked.cleaned_data["creneau"],
                reason=form.cleaned_data["reason"],
                now=request.now,
            )
        except ClosingRefused as refusal:
            if refusal.code == "not_yours":
                raise Http404 from refusal
            messages.warning(request, words.refusal_text(refusal))
        else:
            messages.success(request, words.closed_text(closed))
        return redirect("agents_closings:closings")
    return _review(request, asked, form)


def _day_form(request: MarelleRequest, *, bound: bool = False) -> DayForm:
    return DayForm(
        request.GET if bound else None,
        structures=closable(request.actor).order_by("order", "name", "pk"),
        today=local(request.now).date(),
    )


def _choose(request: MarelleRequest, form: DayForm) -> HttpResponse:
    rows = closures_to_come(request.actor, day=local(request.now).date())
    context = {"form": form, "closures": words.closure_lines(rows)}
    return render(request, "agents/closings/closings.html", context)


def _review(request: MarelleRequest, asked: DayForm, form: ReasonForm) -> HttpResponse:
    structure, chosen = asked.cleaned_data["structure"], asked.cleaned_data["jour"]
    every = openings_to_close(structure.pk, chosen, now=request.now)
    one = asked.cleaned_data["creneau"]
    openings = every if one is None else [row for row in every if row.pk == one]
    if every and not openings:
        raise Http404
    children = children_touched([row.pk for row in openings])
    context = {
        "title": _("Fermer le %(day)s") % {"day": day_long_year(chosen)},
        "structure": structure,
        "day": chosen.isoformat(),
        "openings": words.opening_lines(openings),
        "narrows": len(openings) > 1,
        "is_one": one is not None,
        "count": words.count_text(children),
        "children": words.child_lines(children),
        "form": form,
    }
    return render(request, "agents/closings/day.html", context)
