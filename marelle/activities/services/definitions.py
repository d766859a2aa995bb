"""What is offered, written by those who answer for it: structures, activities, and each part of them.

One way for all: a new row of its parent, a row changed from what its form showed, a row taken away when
nothing uses it. What differs from one kind to another is in `PARTS`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import (
    AbsenceRule,
    Activity,
    AgeGroup,
    AwaitedOpening,
    BookingBound,
    BookingCondition,
    BookingRule,
    Gauge,
    GaugeLevel,
    KeptPlaces,
    Opening,
    Question,
    Quota,
    Slot,
    SlotBefore,
    SpanJudged,
    StaffMember,
    StaffPlan,
)
from marelle.activities.services.slot_links import linked_before, slot_links_check
from marelle.activities.services.slots_before import slots_keep, slots_priced
from marelle.cases.models import Case, CaseState
from marelle.cases.services import decide_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.kept import kept_changed
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import NotPossible, Shown, held, row_change, row_fill, rows_delete
from marelle.journal.services import record
from marelle.places.models import Authority, Closure, Post, Structure, StructureContact
from marelle.places.scope import in_charge, in_office, is_office_of, may_decide

Row = TypeVar("Row", bound=models.Model)

LEAST: Final = "least"
"""The kind of a case about spans in which less was booked than the least, see `SpanJudged`."""


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of row. `parent` is the field that leads to what it belongs to, whose model says who may write;
    `verbs` are the acts of adding, changing and removing."""

    kind: str
    parent: str
    verbs: tuple[str, str, str]


PARTS: Final[Mapping[type[models.Model], Part]] = {
    Structure: Part("structure", "authority", ("structure.added", "structure.changed", "structure.removed")),
    StructureContact: Part(
        "structure_contact",
        "structure",
        ("structure.contact_added", "structure.contact_changed", "structure.contact_removed"),
    ),
    Activity: Part("activity", "structure", ("activity.added", "activity.changed", "activity.removed")),
    AgeGroup: Part("age_group", "activity", ("age_group.added", "age_group.changed", "age_group.removed")),
    Slot: Part("slot", "activity", ("slot.added", "slot.changed", "slot.removed")),
    BookingBound: Part(
        "booking_bound",
        "activity",
        ("booking_bound.added", "booking_bound.changed", "booking_bound.removed"),
    ),
    BookingCondition: Part(
        "booking_condition",
        "activity",
        ("booking_condition.added", "booking_condition.changed", "booking_condition.removed"),
    ),
    KeptPlaces: Part(
        "kept_places", "activity", ("kept_places.added", "kept_places.changed", "kept_places.removed")
    ),
    AwaitedOpening: Part(
        "awaited_opening",
        "activity",
        ("awaited_opening.added", "awaited_opening.changed", "awaited_opening.removed"),
    ),
    Question: Part("question", "activity", ("question.added", "question.changed", "question.removed")),
    Gauge: Part("gauge", "structure", ("gauge.added", "gauge.changed", "gauge.removed")),
    StaffMember: Part(
        "staff_member", "structure", ("staff_member.added", "staff_member.changed", "staff_member.removed")
    ),
}


def kept_by(actor: Actor, model: type[Row]) -> QuerySet[Row]:
    """The rows of a kind that the actor may write, with their parent."""
    if not may_decide(actor):
        return model._default_manager.none()
    return model._default_manager.filter(_within(actor, model)).select_related(PARTS[model].parent)


def parents_kept_by(actor: Actor, model: type[models.Model]) -> QuerySet[Any]:
    """What the actor may give a new row of this kind to: authorities, structures or activities."""
    parent = model._meta.get_field(PARTS[model].parent).related_model
    if not may_decide(actor):
        return parent._default_manager.none()  # type: ignore[union-attr]
    return parent._default_manager.filter(_of_parent(actor, parent, ""))  # type: ignore[union-attr]


@transaction.atomic
def part_add(
    *,
    actor: Actor,
    model: type[Row],
    parent_id: int,
    values: Mapping[str, Any],
    alike: Q | None = None,
    now: datetime,
) -> Row:
    """A new row of `parent_id`; the one that is there already, where all is the same: a form sent again adds
    nothing. `alike` says what else is the same of such a row. Raises NotYours or NotPossible."""
    parents = parents_kept_by(actor, model).select_for_update(no_key=True, of=("self",))
    parent = parents.filter(pk=parent_id).first()
    if parent is None:
        raise NotYours
    part = PARTS[model]
    row = model(**{part.parent: parent})
    _own_slots_check(actor, row, values)
    twins = model._default_manager.filter(alike or Q(), **{part.parent: parent})
    if (twin := _twin(twins, values)) is not None:
        return twin
    row_fill(row, _dated(row, values, now))
    _follow(row)
    record(actor=actor, verb=part.verbs[0], subject=subject_of(row), data={"of": str(parent)}, now=now)
    return row


