"""Activities copied to the next school year: what is copied, with each date before and after; all or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from marelle.activities.bound_labels import bound_label
from marelle.activities.catalogue import activity_facts
from marelle.activities.condition_labels import condition_label
from marelle.activities.kept_labels import kept_name
from marelle.activities.labels import audience_label
from marelle.activities.models import (
    AbsenceRule,
    Activity,
    BookingBound,
    BookingCondition,
    BookingRule,
    BookingWave,
    KeptPlaces,
    Opening,
)
from marelle.activities.next_year import (
    RuleSpan,
    moved_day,
    moved_instant,
    moved_rules,
    next_name,
)
from marelle.activities.services import (
    ACTIVITY_DATES,
    RULE_DATES,
    Copy,
    activity_copy,
    bundles_fill,
    copy_there,
    kept_by,
    openings_generate,
)
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import No, NotYours
from marelle.papers.rules import Effect
from marelle.papers.services import needs_set
from marelle.papers.settings import needs_of_activity
from marelle.places.calendars import UnknownSchoolYearError, library_spans, zone_of
from marelle.places.rules import DAY, CalendarFacts, school_year_of
from marelle.places.selectors import calendar_knows

ACTIVITY, RULE, WAVE, ABSENCE, NEED = "activity", "rule", "wave", "absence", "need"
BOUND, CONDITION, KEPT = "bound", "condition", "kept"
MUST: Final = frozenset({"first_day", "last_day", "since", "opens_at", "bookings_from", "release_at"})
"""Dates that nothing goes without."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A date of an activity, of one of its rules, for bookings, absences or how much may be booked, of a
    wave, of places kept, or of a paper that it asks for.

    `of` is the slot, the audience, the bound, the places or the paper that it is about, "" for the activity.
    `before` and `after` are days, or instants; None where there is none.
    """

    owner: str
    id: int
    field: str
    of: str
    before: date | None
    after: date | None

    @property
    def key(self) -> str:
        return f"{self.owner}-{self.id}-{self.field}"

    @property
    def is_instant(self) -> bool:
        return self.field.endswith("_at")


@dataclass(frozen=True, slots=True)
class Preview:
    """What copying would do. `there` is the activity that stands in the way, if any; `outings` those that are
    left behind; `calendar_known`: the openings can be generated at once."""

    activity: Activity
    school_year: int
    name: str
    there: Activity | None
    dates: tuple[Moved, ...]
    groups: tuple[str, ...]
    slots: tuple[str, ...]
    bundles: tuple[str, ...]
    gauges: tuple[tuple[int, str], ...]
    papers: tuple[str, ...]
    questions: tuple[str, ...]
    outings: tuple[tuple[date, str], ...]
    calendar_known: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A copy to make: its name, and its dates by the key of `Moved`."""

    activity_id: int
    name: str
    dates: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A copy made. `openings` is None where the calendar is not known; `bundles_short` lack openings."""

    activity: Activity
    openings: int | None
    bundles_short: tuple[str, ...]


def copies_preview(actor: Actor, activity_ids: Sequence[int]) -> list[Preview]:
    """In the order of the activities. Raises NotYours when one of them is out of the actor's reach."""
    rows = kept_by(actor, Activity).filter(pk__in=activity_ids).select_related("structure", "calendar")
    found = list(rows.order_by("structure__order", "structure__name", "order", "name", "pk"))
    if len(found) != len(set(activity_ids)):
        raise NotYours
    return [_preview(activity) for activity in found]


@transaction.atomic
def activities_copy(*, actor: Actor, wanted: Sequence[Wanted], now: datetime) -> list[Made]:
    """Make all the copies, or none; openings are generated where the calendar of the year is known.

    Raises NotYours, NotPossible or CopyRefused, with `activity_id` in its data.
    """
    previews = {row.activity.pk: row for row in copies_preview(actor, [one.activity_id for one in wanted])}
    made = []
    for one in sorted(wanted, key=lambda one: one.activity_id):
        try:
            made.append(_made(actor, previews[one.activity_id], one, now))
        except No as refusal:
            refusal.data["activity_id"] = one.activity_id
            raise
    return made


