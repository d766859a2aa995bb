"""Absence rules, dated: a change counts for absences of a day that is still to come, never for the past."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.activities.absences import LONGEST_WAITING, MOST_UNANNOUNCED, Delay
from marelle.activities.absences import AbsenceRule as Rule
from marelle.activities.catalogue import definition_changed
from marelle.activities.facts import ActivityFacts
from marelle.activities.kinds import ActivityKind
from marelle.activities.models import AbsenceRule, Activity, ProofDelay
from marelle.activities.services.booking_rules import (
    RuleRefused,
    activity_locked,
    refuse_dates,
    refuse_hidden,
    refuse_stale,
    rows_end,
    rules_version,
    with_rule,
)
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.journal.services import record

SUBJECT = "absence_rules"


def absence_rules_of(activity_id: int, slot_id: int | None) -> QuerySet[AbsenceRule]:
    """The rows of an activity as a whole, or of one of its slots, in the order in which they begin."""
    own = Q(slot=None) if slot_id is None else Q(slot=slot_id)
    rows = AbsenceRule.objects.with_delays().filter(own, activity_id=activity_id)
    return rows.order_by("since", "pk")


@transaction.atomic
def absence_rule_set(
    *,
    actor: Actor,
    activity_id: int,
    slot_id: int | None,
    rule: Rule,
    seen: str | None = None,
    anew: bool = False,
    now: datetime,
) -> AbsenceRule:
    """From `rule.since`, absences from the activity, or from one of its slots, are what `rule` says.

    A new row, unless one of the same weekdays begins on that very day. `seen` is the version that the form
    showed; `anew` as for rules of bookings. Raises NotYours, ChangedMeanwhile, or RuleRefused: also
    "canteen", which nothing suspends, and "impossible", a number that no screen gives.
    """
    activity = activity_locked(actor, activity_id, slot_id)
    rows = absence_rules_of(activity_id, slot_id)
    refuse_stale(SUBJECT, activity_id, rules_version(rows), seen)
    refuse_dates(rule, now, anew=anew)
    refuse_hidden(rows, rule, activity)
    if rule.suspends and activity.kind == ActivityKind.CANTEEN:
        raise RuleRefused("canteen")
    if not _is_possible(rule):
        raise RuleRefused("impossible")
    begun = rows.filter(since=rule.since)
    row = next((row for row in begun if row.as_rule().weekdays == rule.weekdays), None) or AbsenceRule(
        activity_id=activity_id, slot_id=slot_id, since=rule.since, weekdays=sorted(rule.weekdays)
    )
    row.set_rule(rule)
    row.full_clean()
    row.save()
    delays_write(row, rule.proofs)
    _written(actor, activity, "absence_rules.set", slot_id, rule.since, now)
    return row


def delays_write(row: AbsenceRule, delays: Iterable[Delay]) -> None:
    """Give a rule these delays, in the place of its own; within the transaction that locks its activity."""
    row.delays.all().delete()
    for one in delays:
        ProofDelay.objects.create(rule=row, n=one.n, unit=one.unit, origin=one.origin)


@transaction.atomic
def absence_rules_end(
    *,
    actor: Actor,
    activity_id: int,
    slot_id: int | None,
    weekdays: Collection[int] = (),
    since: date,
    now: datetime,
) -> None:
    """From `since`, these weekdays have no rule of their own any more; without any, none of these rows holds.

    Raises NotYours or RuleRefused.
    """
    activity = activity_locked(actor, activity_id, slot_id)
    if since < local(now).date():
        raise RuleRefused("past")
    rows_end(absence_rules_of(activity_id, slot_id), weekdays, since)
    _written(actor, activity, "absence_rules.ended", slot_id, since, now)


def absence_facts_with(facts: ActivityFacts, slot_id: int | None, rule: Rule) -> ActivityFacts:
    """The definition as it would be once `absence_rule_set` had written `rule`."""
    if slot_id is None:
        return replace(facts, absence_rules=with_rule(facts.absence_rules, rule), windows={})
    own = with_rule(facts.slot_absence_rules.get(slot_id, ()), rule)
    return replace(facts, slot_absence_rules={**facts.slot_absence_rules, slot_id: own}, windows={})


def _is_possible(rule: Rule) -> bool:
    number = rule.unannounced
    counts = number is None or 1 <= number <= MOST_UNANNOUNCED
    return counts and rule.waiting_days <= LONGEST_WAITING and all(one.is_possible for one in rule.proofs)


def _written(
    actor: Actor, activity: Activity, verb: str, slot_id: int | None, since: date, now: datetime
) -> None:
    definition_changed(Activity.objects.filter(pk=activity.pk))
    record(
        actor=actor,
        verb=verb,
        subject=Subject(SUBJECT, activity.pk, activity.name),
        data={"slot": slot_id, "since": since.isoformat()},
        now=now,
    )