@transaction.atomic
def part_change(
    *,
    actor: Actor,
    model: type[Row],
    pk: int,
    changes: Mapping[str, Any],
    seen: Shown | None = None,
    now: datetime,
) -> tuple[str, ...]:
    """Change fields of a row from what its form showed. Returns the names of those that changed.

    Raises NotYours, ChangedMeanwhile or NotPossible. Who decides is the office's to say. Openings follow a
    slot, a group or a calendar only once they are generated; ages and groups move no child. Prices of days
    that are gone stand on the slots as they were.
    """
    row = _locked(actor, model, pk)
    _own_slots_check(actor, row, changes)
    _offices_alone(actor, row, changes)
    before, priced = linked_before(row), slots_priced(row)
    changed = row_change(row, changes, subject=subject_of(row), seen=seen)
    if changed:
        row_fill(row, _dated(row, {}, now))
        _follow(row, before)
        slots_keep(priced, slots_priced(row), day=local(now).date())
        verb = PARTS[model].verbs[1]
        record(actor=actor, verb=verb, subject=subject_of(row), data={"fields": list(changed)}, now=now)
    return changed


@transaction.atomic
def part_remove(*, actor: Actor, model: type[Row], pk: int, now: datetime) -> None:
    """Take a row away when nobody uses it, with the openings that nobody ever booked.

    Raises NotYours, or InUse. The caller holds the locks of every save on `openings_of_part`: who books
    meanwhile is either seen, or finds nothing to book.
    """
    row = _locked(actor, model, pk, removed=True)
    subject = subject_of(row)
    openings = openings_of_part(actor, model, pk)
    rows = model._default_manager.filter(pk=pk)
    before = linked_before(row)
    if isinstance(row, Gauge):
        unused = Quota.objects.filter(gauge=row, openings=None, taken=0)
        rows_delete(unused, rows)
    elif isinstance(row, BookingBound):
        judged = SpanJudged.objects.filter(bound=row)
        for case in Case.objects.open().filter(kind=LEAST, subject_id__in=judged.values("pk")).order_by("pk"):
            decide_case(actor=actor, case_id=case.pk, state=CaseState.WITHDRAWN, now=now)
        rows_delete(judged, rows)
    else:
        rows_delete(openings, rows, lost=_lost_with(row, day=local(now).date()))
    _follow(row, before)
    record(actor=actor, verb=PARTS[model].verbs[2], subject=subject, now=now)


@transaction.atomic
def gauge_add(
    *, actor: Actor, structure_id: int, values: Mapping[str, Any], since: date, capacity: int, now: datetime
) -> Gauge:
    """A gauge with its first capacity; the next ones are dated. Raises what `part_add` raises."""
    level = Q(levels__since=since, levels__capacity=capacity)
    gauge = part_add(actor=actor, model=Gauge, parent_id=structure_id, values=values, alike=level, now=now)
    if not gauge.levels.exists():
        row_fill(GaugeLevel(gauge=gauge), {"since": since, "capacity": capacity})
    return gauge


def subject_of(row: models.Model) -> Subject:
    """What the journal and a stale form know the row by. Who works somewhere is named in the register alone:
    the journal outlives it."""
    if isinstance(row, StaffMember):
        return Subject(PARTS[StaffMember].kind, row.pk, row.structure.name)
    return Subject(PARTS[type(row)].kind, row.pk, str(row))


def _within(actor: Actor, model: type[models.Model]) -> Q:
    part = PARTS[model]
    return _of_parent(actor, model._meta.get_field(part.parent).related_model, f"{part.parent}__")


def _of_parent(actor: Actor, parent: Any, prefix: str) -> Q:
    if parent is Authority:
        return in_office(actor, prefix)
    return in_charge(actor, prefix if parent is Structure else f"{prefix}structure__")


