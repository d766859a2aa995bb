"""What of a structure closes: all of it, or an activity, a group, a slot, a school, on one day or several.

For a school, what serves it alone closes. What others use too stays open: the bookings of its pupils end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.activities.models import Activity, Opening, Slot
from marelle.bookings.closing.services import of_pupils
from marelle.bookings.models import Booking
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.enrolments.models import Enrolment
from marelle.families.models import Schooling
from marelle.families.selectors import at_school
from marelle.places.models import Closure, School, Structure
from marelle.places.rules import school_year_of
from marelle.places.scope import in_charge, may_decide
from marelle.relay.closing import visits_on

MOST_DAYS = 62
"""Days closed in one action, both ends included: two months of works. Longer is another calendar."""


class ClosingRefused(Refusal):
    """`code`: "past_day", "bad_span", "too_long", "no_reason", "moved" (what was shown has
    changed), "nothing_open" (also what is closed already), "no_pupil" (nothing serves the school alone, and
    nobody of it is booked), "held" (a booking, or an opening made by hand, is there), or "undone"."""


class Part(StrEnum):
    """By what a closing is narrowed."""

    ACTIVITY = "activity"
    GROUP = "group"
    SLOT = "slot"
    SCHOOL = "school"
    OPENING = "opening"


NARROWED = {
    Part.ACTIVITY: "activity_id",
    Part.GROUP: "group_id",
    Part.SLOT: "slot_id",
    Part.OPENING: "pk",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Days of a structure, both included; all that it holds then, or only one `part` of it, by its id."""

    structure_id: int
    first_day: date
    last_day: date
    part: Part | None = None
    part_id: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One part that may close alone."""

    part: Part
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Reached:
    """What a target reaches: the openings that close, and those `shared` with other schools, which stay open
    and where only the pupils of `school_id` lose their bookings."""

    closing: tuple[Opening, ...]
    shared: tuple[Opening, ...] = ()
    school_id: int = 0

    @property
    def closing_ids(self) -> list[int]:
        return [opening.pk for opening in self.closing]

    @property
    def shared_ids(self) -> list[int]:
        return [opening.pk for opening in self.shared]

    @property
    def is_required(self) -> bool:
        """Whether other slots require one of these."""
        return any(opening.is_required for opening in (*self.closing, *self.shared))  # type: ignore[attr-defined]

    @property
    def bookings(self) -> QuerySet[Booking]:
        """What lives of it, waiting ones included."""
        wanted = Q(opening_id__in=self.closing_ids)
        if self.shared:
            wanted |= of_pupils(self.school_id, [(opening.pk, opening.day) for opening in self.shared])
        return Booking.objects.live().filter(wanted)


def closable(actor: Actor) -> QuerySet[Structure]:
    """Structures that the actor answers for, where something opens."""
    if not may_decide(actor):
        return Structure.objects.none()
    held = Opening.objects.filter(activity__structure_id=OuterRef("pk"))
    return Structure.objects.filter(in_charge(actor), Exists(held))


def parts_of(target: Target) -> list[Choice]:
    """What of the structure may close alone on these days, in order; at most two queries."""
    rows = (
        _openings(target)
        .order_by("activity__order", "activity__name", "slot__order", "slot_id", "group__min_age_months")
        .values_list("activity_id", "activity__name", "slot_id", "slot__name", "group_id", "group__name")
        .distinct()
    )
    found: dict[Part, dict[int, str]] = {part: {} for part in (Part.ACTIVITY, Part.GROUP, Part.SLOT)}
    for activity_id, activity, slot_id, slot, group_id, group in rows:
        found[Part.ACTIVITY][activity_id] = activity
        found[Part.SLOT][slot_id] = f"{activity} · {slot}"
        if group_id is not None:
            found[Part.GROUP][group_id] = f"{activity} · {group}"
    found[Part.SCHOOL] = _schools(target, found[Part.ACTIVITY]) if found[Part.ACTIVITY] else {}
    return [Choice(part, pk, name) for part, names in found.items() for pk, name in names.items()]


def _schools(target: Target, activity_ids: Iterable[int]) -> dict[int, str]:
    """Schools that these activities serve, or that a child enrolled in one of them goes to, by name."""
    ids = list(activity_ids)
    enrolled = Enrolment.objects.filter(
        activity_id__in=ids,
        state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ENDED),
        starts_on__lte=target.last_day,
        ends_on__gte=target.first_day,
    )
    attended = Schooling.objects.filter(
        at_school(target.first_day),
        child_id__in=enrolled.values("person_id"),
        school_year__in={school_year_of(target.first_day), school_year_of(target.last_day)},
    )
    served = Activity.schools.through.objects.filter(activity_id__in=ids)
    rows = School.objects.filter(
        Q(pk__in=served.values("school_id")) | Q(pk__in=attended.values("school_id"))
    )
    return dict(rows.order_by("name", "pk").values_list("pk", "name"))


def reached(target: Target, *, now: datetime) -> Reached:
    """What is open of the target and has not begun, with slot, group and activity; one query."""
    rows = _openings(target).filter(state=Opening.State.OPEN, starts_at__gt=now)
    rows = rows.select_related("slot", "group", "activity").order_by("starts_at", "pk")
    asked = Q(pk=OuterRef("slot_id")) | Q(included_in=OuterRef("slot_id"))
    rows = rows.annotate(is_required=Exists(Slot.objects.filter(asked, required_by__isnull=False)))
    if target.part is Part.SCHOOL:
        found = list(rows.annotate(alone=_alone(target.part_id)))
        closing = tuple(row for row in found if row.alone)
        return Reached(closing, tuple(row for row in found if not row.alone), target.part_id)
    if target.part is not None:
        rows = rows.filter(**{NARROWED[target.part]: target.part_id})
    return Reached(tuple(rows))


def reached_checked(found: Reached) -> None:
    """Raises `ClosingRefused` when closing would change nothing."""
    if found.closing or (found.shared and found.bookings.exists()):
        return
    raise ClosingRefused("no_pupil" if found.shared else "nothing_open")


def target_checked(actor: Actor, target: Target, *, now: datetime) -> None:
    """Raises NotYours, or `ClosingRefused` when the days make no sense."""
    if not closable(actor).filter(pk=target.structure_id).exists():
        raise NotYours
    if target.first_day < local(now).date():
        raise ClosingRefused("past_day")
    if target.last_day < target.first_day:
        raise ClosingRefused("bad_span")
    if (target.last_day - target.first_day).days >= MOST_DAYS:
        raise ClosingRefused("too_long", most=MOST_DAYS)


def part_name(target: Target, found: Reached) -> str:
    """What closes, in words; "" for the whole structure."""
    one = next(iter(found.closing or found.shared))
    match target.part:
        case None:
            return ""
        case Part.ACTIVITY:
            return one.activity.name
        case Part.GROUP:
            return f"{one.activity.name} · {one.group}"
        case Part.SCHOOL:
            return str(School.objects.get(pk=target.part_id))
        case Part.SLOT:
            return f"{one.activity.name} · {one.slot.name}"
        case Part.OPENING:
            named = (one.activity.name, one.slot.name, one.title, one.group.name if one.group else "")
            return " · ".join(filter(None, named))


def seen(found: Reached) -> str:
    """A mark of what lives there: another one means that somebody came or left meanwhile."""
    ids = found.closing_ids
    lives = found.bookings.order_by("pk").values_list("pk", flat=True)
    visits = visits_on(ids).order_by("pk").values_list("pk", flat=True)
    text = f"{sorted(ids)}|{list(lives)}|{list(visits)}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def closures(actor: Actor) -> QuerySet[Closure]:
    """Closings of the structures that the actor answers for, undone ones too, with their structure."""
    if not may_decide(actor):
        return Closure.objects.none()
    return Closure.objects.filter(in_charge(actor, "structure__")).select_related("structure")


def closures_to_come(actor: Actor, *, day: date) -> QuerySet[Closure]:
    """Those that hold and are not over on `day`, in order."""
    rows = closures(actor).filter(undone_at=None, last_day__gte=day)
    return rows.order_by("first_day", "structure__order", "pk")


def closures_over(actor: Actor, *, day: date) -> QuerySet[Closure]:
    """Those that are over on `day`, or were undone: the latest first."""
    rows = closures(actor).filter(Q(last_day__lt=day) | Q(undone_at__isnull=False))
    return rows.order_by("-last_day", "-pk")


def _openings(target: Target) -> QuerySet[Opening]:
    activities = Activity.objects.filter(structure_id=target.structure_id).values("pk")
    return Opening.objects.filter(
        activity__in=activities, day__gte=target.first_day, day__lte=target.last_day
    )


def _alone(school_id: int) -> Q:
    """Whether an opening serves that school and no other: the rest stays open for the others."""
    served = Activity.schools.through.objects.filter(activity_id=OuterRef("activity_id"))
    return Q(Exists(served.filter(school_id=school_id))) & ~Q(Exists(served.exclude(school_id=school_id)))