def _preview(activity: Activity) -> Preview:
    year = school_year_of(activity.first_day) + 1
    slots = list(activity.slots.order_by("order", "pk").prefetch_related("draws__gauge"))
    gauges = {draw.gauge_id: draw.gauge.name for slot in slots for draw in slot.draws.all()}
    outings = Opening.objects.filter(activity=activity, slot__one_off=True).order_by("day", "pk")
    name = next_name(activity.name, year)
    needs = needs_of_activity(activity.pk)
    return Preview(
        activity=activity,
        school_year=year,
        name=name[: Activity._meta.get_field("name").max_length],
        there=copy_there(activity, name),
        dates=_dates(activity, _calendar(activity, year), {slot.pk: slot.name for slot in slots}),
        groups=tuple(activity.groups.order_by("min_age_months", "pk").values_list("name", flat=True)),
        slots=tuple(slot.name for slot in slots),
        bundles=tuple(next_name(bundle.name, year) for bundle in activity.bundles.order_by("pk")),
        gauges=tuple(gauges.items()),
        papers=tuple(need.paper_type.title for need in needs),
        questions=tuple(activity.questions.order_by("order", "pk").values_list("text", flat=True)),
        outings=tuple((row.day, row.title) for row in outings),
        calendar_known=calendar_knows(activity.calendar_id, year),
    )


def _calendar(activity: Activity, school_year: int) -> CalendarFacts:
    """The activity's calendar; the year that it does not know yet is read from the library, to move dates."""
    facts = activity_facts({activity.pk: activity.revision})[activity.pk].calendar
    if calendar_knows(activity.calendar_id, school_year):
        return facts
    try:
        return replace(
            facts, spans=(*facts.spans, *library_spans(zone_of(activity.calendar.zone), school_year))
        )
    except UnknownSchoolYearError:
        return facts


def _dates(activity: Activity, calendar: CalendarFacts, slots: Mapping[int, str]) -> tuple[Moved, ...]:
    found = [_moved(ACTIVITY, activity, name, "", calendar) for name in ACTIVITY_DATES]
    new_first_day = found[0].after or activity.first_day
    every = (RULE, BookingRule.objects.with_waves()), (ABSENCE, AbsenceRule.objects.all())
    for owner, all_rows in every:
        rows = {row.pk: row for row in all_rows.filter(activity=activity)}
        for pk, (since, until) in _spans(activity, rows.values(), calendar, new_first_day).items():
            row = rows[pk]
            of = slots.get(row.slot_id, "") if row.slot_id else ""
            found.append(Moved(owner, pk, "since", of, row.since, since))
            found.append(Moved(owner, pk, "until", of, row.until, until))
            if isinstance(row, BookingRule):
                found += [_moved(RULE, row, name, of, calendar) for name in RULE_DATES[2:]]
                found += [_wave(wave, of, calendar) for wave in row.waves.all()]
    found += _bounds(activity, calendar, slots, new_first_day)
    for need in needs_of_activity(activity.pk):
        found.append(_moved(NEED, need, "bookings_from", need.paper_type.title, calendar))
    asked = {"requests_open_at", "requests_close_at"}
    return tuple(line for line in found if line.before is not None or line.field in asked)


def _spans(
    activity: Activity,
    rows: Iterable[BookingRule | AbsenceRule],
    calendar: CalendarFacts,
    new_first_day: date,
) -> dict[int, tuple[date, date | None]]:
    return moved_rules(
        [RuleSpan(row.pk, row.slot_id, row.since, row.until, frozenset(row.weekdays)) for row in rows],
        calendar,
        first_day=activity.first_day,
        last_day=activity.last_day,
        new_first_day=new_first_day,
    )


