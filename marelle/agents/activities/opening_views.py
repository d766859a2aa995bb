"""The openings of an activity: by month, generated as a difference that is shown first, outings."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from marelle.activities.doubt_labels import doubt_lines
from marelle.activities.effects import facts_of
from marelle.activities.models import Activity, Opening
from marelle.activities.services import (
    hours_of_opening,
    kept_by,
    openings_kept_by,
    outing_add,
)
from marelle.agents.activities import opening_words as words
from marelle.agents.activities.forms.edit import refuse_stale
from marelle.agents.activities.forms.openings import OpeningForm, OutingForm
from marelle.agents.activities.rows import saved_text
from marelle.agents.guards import staff_only
from marelle.core.french import month_text
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.openings import (
    InDoubt,
    PreviewStale,
    activity_generate,
    activity_preview,
    holding_doubts,
    opening_edit,
)
from marelle.places.scope import DECIDERS


@require_safe
@staff_only(*DECIDERS)
def openings(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = _activity(request, activity_id)
    first, before, after = _month(request, activity)
    rows = Opening.objects.filter(activity=activity, day__gte=first, day__lt=after)
    context = {
        "activity": activity,
        "month": month_text(first),
        "before": f"{before:%Y-%m}",
        "after": f"{after:%Y-%m}",
        "days": words.days(rows.select_related("slot", "group").order_by("day", "starts_at", "pk")),
        "has_outings": activity.slots.filter(one_off=True).exists(),
    }
    return render(request, "agents/activities/openings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def generate(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = _activity(request, activity_id)
    if request.method == "POST":
        try:
            done = activity_generate(
                actor=request.actor,
                activity_id=activity_id,
                seen=request.POST.get("seen", ""),
                looked="regarde" in request.POST,
                now=request.now,
            )
        except (PreviewStale, InDoubt) as refusal:
            messages.warning(request, words.refusal_text(refusal))
        else:
            n = done.created + done.moved + done.removed
            told = ngettext("%(n)d ouverture changée.", "%(n)d ouvertures changées.", n)
            messages.success(request, told % {"n": n})
            return redirect("agents_activities:openings", activity_id)
    preview = activity_preview(activity, now=request.now)
    facts = facts_of(activity)
    slots = dict(activity.slots.values_list("pk", "name"))
    context = {
        "activity": activity,
        "changes": words.changes(preview, slots),
        "is_empty": preview.difference.is_empty,
        "doubts": doubt_lines(holding_doubts(activity, now=request.now), facts),
        "version": preview.version,
    }
    return render(request, "agents/activities/generate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def outing_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = _activity(request, activity_id)
    form = OutingForm(request.POST if request.method == "POST" else None, activity=activity)
    if form.is_valid():
        given = dict(form.cleaned_data)
        seats = given.pop("seats")
        try:
            outing_add(
                actor=request.actor, activity_id=activity_id, values=given, seats=seats, now=request.now
            )
        except Refusal as refusal:
            form.add_error("day" if refusal.code == "past_day" else None, words.refusal_text(refusal))
        else:
            messages.success(request, _("La sortie est ajoutée."))
            return redirect("agents_activities:openings", activity_id)
    return render(request, "agents/activities/outing.html", {"activity": activity, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def opening(request: MarelleRequest, dated_id: int) -> HttpResponse:
    """One opening: its own title and hours."""
    rows = openings_kept_by(request.actor).select_related("activity", "slot", "group")
    row = rows.filter(pk=dated_id).first()
    if row is None:
        raise Http404
    form = OpeningForm(request.POST if request.method == "POST" else None, hours=hours_of_opening(row))
    if form.is_valid():
        try:
            changed = opening_edit(
                actor=request.actor,
                opening_id=dated_id,
                asked=form.asked(),
                seen=form.shown(),
                now=request.now,
            )
        except Refusal as refusal:
            _refuse_hours(form, refusal)
        else:
            messages.success(request, saved_text(changed))
            month = f"{reverse('agents_activities:openings', args=[row.activity_id])}?mois={row.day:%Y-%m}"
            return redirect(month)
    context = {
        "opening": row,
        "title": words.opening_title(row),
        "month": f"{row.day:%Y-%m}",
        "form": form,
        "facts": words.opening_facts(row) if row.starts_at <= request.now else (),
    }
    return render(request, "agents/activities/opening.html", context)


def _refuse_hours(form: OpeningForm, refusal: Refusal) -> None:
    if isinstance(refusal, ChangedMeanwhile):
        held = refusal.data["held"]["hours"]
        refuse_stale(form, refusal, [words.hours_held(held)], seen=form.seen_text(held))
    elif refusal.code == "not_possible":
        form.add_error("title", words.THERE_ALREADY)
    else:
        form.add_error("starts", words.refusal_text(refusal))


def _activity(request: MarelleRequest, activity_id: int) -> Activity:
    activity = kept_by(request.actor, Activity).filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    return activity


def _month(request: MarelleRequest, activity: Activity) -> tuple[date, date, date]:
    """The month asked for, else the one of today, or the activity's first; the one before and the next."""
    try:
        return words.month_around(date.fromisoformat(f"{request.GET.get('mois', '')}-01"))
    except (ValueError, OverflowError):  # Nonsense, or the first or last month of the calendar.
        return words.month_around(max(request.today, activity.first_day))
