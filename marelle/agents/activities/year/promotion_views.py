"""« Passage de classe »: the schools, one school with what would become of each pupil, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.activities.year import promotion_words as words
from marelle.agents.activities.year.copy_words import year_text
from marelle.agents.activities.year.promotion_forms import PromotionForm
from marelle.agents.guards import staff_only
from marelle.agents.ways import home_ways
from marelle.families.file.reading import school_names
from marelle.families.models import Promotion
from marelle.families.promotions import PromotionRefused
from marelle.families.rules import promotion_year
from marelle.flows.actor.acting import may_act
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.year.promoting import (
    SchoolAhead,
    promotion_take_back,
    pupils_promote,
    school_ahead,
    schools_ahead,
)
from marelle.places.scope import DECIDERS


@require_safe
@staff_only(*DECIDERS)
def schools(request: MarelleRequest) -> HttpResponse:
    day = request.today
    year = promotion_year(day)
    lines = [
        (line, words.noted_text(line.pupils, line.noted, year))
        for line in schools_ahead(request.actor, day=day)
    ]
    context = {"lines": lines, "year": year_text(year), "may_list": may_act(request.actor)}
    return render(request, "agents/year/schools.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def school(request: MarelleRequest, school_id: int) -> HttpResponse:
    """What was shown is looked at again when it is sent: each child may have moved meanwhile."""
    ahead = school_ahead(request.actor, school_id, day=request.today)
    form = PromotionForm(
        request.POST if request.method == "POST" else None, ahead=ahead, schools=school_names()
    )
    if form.is_valid():
        try:
            made = pupils_promote(
                actor=request.actor, school_id=school_id, asked=form.asked(), now=request.now
            )
        except PromotionRefused as refusal:
            form.add_error(None, words.refusal_text(refusal))
        else:
            messages.success(request, words.made_text(made))
            for told in words.left_texts(made):
                messages.warning(request, told)
            return redirect("agents_year:school", school_id)
    return render(request, "agents/year/school.html", _context(request, ahead, form))


@require_POST
@staff_only(*DECIDERS)
def undo(request: MarelleRequest, promotion_id: int) -> HttpResponse:
    try:
        undone = promotion_take_back(actor=request.actor, promotion_id=promotion_id, now=request.now)
    except PromotionRefused as refusal:
        messages.warning(request, words.refusal_text(refusal))
    else:
        done, *kept = words.undone_texts(undone)
        messages.success(request, done)
        for told in kept:
            messages.warning(request, told)
    school_id = Promotion.objects.values_list("school_id", flat=True).get(pk=promotion_id)
    return redirect("agents_year:school", school_id)


def _context(request: MarelleRequest, ahead: SchoolAhead, form: PromotionForm) -> dict[str, object]:
    seen = (
        *(pupil for level in ahead.levels for pupil in level.pupils),
        *ahead.noted,
        *ahead.unknown,
        *ahead.gone,
    )
    ways = home_ways(request, {family_id for pupil in seen for family_id in pupil.families})
    return {
        "ahead": ahead,
        "unknown": [words.aside_line(pupil, pupil.level, ways) for pupil in ahead.unknown],
        "gone": [words.aside_line(pupil, pupil.level, ways) for pupil in ahead.gone],
        "form": form,
        "sections": form.sections(ways),
        "year": year_text(ahead.school_year),
        "done": [(row, words.done_text(row)) for row in ahead.done],
        "noted": [
            words.aside_line(pupil, f"{pupil.level} → {words.next_text(pupil)}", ways)
            for pupil in ahead.noted
        ],
        "own": words.names_text(ahead.own),
    }
