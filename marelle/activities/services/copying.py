"""An activity copied to the next school year: all that defines it, none of what happened in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, TypeVar

from django.db import models, transaction

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import (
    AbsenceRule,
    Activity,
    BookingBound,
    BookingCondition,
    BookingRule,
    BookingWave,
    Bundle,
    KeptPlaces,
    Opening,
    Slot,
    SlotGauge,
    new_revision,
)
from marelle.activities.next_year import next_name
from marelle.activities.rules import Wave
from marelle.activities.services.absence_rules import delays_write
from marelle.activities.services.booking_rules import waves_write
from marelle.activities.services.definitions import kept_by, subject_of
from marelle.activities.services.slot_links import LINKS
from marelle.core.actor import Actor
from marelle.core.clock import instant_at, local
from marelle.core.refusals import NotYours, Refusal
from marelle.journal.edits import row_fill
from marelle.journal.services import record
from marelle.places.rules import school_year_of

Row = TypeVar("Row", bound=models.Model)

Values = Mapping[str, Any]

ACTIVITY_DATES: Final = ("first_day", "last_day", "age_day", "requests_open_at", "requests_close_at")
AROUND: Final = (*LINKS, "required_by")
RULE_DATES: Final = ("since", "until", "book_at", "cancel_at")


class CopyRefused(Refusal):
    """`code`: "already_copied" (`copy_id`, `name`: the activity that is there), "not_next_year" (the first
    day is not in a later school year) or "not_in_order" (a rule ends before it begins)."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The new activity; `slots`, `groups` and `bundles` give the new id of each old one."""

    activity: Activity
    slots: Mapping[int, int]
    groups: Mapping[int, int]
    bundles: Mapping[int, int]


@transaction.atomic
def activity_copy(
    *,
    actor: Actor,
    activity_id: int,
    values: Values,
    rules: Mapping[int, Values],
    absences: Mapping[int, Values],
    opens: Mapping[int, datetime],
    bounds: Mapping[int, Values],
    conditions: Mapping[int, Values],
    kept: Mapping[int, Values],
    now: datetime,
) -> Copy:
    """Copy an activity under the name and the dates of `values`.

    `rules`, `absences`, `bounds`, `conditions` and `kept` give the dates of each rule of bookings, of
    absences, of how much may be booked, by whom, and of places kept, to copy, by id; `opens` the instant of
    each of the rules' waves that has one; the others are left behind. It draws on the same gauges, and its
    slots are linked to those of other copies as theirs are. Openings, outings among them, enrolments,
    children named for places kept and publications stay with the old one. Raises NotYours, NotPossible or
    CopyRefused, and then nothing is written.
    """
    source = (
        kept_by(actor, Activity).select_for_update(no_key=True, of=("self",)).filter(pk=activity_id).first()
    )
    if source is None:
        raise NotYours
    _refuse_twice(source, values["name"])
    if school_year_of(values["first_day"]) <= school_year_of(source.first_day):
        raise CopyRefused("not_next_year")
    made = _anew(source)
    row_fill(made, {**values, "revision": new_revision(), "copied_from": source})
    made.schools.set(source.schools.all())
    groups = {row.pk: _like(row, {"activity": made}) for row in source.groups.order_by("pk")}
    for question in source.questions.order_by("pk"):
        _like(question, {"activity": made})
    slots = _slots(source, made)
    bundles = _bundles(source, made)
    for draw in SlotGauge.objects.filter(slot__in=slots):
        group = groups[draw.group_id] if draw.group_id else None
        _like(draw, {"slot": slots[draw.slot_id], "group": group})
    _rules(source, made, slots, rules, opens)
    _bounds(source, made, slots, bounds)
    _conditions(source, made, slots, conditions)
    _kept(source, made, kept)
    for row, renewed in _renewed(AbsenceRule.objects.with_delays(), source, made, slots, absences):
        delays_write(renewed, row.as_rule().proofs)
    definition_changed(Activity.objects.filter(pk=made.pk))
    record(actor=actor, verb="activity.copied", subject=subject_of(made), data={"of": source.name}, now=now)
    made.refresh_from_db()
    return Copy(made, _ids(slots), _ids(groups), _ids(bundles))


def copy_there(source: Activity, name: str) -> Activity | None:
    """What stands in the way of a copy: the one made already, or another of that name in the structure."""
    made = models.Q(copied_from=source)
    named = models.Q(structure=source.structure_id, name=name, first_day__gt=source.first_day)
    return Activity.objects.filter(made | named).first()


def bundles_fill(copied: Copy, days: Mapping[date, date]) -> list[str]:
    """Give the copied bundles the generated openings that stand for the old ones; `days` gives the new day of
    each old one. Returns the names of the bundles that lack some, to be completed by hand."""
    there = {
        (row.slot_id, row.group_id, row.day): row for row in Opening.objects.filter(activity=copied.activity)
    }
    filled, short = [], []
    for bundle in Bundle.objects.filter(pk__in=copied.bundles).order_by("pk"):
        rows = list(bundle.openings.all())
        found = [
            there.get(
                (
                    copied.slots[row.slot_id],
                    copied.groups[row.group_id] if row.group_id else None,
                    days[row.day],
                )
            )
            for row in rows
        ]
        for opening in found:
            if opening is not None:
                opening.bundle_id = copied.bundles[bundle.pk]
                filled.append(opening)
        if rows and bundle.alone_at is not None:
            at, moved = local(bundle.alone_at), days[rows[0].day] - rows[0].day
            alone_at = instant_at(at.date() + moved, at.time())
            Bundle.objects.filter(pk=copied.bundles[bundle.pk]).update(alone_at=alone_at)
        if not rows or None in found:
            short.append(Bundle.objects.get(pk=copied.bundles[bundle.pk]).name)
    Opening.objects.bulk_update(filled, ["bundle"], batch_size=1_000)
    return short


