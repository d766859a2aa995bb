"""« Jusqu’à quand »: the booking rules of an activity, or of one slot, and what they do on a day."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.activities.doubt_labels import doubt_lines
from marelle.activities.doubts import doubts
from marelle.activities.effects import facts_of, next_day, opening_on, openings_of_month
from marelle.activities.models import Activity, Slot
from marelle.activities.month import month_after, month_asked
from marelle.activities.month_told import month_told
from marelle.activities.services import (
    booking_rule_set,
    booking_rules_end,
    facts_with,
    kept_by,
    rules_of,
    rules_version,
)
from marelle.activities.services.booking_rules import RuleRefused
from marelle.agents.activities import rule_words as words
from marelle.agents.activities.forms.fields import DayField
from marelle.agents.activities.forms.rules import EffectForm, RuleForm
from marelle.agents.guards import staff_only
from marelle.core.converters import id_read
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def rules(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity, slot, weekdays = asked(request, activity_id)
    rows = rules_of(activity_id, slot.pk if slot else None)
    today = request.today
    stored = list(rows)
    of_days = [row for row in stored if row.as_rule().weekdays == weekdays]
    shown = words.shown_row(of_days or [row for row in stored if not row.weekdays], today)
    data = request.POST if request.method == "POST" else None
    form = RuleForm(
        data,
        rule=shown.as_rule() if shown else None,
        since=max(today, activity.first_day),
        version=rules_version(rows),
        told=words.told(shown),
        weekdays=weekdays,
        one_more="vague" in request.POST,
    )
    slots = activity.slots.order_by("order", "pk")
    seen = EffectForm(data, slots=slots, day=next_day(activity, today))
    saves = "enregistrer" in request.POST and form.is_valid()
    if saves and _is_set(request, form, activity, slot):
        return redirect(_address(activity, slot))
    facts = facts_of(activity)
    if form.is_bound and form.is_valid():
        facts = facts_with(facts, slot.pk if slot else None, form.rule())
    context = {
        "doubts": doubt_lines(doubts(facts, today), facts),
        "activity": activity,
        "slot": slot,
        "ends": words.ends_text(weekdays) if of_days and (slot or weekdays) else "",
        "here": words.query(slot, weekdays),
        "slots": slots,
        "rows": words.row_lines(stored, slot, today),
        "form": form,
        "effect_form": seen,
        "effect": _effect(activity, slot, form, seen),
        "today": today.isoformat(),
    }
    return render(request, "agents/activities/rules.html", context)


@require_POST
@staff_only(*DECIDERS)
def rules_end(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity, slot, weekdays = asked(request, activity_id)
    if slot is None and not weekdays:
        raise Http404
    try:
        since = DayField().clean(request.POST.get("a-partir-du"))
        booking_rules_end(
            actor=request.actor,
            activity_id=activity.pk,
            slot_id=slot.pk if slot else None,
            weekdays=weekdays,
            since=since,
            now=request.now,
        )
    except Refusal as refusal:
        messages.error(request, words.refusal_text(refusal))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, words.ended_text(weekdays))
    return redirect(_address(activity, slot))


@require_safe
@staff_only(*DECIDERS)
def month(request: MarelleRequest, activity_id: int) -> HttpResponse:
    """Each last minute of a month, to print for parents."""
    activity, _slot, _weekdays = asked(request, activity_id)
    facts = facts_of(activity)
    first = month_asked(request.GET.get("mois", ""), month_after(request.today), facts)
    told = month_told(facts, openings_of_month(activity_id, first), first)
    return render(request, "agents/activities/month.html", {"activity": activity, "month": told})


def _address(activity: Activity, slot: Slot | None) -> str:
    return reverse("agents_activities:rules", args=[activity.pk]) + words.query(slot)


def asked(request: MarelleRequest, activity_id: int) -> tuple[Activity, Slot | None, frozenset[int]]:
    """The activity, the slot and the weekdays of the address."""
    activity = kept_by(request.actor, Activity).filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    days = request.GET.get("jours", "")
    if not set(days) <= set("0123456"):
        raise Http404
    weekdays = frozenset(map(int, days))
    asked = request.GET.get("creneau", "")
    if not asked:
        return activity, None, weekdays
    slot = activity.slots.filter(pk=id_read(asked) or 0).first()
    if slot is None:
        raise Http404
    return activity, slot, weekdays


def _is_set(request: MarelleRequest, form: RuleForm, activity: Activity, slot: Slot | None) -> bool:
    try:
        booking_rule_set(
            actor=request.actor,
            activity_id=activity.pk,
            slot_id=slot.pk if slot else None,
            rule=form.rule(),
            seen=form.cleaned_data["seen"],
            now=request.now,
        )
    except ChangedMeanwhile as refusal:
        form.stale(refusal)
        return False
    except RuleRefused as refusal:
        form.add_error(words.FIELDS[refusal.code], words.refusal_text(refusal))
        return False
    messages.success(request, _("C’est enregistré : les jours d’avant gardent leur délai."))
    return True


def _effect(
    activity: Activity, slot: Slot | None, form: RuleForm, asked: EffectForm
) -> dict[str, Any] | None:
    """Today's window beside the one of what is typed, on the day asked for."""
    if asked.is_bound and not asked.is_valid():
        return None
    day = asked.cleaned_data["jour"] if asked.is_bound else asked.initial["jour"]
    looked_at = asked.cleaned_data["voir"] if asked.is_bound else slot or activity.slots.first()
    if looked_at is None:
        return None
    facts, opening = facts_of(activity), opening_on(looked_at, day)
    typed = []
    if form.is_bound and form.is_valid():
        typed = [facts_with(facts, slot.pk if slot else None, form.rule()).window_of(looked_at.pk, opening)]
    return {
        "title": words.effect_title(looked_at.name, opening),
        "columns": words.effect_columns(facts.window_of(looked_at.pk, opening), *typed),
    }