def _bounds(
    activity: Activity, calendar: CalendarFacts, slots: Mapping[int, str], new_first_day: date
) -> list[Moved]:
    """Each counts by itself, whatever the others: none of them has replaced another."""
    bounds = {
        row.pk: (row, bound_label(row.as_bound(), slots))
        for row in BookingBound.objects.filter(activity=activity).prefetch_related("slots")
    }
    conditions = {
        row.pk: (row, condition_label(row.as_condition(), slots))
        for row in BookingCondition.objects.filter(activity=activity).prefetch_related("slots", "schools")
    }
    kept = {
        row.pk: (row, kept_name(row.name, row.places)) for row in KeptPlaces.objects.filter(activity=activity)
    }
    found = []
    every: tuple[tuple[str, Mapping[int, tuple[BookingBound | BookingCondition | KeptPlaces, str]]], ...]
    every = ((BOUND, bounds), (CONDITION, conditions), (KEPT, kept))
    for owner, rows in every:
        spans = moved_rules(
            [RuleSpan(pk, pk, row.since, row.until) for pk, (row, _of) in rows.items()],
            calendar,
            first_day=activity.first_day,
            last_day=activity.last_day,
            new_first_day=new_first_day,
        )
        for pk, (since, until) in spans.items():
            row, of = rows[pk]
            found.append(Moved(owner, pk, "since", of, row.since, since))
            found.append(Moved(owner, pk, "until", of, row.until, until))
            if isinstance(row, KeptPlaces):
                found.append(_moved(KEPT, row, "release_at", of, calendar))
    return found


def _wave(wave: BookingWave, of: str, calendar: CalendarFacts) -> Moved:
    """When bookings open to an audience, where it is an instant."""
    told = " · ".join(filter(None, (of, audience_label(wave.as_wave().audience))))
    after = moved_instant(wave.at, calendar) if wave.at else None
    return Moved(WAVE, wave.pk, "opens_at", told, wave.at, after)


def _moved(owner: str, row: Any, name: str, of: str, calendar: CalendarFacts) -> Moved:
    before = getattr(row, name)
    if before is None:
        return Moved(owner, row.pk, name, of, None, None)
    if isinstance(before, datetime):
        return Moved(owner, row.pk, name, of, before, moved_instant(before, calendar))
    if name == "age_day":
        return Moved(owner, row.pk, name, of, before, _same_date(before))
    return Moved(owner, row.pk, name, of, before, moved_day(before, calendar))


def _same_date(day: date) -> date:
    """Ages are counted on a date: the same a year later, 1 March for a 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


def _made(actor: Actor, preview: Preview, wanted: Wanted, now: datetime) -> Made:
    def chosen(line: Moved) -> Any:
        return wanted.dates.get(line.key, line.after)

    lines = preview.dates
    values = {line.field: chosen(line) for line in lines if line.owner == ACTIVITY}
    dated: dict[str, dict[int, dict[str, Any]]]
    dated = {RULE: {}, ABSENCE: {}, BOUND: {}, CONDITION: {}, KEPT: {}}
    for line in lines:
        if line.owner in dated:
            dated[line.owner].setdefault(line.id, {"until": None})[line.field] = chosen(line)
    copied = activity_copy(
        actor=actor,
        activity_id=preview.activity.pk,
        values={"name": wanted.name, **values},
        rules=dated[RULE],
        absences=dated[ABSENCE],
        bounds=dated[BOUND],
        conditions=dated[CONDITION],
        kept=dated[KEPT],
        opens={line.id: chosen(line) for line in lines if line.owner == WAVE},
        now=now,
    )
    _papers(actor, preview, copied, {line.id: chosen(line) for line in lines if line.owner == NEED}, now)
    known = calendar_knows(copied.activity.calendar_id, school_year_of(copied.activity.first_day))
    if not known:
        return Made(copied.activity, None, preview.bundles)
    generated = openings_generate(
        actor=actor,
        activity_id=copied.activity.pk,
        booked=(),
        from_day=local(now).date() + DAY,
        now=now,
    )
    return Made(copied.activity, generated.created, tuple(_bundles(preview, copied)))


def _papers(
    actor: Actor, preview: Preview, copied: Copy, bookings_from: Mapping[int, date], now: datetime
) -> None:
    for need in needs_of_activity(preview.activity.pk):
        effect = (Effect(need.effect), bookings_from.get(need.pk))
        needs_set(actor=actor, type_id=need.paper_type_id, needs={copied.activity.pk: effect}, now=now)


def _bundles(preview: Preview, copied: Copy) -> list[str]:
    calendar = _calendar(preview.activity, preview.school_year)
    rows = Opening.objects.filter(activity=preview.activity, bundle__isnull=False)
    days = rows.order_by("day").values_list("day", flat=True).distinct()
    return bundles_fill(copied, {day: moved_day(day, calendar) for day in days})
