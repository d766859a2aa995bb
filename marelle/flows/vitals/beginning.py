"""What a portal that begins still lacks before a first child is enrolled, read from its tables alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from marelle.activities.kinds import BookingMode, EnrolmentMode
from marelle.activities.models import Activity, BookingRule, Opening, Slot
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family
from marelle.places.models import Authority, Calendar, Commune, Structure


class Step(StrEnum):
    """In the order in which they are taken: each needs those before it."""

    AUTHORITY = "authority"
    COMMUNE = "commune"
    CALENDAR = "calendar"
    STRUCTURE = "structure"
    ACTIVITY = "activity"
    FAMILY = "family"


class Lack(StrEnum):
    """What of a step is missing. All but the first: of an activity that is there, or of a home that is."""

    WHOLE = "whole"
    SLOT = "slot"
    RULE = "rule"
    OPENINGS = "openings"
    ENROLMENT = "enrolment"


BOOKED_ONLINE: Final = (BookingMode.PARENT, BookingMode.VALIDATED, BookingMode.ACCOMPANIED)
"""Where nothing is booked before a deadline says until when."""


NEEDS: Final[Mapping[Step, frozenset[Step]]] = {
    Step.AUTHORITY: frozenset(),
    Step.COMMUNE: frozenset({Step.AUTHORITY}),
    Step.CALENDAR: frozenset({Step.AUTHORITY}),
    Step.STRUCTURE: frozenset({Step.AUTHORITY, Step.COMMUNE}),
    Step.ACTIVITY: frozenset({Step.STRUCTURE, Step.CALENDAR}),
    Step.FAMILY: frozenset({Step.ACTIVITY}),
}
"""What is done before a step can be taken."""


@dataclass(frozen=True, slots=True)
class Begun:
    """One step: `lack` is None once it is done, and it `is_open` once it can be taken. `row_id` leads to what
    it is missing of, or where it goes: the authority of a first structure, the activity."""

    step: Step
    lack: Lack | None
    row_id: int | None = None
    is_open: bool = True


def beginning(*, day: date) -> tuple[Begun, ...]:
    """The steps of a portal that begins; () once they are all done. One query where a child is enrolled,
    eight at most where none is."""
    if Enrolment.objects.order_by().values_list("pk", flat=True).exists():
        return ()
    authority_id = Authority.objects.order_by("pk").values_list("pk", flat=True).first()
    found = (
        Begun(Step.AUTHORITY, _whole(authority_id is not None)),
        Begun(Step.COMMUNE, _whole(Commune.objects.exists())),
        Begun(Step.CALENDAR, _whole(Calendar.objects.exists())),
        Begun(Step.STRUCTURE, _whole(Structure.objects.exists()), authority_id),
        _activity(day),
        _family(),
    )
    done = {one.step for one in found if one.lack is None}
    if len(done) == len(found):
        return ()
    return tuple(replace(one, is_open=NEEDS[one.step] <= done) for one in found)


def _whole(is_there: bool) -> Lack | None:
    return None if is_there else Lack.WHOLE


def _activity(day: date) -> Begun:
    """Of several, the one that lacks least."""
    rows: QuerySet[Activity, tuple[int, str, bool, bool, bool]] = (
        Activity.objects.filter(last_day__gte=day)
        .annotate(
            has_slot=Exists(Slot.objects.filter(activity=OuterRef("pk"))),
            has_rule=Exists(BookingRule.objects.filter(activity=OuterRef("pk"))),
            opens=Exists(Opening.objects.filter(activity=OuterRef("pk"), day__gte=day)),
        )
        .order_by("pk")
        .values_list("pk", "booking_mode", "has_slot", "has_rule", "opens")
    )
    lacks = [
        (_lack(has_slot, has_rule or mode not in BOOKED_ONLINE, opens), pk)
        for pk, mode, has_slot, has_rule, opens in rows
    ]
    if not lacks:
        return Begun(Step.ACTIVITY, Lack.WHOLE)
    order = [None, Lack.OPENINGS, Lack.RULE, Lack.SLOT]
    lack, pk = min(lacks, key=lambda one: order.index(one[0]))
    return Begun(Step.ACTIVITY, lack, pk)


def _lack(has_slot: bool, has_rule: bool, opens: bool) -> Lack | None:
    if not has_slot:
        return Lack.SLOT
    if not has_rule:
        return Lack.RULE
    return None if opens else Lack.OPENINGS


def _family() -> Begun:
    """Where no activity enrols, a home is enough."""
    if not Family.objects.exists():
        return Begun(Step.FAMILY, Lack.WHOLE)
    enrols = Activity.objects.exclude(enrolment_mode=EnrolmentMode.NONE).exists()
    return Begun(Step.FAMILY, Lack.ENROLMENT if enrols else None)
