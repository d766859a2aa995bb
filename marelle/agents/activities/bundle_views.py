"""Bundles of an activity: made by the week, named, their days chosen, taken away."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.activities.models import Activity
from marelle.activities.services import bundle_openings, bundles_kept_by, kept_by
from marelle.agents.activities import bundle_words as words
from marelle.agents.activities.forms.bundles import BundleForm, WeeksForm
from marelle.agents.activities.forms.edit import refuse_stale
from marelle.agents.activities.rows import dropped
from marelle.agents.guards import staff_only
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.bundles import bundle_drop, bundle_set, bundles_make
from marelle.places.scope import DECIDERS

ON_A_PAGE = 40


@require_safe
@staff_only(*DECIDERS)
def bundles(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = _activity(request, activity_id)
    found = activity.bundles.annotate(
        first=Min("openings__day"), last=Max("openings__day"), days=Count("openings")
    )
    page = Paginator(found.order_by("-last", "name", "pk"), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"activity": activity, "page": page, "lines": [words.bundle_row(row) for row in page]}
    return render(request, "agents/activities/bundles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def bundles_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = _activity(request, activity_id)
    form = WeeksForm(request.POST if request.method == "POST" else None, activity=activity)
    if form.is_valid():
        made = bundles_make(
            actor=request.actor,
            activity_id=activity_id,
            slot_id=form.cleaned_data["slot"].pk,
            first=form.cleaned_data["first"],
            last=form.cleaned_data["last"],
            name_of=words.week_name,
            alone_days=form.cleaned_data["alone_days"],
            now=request.now,
        )
        for text in words.left_texts(made):
            messages.warning(request, text)
        if made.bundles:
            messages.success(request, words.made_text(made))
            return redirect("agents_activities:bundles", activity_id)
        form.add_error(None, _("Aucun lot n’est créé : il faut au moins deux jours libres la même semaine."))
    return render(request, "agents/activities/bundles_new.html", {"activity": activity, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def bundle(request: MarelleRequest, bundle_id: int) -> HttpResponse:
    row = bundles_kept_by(request.actor).select_related("activity").filter(pk=bundle_id).first()
    if row is None:
        raise Http404
    openings = bundle_openings(row, after=request.today).select_related("slot", "group")
    form = BundleForm(
        request.POST if request.method == "POST" else None,
        bundle=row,
        openings=openings.order_by("day", "starts_at", "pk"),
    )
    if form.is_valid():
        try:
            bundle_set(
                actor=request.actor,
                bundle_id=bundle_id,
                name=form.cleaned_data["name"],
                opening_ids=form.cleaned_data["openings"],
                alone_at=form.cleaned_data["alone_at"],
                seen=form.shown(),
                now=request.now,
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_activities:bundles", row.activity_id)
    return render(request, "agents/activities/bundle.html", {"bundle": row, "form": form})


@require_POST
@staff_only(*DECIDERS)
def bundle_remove(request: MarelleRequest, bundle_id: int) -> HttpResponse:
    row = bundles_kept_by(request.actor).filter(pk=bundle_id).first()
    if row is None:
        raise Http404
    if not dropped(request, lambda: bundle_drop(actor=request.actor, bundle_id=bundle_id, now=request.now)):
        return redirect("agents_activities:bundle", bundle_id)
    messages.success(request, _("Le lot est supprimé : ses jours se réservent un par un."))
    return redirect("agents_activities:bundles", row.activity_id)


def _refuse(form: BundleForm, refusal: Refusal) -> None:
    if isinstance(refusal, ChangedMeanwhile):
        refuse_stale(form, refusal, (), seen=form.seen_text(refusal.data["held"]["openings"]))
    elif refusal.code == "in_use":
        form.add_error("openings", words.booked_text(refusal))
    else:
        form.add_error("openings", words.refusal_text(refusal))


def _activity(request: MarelleRequest, activity_id: int) -> Activity:
    activity = kept_by(request.actor, Activity).filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    return activity
