"""What defines an activity, read once per revision and kept in the process.

Slots, rules and calendars change a few times a year and are read on every page. Each query that meets an
activity also reads its `revision`, so a definition changed by another process is never served stale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from marelle.activities.bounds import Bound
from marelle.activities.conditions import Condition
from marelle.activities.facts import ActivityFacts, SlotFacts, SlotThen
from marelle.activities.generation import DayScope
from marelle.activities.kept import Kept
from marelle.activities.kinds import ActivityKind, BookingMode, Decider, EnrolmentMode, Parting, Unpaid
from marelle.activities.models import (
    AbsenceRule,
    Activity,
    AgeGroup,
    BookingBound,
    BookingCondition,
    BookingRule,
    KeptPlaces,
    Slot,
    SlotBefore,
    new_revision,
)
from marelle.core.clock import local
from marelle.places.models import CalendarSpan, Closure, Commune
from marelle.places.rules import DAY, CalendarFacts, Span, SpanKind

KEPT_AT_MOST = 2_000
"""Definitions kept in the process; a département has some hundreds."""


_kept: dict[int, ActivityFacts] = {}


def activity_facts(revisions: Mapping[int, int]) -> dict[int, ActivityFacts]:
    """Definitions by activity id, given the revision of each as just read; no query for those known."""
    missing = [activity_id for activity_id, revision in revisions.items() if revision not in _kept]
    if missing:
        if len(_kept) > KEPT_AT_MOST:
            _kept.clear()
        for facts in _read(missing):
            _kept[revisions[facts.id]] = facts
    return {activity_id: _kept[revision] for activity_id, revision in revisions.items()}


def definition_changed(activities: models.QuerySet[Activity]) -> None:
    """Give new revisions: every service that changes what defines an activity calls it when it is done.

    Those whose slots are linked to theirs are defined by it too.
    """
    keys = set(activities.values_list("pk", flat=True))
    rows = list(Activity.objects.filter(pk__in=keys | linked_activities(keys)).only("pk"))
    for row in rows:
        row.revision = new_revision()
    Activity.objects.bulk_update(rows, ["revision"])


def linked_activities(activity_ids: Collection[int]) -> set[int]:
    """Those of which a slot requires or excludes one of these, or is so by one."""
    slots = Slot.objects.filter(
        Q(requires__activity__in=activity_ids)
        | Q(excludes__activity__in=activity_ids)
        | Q(required_by__activity__in=activity_ids)
    )
    return set(slots.order_by().values_list("activity_id", flat=True))


def _read(activity_ids: list[int]) -> Iterable[ActivityFacts]:
    activities = Activity.objects.filter(pk__in=activity_ids).select_related("structure", "calendar")
    slots = _slots(activity_ids)
    groups: dict[int, dict[int, str]] = {}
    for group in AgeGroup.objects.filter(activity_id__in=activity_ids):
        groups.setdefault(group.activity_id, {})[group.pk] = group.name
    rules = _rules(BookingRule.objects.with_waves(), activity_ids)
    absences = _rules(AbsenceRule.objects.with_delays(), activity_ids)
    bounds: dict[int, list[Bound]] = {}
    for bound in BookingBound.objects.filter(activity_id__in=activity_ids).prefetch_related("slots"):
        bounds.setdefault(bound.activity_id, []).append(bound.as_bound())
    conditions: dict[int, list[Condition]] = {}
    asked = BookingCondition.objects.filter(activity_id__in=activity_ids).order_by("since", "pk")
    for condition in asked.prefetch_related("slots", "schools"):
        conditions.setdefault(condition.activity_id, []).append(condition.as_condition())
    kept: dict[int, list[Kept]] = {}
    rows = KeptPlaces.objects.filter(activity_id__in=activity_ids).prefetch_related("communes", "schools")
    for row in rows:
        kept.setdefault(row.activity_id, []).append(row.as_kept())
    calendars: dict[tuple[int, tuple[Span, ...]], CalendarFacts] = {}
    closed: dict[int, list[Span]] = {}
    whole = Closure.objects.filter(part="", fewer=False)  # those undone closed days that have gone by
    for closure in whole.filter(structure__activities__in=activity_ids).distinct():
        closed.setdefault(closure.structure_id, []).extend(_closed_days(closure))
    spans: dict[int, list[Span]] = {}
    for span in CalendarSpan.objects.filter(Q(active=True), calendar__activities__in=activity_ids).distinct():
        spans.setdefault(span.calendar_id, []).append(
            Span(SpanKind(span.kind), span.name, span.first_day, span.last_day)
        )
    residents, agreement = (_communes(through, activity_ids) for through in ("authorities", "agreements"))
    for activity in activities:
        key = activity.calendar_id, tuple(closed.get(activity.structure_id, ()))
        if key not in calendars:
            calendars[key] = CalendarFacts(
                frozenset(activity.calendar.school_weekdays),
                (*spans.get(activity.calendar_id, ()), *key[1]),
            )
        yield ActivityFacts(
            id=activity.pk,
            name=activity.name,
            kind=ActivityKind(activity.kind),
            order=activity.order,
            structure_id=activity.structure_id,
            structure_name=activity.structure.name,
            authority_id=activity.structure.authority_id,
            enrolment_mode=EnrolmentMode(activity.enrolment_mode),
            booking_mode=BookingMode(activity.booking_mode),
            first_day=activity.first_day,
            last_day=activity.last_day,
            slots=slots.get(activity.pk, {}),
            groups=groups.get(activity.pk, {}),
            calendar=calendars[key],
            residents=frozenset(residents.get(activity.structure.authority_id, ())),
            agreement=frozenset(agreement.get(activity.structure.authority_id, ())),
            rules=rules.get((activity.pk, None), ()),
            slot_rules=_of_slots(rules, activity.pk),
            decided_by=Decider(activity.decided_by),
            bounds=tuple(bounds.get(activity.pk, ())),
            conditions=tuple(conditions.get(activity.pk, ())),
            kept=tuple(kept.get(activity.pk, ())),
            asks_card=activity.asks_card,
            unpaid=Unpaid(activity.unpaid),
            absence_rules=absences.get((activity.pk, None), ()),
            slot_absence_rules=_of_slots(absences, activity.pk),
        )


def _closed_days(closure: Closure) -> list[Span]:
    """Those that it keeps closed, or kept closed until it was undone."""
    last_day = closure.last_day
    if closure.undone_at is not None:
        last_day = min(last_day, local(closure.undone_at).date() - DAY)
    if last_day < closure.first_day:
        return []
    closed = Span(SpanKind.CLOSURE, closure.reason, closure.first_day, last_day)
    return closed.without(map(date.fromisoformat, closure.reopened or ()))


def _rules(
    rows: models.QuerySet[Any], activity_ids: list[int]
) -> dict[tuple[int, int | None], tuple[Any, ...]]:
    """Dated rows as pure rules, in the order in which they begin, by activity and slot, None for all."""
    found: dict[tuple[int, int | None], tuple[Any, ...]] = {}
    for row in rows.filter(activity_id__in=activity_ids).order_by("since", "pk"):
        key = (row.activity_id, row.slot_id)
        found[key] = (*found.get(key, ()), row.as_rule())
    return found


def _of_slots(
    rules: Mapping[tuple[int, int | None], tuple[Any, ...]], activity_id: int
) -> dict[int, tuple[Any, ...]]:
    return {
        slot_id: found
        for (of_activity, slot_id), found in rules.items()
        if of_activity == activity_id and slot_id is not None
    }


def _communes(through: str, activity_ids: list[int]) -> dict[int, set[int]]:
    """Keys of communes, by the authority that they are tied to."""
    rows = Commune.objects.filter(**{f"{through}__structures__activities__in": activity_ids})
    found: dict[int, set[int]] = {}
    for authority_id, commune_id in rows.values_list(f"{through}__id", "pk"):
        found.setdefault(authority_id, set()).add(commune_id)
    return found


def _slots(activity_ids: list[int]) -> dict[int, dict[int, SlotFacts]]:
    rows = Slot.objects.filter(activity_id__in=activity_ids).prefetch_related(
        "excludes", "requires", "includes", "required_by"
    )
    required = {row.pk for row in rows if row.required_by.all()}
    before: dict[int, list[SlotThen]] = {}
    for was in SlotBefore.objects.filter(slot__in=[row.pk for row in rows]).prefetch_related("parts"):
        parts = tuple(sorted(part.pk for part in was.parts.all()))
        then = SlotThen(was.starts, was.ends, parts, was.is_free, was.until)
        before.setdefault(was.slot_id, []).append(then)
    included_in: dict[int, set[int]] = {}
    for row in rows:
        for part in row.includes.all():
            included_in.setdefault(part.pk, set()).add(row.pk)
    found: dict[int, dict[int, SlotFacts]] = {}
    for row in rows:
        includes = {part.pk for part in row.includes.all()}
        found.setdefault(row.activity_id, {})[row.pk] = SlotFacts(
            id=row.pk,
            name=row.name,
            starts=row.starts,
            ends=row.ends,
            order=row.order,
            by_hour=row.by_hour,
            has_meal=row.has_meal,
            one_off=row.one_off,
            conflicts=frozenset(
                {slot.pk for slot in row.excludes.all()} | includes | included_in.get(row.pk, set())
            ),
            requires=frozenset(slot.pk for slot in row.requires.all()),
            provides=frozenset({row.pk} | includes),
            weekdays=frozenset(row.weekdays),
            days=DayScope(row.days),
            needs=tuple(slot.name for slot in row.requires.all()),
            parting=Parting(row.parting),
            is_required=not required.isdisjoint({row.pk} | includes),
            before=tuple(before.get(row.pk, ())),
        )
    return found
