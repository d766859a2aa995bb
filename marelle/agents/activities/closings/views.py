"""« Ouvertures et fermetures »: choose days, see whom they touch, close; and open again."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.activities.closings import pages, words
from marelle.agents.activities.closings.forms import DaysForm, ReasonForm
from marelle.agents.guards import staff_only
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import ClosingRefused, closable, closures_over, closures_to_come
from marelle.flows.catalogue.closing.undoing import closing_undo
from marelle.places.scope import DECIDERS

ON_A_PAGE = 30


@require_safe
@staff_only(*DECIDERS)
def closings(request: MarelleRequest) -> HttpResponse:
    return choose(request, days_form(request))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def day(request: MarelleRequest) -> HttpResponse:
    asked = days_form(request, bound=True)
    if not asked.is_valid():
        return choose(request, asked)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            closed = closing_make(
                actor=request.actor,
                target=asked.target,
                reason=data["told"],
                words=data["words"],
                shown=data["vu"],
                now=request.now,
            )
        except ClosingRefused as refusal:
            if refusal.code != "moved":
                messages.warning(request, words.refusal_text(refusal))
                return redirect("agents_closings:closings")
            form.add_error(None, words.refusal_text(refusal))
        else:
            messages.success(request, words.closed_text(closed))
            return redirect("agents_closings:closings")
    return render(request, "agents/closings/day.html", pages.review(request, asked.target, form, asked))


@require_safe
@staff_only(*DECIDERS)
def closing(request: MarelleRequest, closure_id: int) -> HttpResponse:
    found = pages.closing(request, closure_id)
    if found is None:
        raise Http404
    return render(request, "agents/closings/closing.html", found)


@require_POST
@staff_only(*DECIDERS)
def undo(request: MarelleRequest, closure_id: int) -> HttpResponse:
    try:
        only = date.fromisoformat(request.POST["jour"]) if request.POST.get("jour") else None
    except ValueError as error:
        raise Http404 from error
    try:
        undone = closing_undo(actor=request.actor, closure_id=closure_id, day=only, now=request.now)
    except ClosingRefused as refusal:
        messages.warning(request, words.refusal_text(refusal))
    else:
        messages.success(request, words.undone_text(undone))
    return redirect("agents_closings:closing", closure_id)


def days_form(request: MarelleRequest, *, bound: bool = False) -> DaysForm:
    return DaysForm(
        request.GET if bound else None,
        structures=closable(request.actor).order_by("order", "name", "pk"),
        today=request.today,
    )


def choose(request: MarelleRequest, form: DaysForm) -> HttpResponse:
    over, day = request.GET.get("voir") == "passees", request.today
    rows = (closures_over if over else closures_to_come)(request.actor, day=day)
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "closures": words.closure_lines(page), "page": page, "over": over}
    return render(request, "agents/closings/closings.html", context)
