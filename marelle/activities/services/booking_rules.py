"""Booking rules, dated: a change counts for openings of a day that is still to come, never for the past."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from hashlib import blake2s
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.activities.audiences import AudienceKind
from marelle.activities.catalogue import definition_changed
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import AbsenceRule, Activity, BookingRule, BookingWave, Slot
from marelle.activities.rules import Dated, DatedRule, Rule, Wave, hiding
from marelle.activities.services.definitions import kept_by
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.places.rules import DAY

SUBJECT = "booking_rules"


class RuleRefused(Refusal):
    """`code`: "past" (it would change days gone by), "not_in_order" (it ends before it begins),
    "no_such_slot", "nothing_under" (nothing would hold in its place), or "hidden" (it would never hold: the
    one in `data["by"]` does)."""


def rules_of(activity_id: int, slot_id: int | None) -> QuerySet[BookingRule]:
    """The rows of an activity as a whole, or of one of its slots, in the order in which they begin."""
    own = Q(slot=None) if slot_id is None else Q(slot=slot_id)
    rows = BookingRule.objects.with_waves().filter(own, activity_id=activity_id)
    return rows.order_by("since", "pk")


def rules_version(rows: Iterable[BookingRule | AbsenceRule]) -> str:
    """What a form carries to tell whether these rows are still those that it showed."""
    told = repr([(row.pk, row.as_rule()) for row in rows])
    return blake2s(told.encode(), digest_size=8).hexdigest()


@transaction.atomic
def booking_rule_set(
    *,
    actor: Actor,
    activity_id: int,
    slot_id: int | None,
    rule: Rule,
    seen: str | None = None,
    anew: bool = False,
    now: datetime,
) -> BookingRule:
    """From `rule.since`, the openings of the activity, or of one of its slots, follow `rule` on its weekdays.

    A new row, unless one of the same weekdays begins on that very day: days before it keep their own. `seen`
    is the version that the form showed. `anew`: the activity is of this transaction, so that no day of it has
    gone by. Raises NotYours, RuleRefused or ChangedMeanwhile.
    """
    activity = activity_locked(actor, activity_id, slot_id)
    refuse_stale(SUBJECT, activity_id, rules_version(rules_of(activity_id, slot_id)), seen)
    refuse_dates(rule, now, anew=anew)
    refuse_hidden(rules_of(activity_id, slot_id), rule, activity)
    rows = rules_of(activity_id, slot_id).filter(since=rule.since)
    row = next((row for row in rows if row.as_rule().weekdays == rule.weekdays), None) or BookingRule(
        activity_id=activity_id, slot_id=slot_id, since=rule.since, weekdays=sorted(rule.weekdays)
    )
    row.set_limits(book=rule.book, cancel=rule.cancel)
    row.until, row.after = rule.until, rule.after
    row.full_clean()
    row.save()
    waves_write(row, rule.waves)
    _written(actor, activity, "booking_rules.set", slot_id, rule.since, now)
    return row


def waves_write(row: BookingRule, waves: Iterable[Wave]) -> None:
    """Give a rule these waves, in the place of its own; within the transaction that locks its activity."""
    row.waves.all().delete()
    for wave in waves:
        made = BookingWave(rule=row, audience=wave.audience.kind, judged=wave.judged)
        made.set_opens(wave.opens)
        made.save()
        if wave.audience.kind is AudienceKind.COMMUNES:
            made.communes.set(wave.audience.ids)
        if wave.audience.kind is AudienceKind.SCHOOLS:
            made.schools.set(wave.audience.ids)


@transaction.atomic
def booking_rules_end(
    *,
    actor: Actor,
    activity_id: int,
    slot_id: int | None,
    weekdays: Collection[int] = (),
    since: date,
    now: datetime,
) -> None:
    """From `since`, these weekdays follow the rule of all days again; without any, a slot its activity's.

    Raises NotYours or RuleRefused.
    """
    activity = activity_locked(actor, activity_id, slot_id)
    if since < local(now).date():
        raise RuleRefused("past")
    if slot_id is None and not weekdays:
        raise RuleRefused("nothing_under")
    rows_end(rules_of(activity_id, slot_id), weekdays, since)
    _written(actor, activity, "booking_rules.ended", slot_id, since, now)


def rows_end(rows: QuerySet[Any], weekdays: Collection[int], since: date) -> None:
    """Dated rows of these weekdays hold no more from `since`; without any, all of them."""
    if weekdays:
        rows = rows.filter(pk__in=[row.pk for row in rows if set(row.weekdays) == set(weekdays)])
    rows.filter(since__gte=since).delete()
    rows.filter(Q(until=None) | Q(until__gte=since)).update(until=since - DAY)


def facts_with(facts: ActivityFacts, slot_id: int | None, rule: Rule) -> ActivityFacts:
    """The definition as it would be once `booking_rule_set` had written `rule`."""
    if slot_id is None:
        return replace(facts, rules=with_rule(facts.rules, rule), windows={})
    own = with_rule(facts.slot_rules.get(slot_id, ()), rule)
    return replace(facts, slot_rules={**facts.slot_rules, slot_id: own}, windows={})


def with_rule(rules: tuple[DatedRule, ...], rule: DatedRule) -> tuple[DatedRule, ...]:
    """These rules once `rule` is written: it takes the place of one of the same beginning and weekdays."""
    same = [(one.since, one.weekdays) == (rule.since, rule.weekdays) for one in rules]
    if not any(same):
        return (*rules, rule)
    return tuple(rule if is_it else one for is_it, one in zip(same, rules, strict=True))


def activity_locked(actor: Actor, activity_id: int, slot_id: int | None) -> Activity:
    """An activity whose rules the actor writes, and the slot is its own. Raises NotYours."""
    activity = kept_by(actor, Activity).select_for_update(no_key=True, of=("self",)).filter(pk=activity_id)
    found = activity.first()
    if found is None:
        raise NotYours
    if slot_id is not None and not Slot.objects.filter(pk=slot_id, activity=found).exists():
        raise NotYours
    return found


def refuse_stale(subject: str, activity_id: int, version: str, seen: str | None) -> None:
    """Raises ChangedMeanwhile where the rows are no longer those that a form has `seen`."""
    if seen is not None and seen != version:
        last = Entry.objects.filter(subject_kind=subject, subject_id=activity_id).first()
        raise ChangedMeanwhile(
            held={"version": version},
            names=(),
            by=last.actor_label if last else "",
            at=last.at if last else None,
        )


def refuse_dates(rule: Dated, now: datetime, *, anew: bool = False) -> None:
    """Raises RuleRefused for what would change days gone by, unless there are none (`anew`), or ends before
    it begins."""
    if rule.since < local(now).date() and not anew:
        raise RuleRefused("past")
    if rule.until is not None and rule.until < rule.since:
        raise RuleRefused("not_in_order")


def refuse_hidden(rows: Iterable[BookingRule | AbsenceRule], rule: Dated, activity: Activity) -> None:
    """Raises RuleRefused for a rule that never holds, on all of its days or on one weekday of them, beside
    those of `rows`."""
    rules: tuple[Dated, ...] = tuple(row.as_rule() for row in rows)
    found = hiding(with_rule(rules, rule), rule, rule.since, activity.last_day)
    if found:
        raise RuleRefused("hidden", by=next(iter(found.values())))


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
