"""Activities of this year copied to the next: chosen, shown with their dates, then made all at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.activities.year import copy_words as words
from marelle.agents.activities.year.forms import CopyForm
from marelle.agents.guards import staff_only
from marelle.core.converters import id_read
from marelle.core.refusals import No
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.year.next_year import Made, activities_copy, copies_preview
from marelle.flows.year.year_ahead import activities_of
from marelle.places.rules import school_year_of
from marelle.places.scope import DECIDERS

MOST_AT_ONCE = 12


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def copies(request: MarelleRequest) -> HttpResponse:
    """The activities are named by the address, so that the form that is sent back is about the same ones."""
    ids = {pk for pk in map(id_read, request.GET.getlist("a")) if pk}
    if not ids or len(ids) > MOST_AT_ONCE:
        if ids:
            told = _("Choisissez %(n)d activités au plus à la fois.") % {"n": MOST_AT_ONCE}
            messages.warning(request, told)
        return _choose(request, ids)
    forms = _forms(request, ids)
    open_forms = [form for form in forms if form.preview.there is None]
    wrong = [form for form in open_forms if not form.is_valid()]
    if open_forms and not wrong:
        made = _copied(request, open_forms)
        if made is not None:
            messages.success(request, words.done_text(made))
            for told in words.left_texts(made):
                messages.warning(request, told)
            return redirect("agents_year:year")
    context = {
        "cards": [(form, words.taken(form.preview)) for form in forms],
        "year": words.year_text(forms[0].preview.school_year),
        "unknown": any(not form.preview.calendar_known for form in forms),
        "may_copy": bool(open_forms),
    }
    return render(request, "agents/year/copy.html", context)


def _forms(request: MarelleRequest, ids: set[int]) -> list[CopyForm]:
    previews = copies_preview(request.actor, list(ids))
    data = request.POST if request.method == "POST" else None
    return [CopyForm(data, preview=preview) for preview in previews]


def _copied(request: MarelleRequest, forms: list[CopyForm]) -> list[Made] | None:
    """None when the service said no: the form at fault says why."""
    try:
        return activities_copy(actor=request.actor, wanted=[form.wanted() for form in forms], now=request.now)
    except No as refusal:
        form = next(
            (form for form in forms if form.preview.activity.pk == refusal.data.get("activity_id")), None
        )
        if form is None:
            raise Http404 from refusal
        form.refuse(refusal)
        return None


def _choose(request: MarelleRequest, chosen: set[int]) -> HttpResponse:
    year = school_year_of(request.today)
    rows = activities_of(request.actor, school_year=year)
    context = {"groups": words.choices(rows, chosen), "year": words.year_text(year + 1)}
    return render(request, "agents/year/choose.html", context)
