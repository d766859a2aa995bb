"""« Absences »: what an absence from an activity, or one of its slots, is, and what families read of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.activities.absence_labels import absence_rule_lines
from marelle.activities.absences import AbsenceRule, Awaited, out_of_order
from marelle.activities.doubt_labels import doubt_lines
from marelle.activities.doubts import doubts
from marelle.activities.effects import facts_of, next_day, opening_on
from marelle.activities.facts import ActivityFacts, SlotFacts
from marelle.activities.models import Activity, Slot
from marelle.activities.rules import Counting, LimitKind
from marelle.activities.services import (
    absence_facts_with,
    absence_rule_set,
    absence_rules_end,
    absence_rules_of,
    rules_version,
)
from marelle.activities.services.booking_rules import RuleRefused
from marelle.agents.activities import rule_words as words
from marelle.agents.activities.forms.absences import AbsenceRuleForm
from marelle.agents.activities.forms.fields import DayField
from marelle.agents.activities.forms.rules import EffectForm
from marelle.agents.activities.rule_views import asked
from marelle.agents.guards import staff_only
from marelle.bookings.absence_rules import absence_terms
from marelle.bookings.labels import meaning
from marelle.bookings.rules import Opening, Place
from marelle.bookings.states import BookingState
from marelle.core.clock import instant_at
from marelle.core.french import day_long_year, time_long
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS

LOOKED_AT = timedelta(days=366)
"""How far a rule is looked at for a day on which it contradicts itself."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def rules(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity, slot, weekdays = asked(request, activity_id)
    stored = list(absence_rules_of(activity_id, slot.pk if slot else None))
    of_days = [row for row in stored if row.as_rule().weekdays == weekdays]
    shown = words.shown_row(of_days or [row for row in stored if not row.weekdays], request.today)
    data = request.POST if request.method == "POST" else None
    form = AbsenceRuleForm(
        data,
        rule=shown.as_rule() if shown else None,
        since=max(request.today, activity.first_day),
        version=rules_version(stored),
        told=words.told(shown, absence_rule_lines),
        weekdays=weekdays,
    )
    slots = activity.slots.order_by("order", "pk")
    seen = EffectForm(data, slots=slots, day=next_day(activity, request.today))
    facts = facts_of(activity)
    typed = _typed(form, facts, slot) if data is not None and form.is_valid() else None
    if typed and "enregistrer" in request.POST and _is_set(request, form, typed, activity, slot):
        return redirect(_address(activity, slot))
    shown_facts = absence_facts_with(facts, slot.pk if slot else None, typed) if typed else facts
    context = {
        "doubts": doubt_lines(doubts(shown_facts, request.today), facts),
        "activity": activity,
        "slot": slot,
        "ends": _ends_text(slot, weekdays) if of_days else "",
        "here": words.query(slot, weekdays),
        "slots": slots,
        "rows": words.row_lines(stored, slot, request.today, absence_rule_lines),
        "form": form,
        "effect_form": seen,
        "effect": _effect(activity, slot, typed, seen),
        "today": request.today.isoformat(),
    }
    return render(request, "agents/activities/absence_rules.html", context)