def _locked(actor: Actor, model: type[Row], pk: int, *, removed: bool = False) -> Row:
    """A row that is to be removed is locked whole: who leads to it meanwhile is counted, or waits."""
    rows = kept_by(actor, model).select_for_update(no_key=not removed, of=("self",))
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotYours
    return row


def _twin(rows: QuerySet[Row], values: Mapping[str, Any]) -> Row | None:
    """The row that holds all these values already."""
    many = {field.name for field in rows.model._meta.many_to_many}
    alone = {name: value for name, value in values.items() if name not in many}
    wanted = {name: sorted(other.pk for other in values[name]) for name in many.intersection(values)}
    return next((row for row in rows.filter(**alone).order_by("pk") if held(row, wanted) == wanted), None)


def _follow(row: models.Model, linked: Collection[int] = ()) -> None:
    """What is kept in processes of the activities that the row defines is read again, and of those `linked`
    to it before it changed."""
    if isinstance(row, Structure | StructureContact):
        kept_changed()
    if isinstance(row, Structure):
        definition_changed(Activity.objects.filter(structure=row))
    elif isinstance(row, Activity):
        definition_changed(Activity.objects.filter(pk__in={row.pk, *linked}))
    elif isinstance(row, AgeGroup | Slot | Question | BookingBound | BookingCondition | KeptPlaces):
        definition_changed(Activity.objects.filter(pk__in={row.activity_id, *linked}))


def openings_of_part(actor: Actor, model: type[models.Model], pk: int) -> QuerySet[Opening]:
    """The openings that go with a row that the actor may write; none for what has none."""
    leads = {Activity: "activity", Slot: "slot", AgeGroup: "group"}
    if model not in leads:
        return Opening.objects.none()
    rows = kept_by(actor, model).filter(pk=pk)
    return Opening.objects.filter(**{f"{leads[model]}__in": rows.values("pk")})


def _lost_with(row: models.Model, *, day: date) -> tuple[QuerySet[Any], ...]:
    """What would go with a row, or change, without anybody having asked: the posts of those who work in a
    structure, its closures, its staff and the adults planned there, what other slots ask of a slot or hold of
    it, or of those of an activity, its own rules of booking and absence that are not over, what counts it and
    the adults planned for it."""
    if isinstance(row, Structure):
        return (
            Post.objects.filter(structure=row),
            Closure.objects.filter(structure=row),
            StaffPlan.objects.filter(structure=row),
            StaffMember.objects.filter(structure=row),
        )
    if isinstance(row, Activity):
        return (Slot.objects.filter(requires__activity=row).exclude(activity=row).distinct(),)
    if isinstance(row, Slot):
        return (
            Slot.objects.filter(Q(requires=row) | Q(includes=row)).distinct(),
            BookingRule.objects.filter(Q(until=None) | Q(until__gte=day), slot=row),
            BookingBound.objects.filter(slots=row),
            BookingCondition.objects.filter(slots=row),
            AbsenceRule.objects.filter(Q(until=None) | Q(until__gte=day), slot=row),
            StaffPlan.objects.filter(slot=row),
            SlotBefore.objects.filter(parts=row).exclude(slot=row),
        )
    return ()


def _offices_alone(actor: Actor, row: models.Model, changes: Mapping[str, Any]) -> None:
    if not isinstance(row, Activity) or changes.get("decided_by", row.decided_by) == row.decided_by:
        return
    if not is_office_of(actor, row.structure.authority_id):
        raise NotYours


def _dated(row: models.Model, values: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """With since when the row says what it says, where that counts."""
    return {**values, "set_at": now} if isinstance(row, BookingBound) else values


def _own_slots_check(actor: Actor, row: models.Model, values: Mapping[str, Any]) -> None:
    """What counts slots counts those of its activity, and keeps places of their gauges; a slot may be linked
    to others too."""
    if isinstance(row, Slot):
        slot_links_check(actor, row, values)
        return
    if isinstance(row, KeptPlaces):
        gauge = values.get("gauge", row.gauge_id and row.gauge)
        if gauge.pk != row.gauge_id and not gauge.draws.filter(slot__activity=row.activity_id).exists():
            raise NotPossible({"gauge": [gettext("Choisissez une jauge de cette activité.")]})
    if isinstance(row, BookingBound | BookingCondition) and any(
        other.activity_id != row.activity_id for other in values.get("slots", ())
    ):
        raise NotPossible({"slots": [gettext("Choisissez des créneaux de cette activité.")]})
