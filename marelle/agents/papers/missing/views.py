"""« Documents manquants »: who lacks what where, and one reminder to all or to some."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.papers.missing import words
from marelle.agents.papers.missing.forms import PlaceForm, RemindForm, place_key
from marelle.agents.ways import home_ways
from marelle.core.refusals import No, Recounted
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.papers import missing as flow
from marelle.papers.labels import refusal_text
from marelle.places.scope import DECIDERS

PER_PAGE = 30


@require_safe
@staff_only(*DECIDERS)
def missing(request: MarelleRequest) -> HttpResponse:
    day = request.today
    form = _place_form(request)
    place = form.place()
    if place is None:
        return render(request, "agents/papers/missing.html", {"lines": [], "form": None})
    lacking = flow.homes_lacking(request.actor, place, day=day)
    page = Paginator(lacking, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    found = flow.lacking_of(place, shown, day=day)
    ways = home_ways(request, shown)
    context = {
        "form": form,
        "place": place_key(place),
        "page_obj": page,
        "lines": [
            words.home_line(family, found.get(family.pk, ()), ways) for family in flow.homes_named(shown)
        ],
        "all_text": words.families_text(page.paginator.count),
    }
    return render(request, "agents/papers/missing.html", context)


@require_POST
@staff_only(*DECIDERS)
def remind(request: MarelleRequest) -> HttpResponse:
    """First shows whom it would reach; sends once the agent has read it (`homes`)."""
    places = _place_form(request)
    place = places.place() if places.is_valid() and places.cleaned_data["ou"] else None
    form = RemindForm(request.POST)
    if place is None or not form.is_valid():
        raise Http404
    back = f"{reverse('agents_missing:missing')}?ou={place_key(place)}"
    if form.chosen == []:
        messages.warning(request, _("Cochez au moins une famille."))
        return redirect(back)
    if form.cleaned_data["homes"] is not None:
        sent = _reminded(request, form, place)
        if sent is not None:
            return sent
    found = flow.to_remind(request.actor, place, chosen=form.chosen, now=request.now)
    context = {
        "form": form,
        "place": place_key(place),
        "pairs": words.remind_pairs(places.names[place_key(place)], found),
        "new": len(found.new),
        "new_text": words.families_text(len(found.new)),
        "every": len(found.new) + len(found.lately),
        "every_text": words.families_text(len(found.new) + len(found.lately)),
        "lately": len(found.lately),
        "all_lately": words.all_lately_text(),
        "back": back,
    }
    return render(request, "agents/papers/remind.html", context)


@require_safe
@staff_only(*DECIDERS)
def reminder(request: MarelleRequest, reminder_id: int) -> HttpResponse:
    row = flow.reminder_of(request.actor, reminder_id)
    if row is None:
        raise Http404
    told, settled = flow.reminder_counts(row)
    page = Paginator(flow.reminded_of(row), 50).get_page(request.GET.get("page"))
    ways = home_ways(request, {one.family_id for one in page.object_list})
    context = {
        "reminder": row,
        "done": told + settled,
        "over": told + settled >= row.homes,
        "pairs": words.reminder_pairs(row, told, settled),
        "page_obj": page,
        "lines": [
            (str(one.family), ways.get(one.family_id, ""), *words.reminded_tag(one))
            for one in page.object_list
        ],
    }
    return render(request, "agents/papers/reminder.html", context)


def _place_form(request: MarelleRequest) -> PlaceForm:
    return PlaceForm(
        request.POST or request.GET,
        places=flow.places(request.actor, day=request.today),
    )


def _reminded(request: MarelleRequest, form: RemindForm, place: flow.Place) -> HttpResponse | None:
    try:
        row = flow.remind(
            actor=request.actor,
            place=place,
            chosen=form.chosen,
            insist=form.cleaned_data["insist"],
            expected=form.cleaned_data["homes"],
            now=request.now,
        )
    except Recounted as refusal:
        told = _("Entre-temps, le nombre de familles a changé : {homes}. Vérifiez, puis envoyez.")
        messages.warning(request, told.format(homes=words.families_text(refusal.data["homes"])))
        return None
    except No as refusal:
        messages.warning(request, refusal_text(refusal))
        return None
    messages.success(request, _("L’envoi commence."))
    return redirect("agents_missing:reminder", row.pk)