@require_POST
@staff_only(*DECIDERS)
def rules_end(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity, slot, weekdays = asked(request, activity_id)
    try:
        absence_rules_end(
            actor=request.actor,
            activity_id=activity.pk,
            slot_id=slot.pk if slot else None,
            weekdays=weekdays,
            since=DayField().clean(request.POST.get("a-partir-du")),
            now=request.now,
        )
    except Refusal as refusal:
        messages.error(request, words.refusal_text(refusal))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(
            request, _("C’est fini à cette date\u00a0: les absences d’avant gardent leur règle.")
        )
    return redirect(_address(activity, slot))


def _address(activity: Activity, slot: Slot | None) -> str:
    return reverse("agents_activities:absence_rules", args=[activity.pk]) + words.query(slot)


def _ends_text(slot: Slot | None, weekdays: frozenset[int]) -> str:
    if slot or weekdays:
        return words.ends_text(weekdays)
    return _("Plus aucune règle d’absence, à partir du")


def _is_set(
    request: MarelleRequest, form: AbsenceRuleForm, rule: AbsenceRule, activity: Activity, slot: Slot | None
) -> bool:
    try:
        absence_rule_set(
            actor=request.actor,
            activity_id=activity.pk,
            slot_id=slot.pk if slot else None,
            rule=rule,
            seen=form.cleaned_data["seen"],
            now=request.now,
        )
    except ChangedMeanwhile as refusal:
        form.stale(refusal)
        return False
    except RuleRefused as refusal:
        form.add_error(words.FIELDS.get(refusal.code), words.refusal_text(refusal))
        return False
    messages.success(request, _("C’est enregistré\u00a0: les absences d’avant gardent leur règle."))
    return True


def _typed(form: AbsenceRuleForm, facts: ActivityFacts, slot: Slot | None) -> AbsenceRule | None:
    """The rule that is typed; None for one that contradicts itself: each contradiction is said beside its
    field, with the first day that it bites."""
    rule = form.rule()
    slots = [one for one in facts.slots.values() if slot is None or one.id == slot.pk]
    told, same_day = rule.told, None
    if told and told.kind is LimitKind.DAYS_BEFORE and told.n == 0 and told.counting is not Counting.CLEAR:
        same_day = told.time
    begun = next((one for one in slots if same_day and one.starts < same_day), None)
    if begun is not None:
        told_late = _("«\u00a0%(slot)s\u00a0» commence déjà à %(hour)s\u00a0: donnez une heure d’avant.")
        form.told.add_error("days_time", told_late % {"slot": begun.name, "hour": time_long(begun.starts)})
    wrong = out_of_order(rule, _awaited(rule, facts, slots), facts.is_held, facts.calendar)
    if wrong is not None:
        second = [form_ for form_ in form.delays if form_.cleaned_data["delay"]][1]
        told_wrong = _(
            "Chaque délai doit finir après celui d’avant\u00a0: ce n’est pas le cas pour le %(day)s."
        )
        second.add_error("n", told_wrong % {"day": day_long_year(wrong)})
    return rule if begun is None and wrong is None else None


def _awaited(rule: AbsenceRule, facts: ActivityFacts, slots: Iterable[SlotFacts]) -> Iterator[Awaited]:
    """Each day of the rule on which the activity is held, at the hour of each slot."""
    rows = list(slots)
    for ahead in range(LOOKED_AT.days):
        day = rule.since + timedelta(days=ahead)
        if rule.holds(day) and facts.is_held(day):
            yield from (Awaited(day, instant_at(day, one.starts)) for one in rows)


def _effect(
    activity: Activity, slot: Slot | None, rule: AbsenceRule | None, asked_for: EffectForm
) -> dict[str, Any] | None:
    """What a family reads of an absence that begins on the day asked for: today, then with what is typed."""
    if asked_for.is_bound and not asked_for.is_valid():
        return None
    day = asked_for.cleaned_data["jour"] if asked_for.is_bound else asked_for.initial["jour"]
    looked_at = asked_for.cleaned_data["voir"] if asked_for.is_bound else slot or activity.slots.first()
    if looked_at is None:
        return None
    facts = facts_of(activity)
    every = [(_("Règle actuelle"), facts)]
    if rule is not None:
        typed = absence_facts_with(facts, slot.pk if slot else None, rule)
        every.append((_("Règle saisie"), typed))
    window = opening_on(looked_at, day)
    return {
        "title": words.effect_title(looked_at.name, window),
        "columns": [words.EffectColumn(title, _read(one, looked_at.pk, day, window)) for title, one in every],
    }


def _read(facts: ActivityFacts, slot_id: int, day: date, window: Any) -> list[tuple[str, str]]:
    opening = Opening(
        id=0,
        activity=facts,
        slot=facts.slots[slot_id],
        group_id=None,
        day=day,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        is_open=True,
    )
    place = Place(0, 0, BookingState.BOOKED, window.starts_at, window.ends_at)
    return meaning(absence_terms(opening, place))