def _refuse_twice(source: Activity, name: str) -> None:
    there = copy_there(source, name)
    if there is not None:
        raise CopyRefused("already_copied", copy_id=there.pk, name=there.name)


def _like(row: Row, values: Values) -> Row:
    """Saved as it is, since it was checked when it was written."""
    made = _anew(row)
    for name, value in values.items():
        setattr(made, name, value)
    made.save()
    return made


def _anew(row: Row) -> Row:
    made = copy(row)
    made.pk = None
    made._state = copy(row._state)
    made._state.adding = True
    made._state.fields_cache = {}
    made.__dict__.pop("_prefetched_objects_cache", None)
    return made


def _slots(source: Activity, made: Activity) -> dict[int, Slot]:
    rows = list(source.slots.order_by("pk").prefetch_related(*LINKS, "required_by"))
    slots = {row.pk: _like(row, {"activity": made}) for row in rows}
    there = slots | _twins(
        {other.pk for row in rows for name in AROUND for other in getattr(row, name).all()}
    )
    for row in rows:
        for name in AROUND:
            found = [there[other.pk] for other in getattr(row, name).all() if other.pk in there]
            getattr(slots[row.pk], name).add(*found)
    return slots


def _twins(slot_ids: Collection[int]) -> dict[int, Slot]:
    """The slots that stand for these in the copies of their activities, by their id: of the same name."""
    rows = Slot.objects.filter(activity__copied_from__slots__in=slot_ids)
    named = {(row.activity_id, row.name): row for row in rows.order_by("-pk")}
    of = Slot.objects.filter(pk__in=slot_ids).values_list("pk", "name", "activity__copied_to")
    return {pk: named[copy_id, name] for pk, name, copy_id in of if (copy_id, name) in named}


def _bundles(source: Activity, made: Activity) -> dict[int, Bundle]:
    year = school_year_of(made.first_day)
    return {
        row.pk: _like(row, {"activity": made, "name": next_name(row.name, year), "alone_at": None})
        for row in source.bundles.order_by("pk")
    }


def _rules(
    source: Activity,
    made: Activity,
    slots: Mapping[int, Slot],
    rules: Mapping[int, Values],
    opens: Mapping[int, datetime],
) -> None:
    for row, renewed in _renewed(BookingRule.objects.with_waves(), source, made, slots, rules):
        waves_write(renewed, [_wave(wave, opens.get(wave.pk)) for wave in row.waves.all()])


def _bounds(
    source: Activity, made: Activity, slots: Mapping[int, Slot], bounds: Mapping[int, Values]
) -> None:
    for row in BookingBound.objects.filter(activity=source, pk__in=bounds).order_by("pk"):
        counted = [slots[slot.pk] for slot in row.slots.all()]
        row_fill(_anew(row), {**bounds[row.pk], "activity": made, "slots": counted})


def _conditions(
    source: Activity, made: Activity, slots: Mapping[int, Slot], conditions: Mapping[int, Values]
) -> None:
    for row in BookingCondition.objects.filter(activity=source, pk__in=conditions).order_by("pk"):
        asked, schools = [slots[slot.pk] for slot in row.slots.all()], list(row.schools.all())
        values = {**conditions[row.pk], "activity": made, "slots": asked, "schools": schools}
        row_fill(_anew(row), values)


def _kept(source: Activity, made: Activity, kept: Mapping[int, Values]) -> None:
    for row in KeptPlaces.objects.filter(activity=source, pk__in=kept).order_by("pk"):
        of = {name: list(getattr(row, name).all()) for name in ("communes", "schools")}
        row_fill(_anew(row), {**kept[row.pk], "activity": made, **of})


def _renewed(
    rows: models.QuerySet[Row],
    source: Activity,
    made: Activity,
    slots: Mapping[int, Slot],
    dates: Mapping[int, Values],
) -> Iterator[tuple[Row, Row]]:
    """Each dated row to copy, with its copy. Raises CopyRefused for one that ends before it begins."""
    for row in rows.filter(activity=source, pk__in=dates).order_by("pk"):
        given: Any = dates[row.pk]
        if given["until"] is not None and given["until"] < given["since"]:
            raise CopyRefused("not_in_order")
        renewed, of = _anew(row), row.slot_id  # type: ignore[attr-defined]
        row_fill(renewed, {**given, "activity": made, "slot": slots[of] if of else None})
        yield row, renewed


def _wave(row: BookingWave, at: datetime | None) -> Wave:
    wave = row.as_wave()
    if wave.opens is None or at is None:
        return wave
    return replace(wave, opens=replace(wave.opens, at=at))


def _ids(rows: Mapping[int, models.Model]) -> dict[int, int]:
    return {old: row.pk for old, row in rows.items()}
