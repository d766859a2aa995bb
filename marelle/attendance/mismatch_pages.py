"""What the pages of mismatches read: those of a home, and one whose answer waits on the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, QuerySet

from marelle.attendance.mismatch_rules import ANSWERED_WITHIN, may_correct
from marelle.attendance.mismatches import mismatches_in_charge, rows_answered
from marelle.attendance.models import Call, Mismatch, Tick
from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.families.scope import is_own_file
from marelle.families.selectors import children, members


@dataclass(frozen=True, slots=True)
class HomeMismatch:
    """`may_answer`: nothing was said of it yet, and the actor books for that child."""

    row: Mismatch
    may_answer: bool


@dataclass(frozen=True, slots=True)
class MismatchToSettle:
    """What was answered at once, of a child on a day, as who answers for the structure sees it: `rows` by the
    hour, lifted since or not, with what was ticked, and the calls by opening."""

    rows: tuple[Mismatch, ...]
    ticks: tuple[Tick, ...]
    calls: Mapping[int, Call]
    case: Case
    own_file: bool

    @property
    def first(self) -> Mismatch:
        return self.rows[0]

    @property
    def correctable(self) -> tuple[Mismatch, ...]:
        """Those that the family says are errors, and that still stand."""
        return tuple(row for row in self.rows if may_correct(row.answer) and row.withdrawn_at is None)


def mismatches_of_home(actor: Actor, *, now: datetime) -> tuple[HomeMismatch, ...]:
    """Those of the last month, of the children whom the actor may see; two queries."""
    if actor.family_id is None:
        return ()
    day = local(now).date()
    home = {child.id: child for child in children(actor, day=day)}
    rows = Mismatch.objects.filter(
        family_id=actor.family_id, child_id__in=home, day__gte=day - ANSWERED_WITHIN
    ).select_related("child", "opening__slot", "opening__activity__structure", "booking__absence")
    return tuple(_of_home(row, may_book=home[row.child_id].may_book) for row in rows)


def mismatches_waiting(actor: Actor, *, day: date, since: date) -> QuerySet[Mismatch]:
    """Of which the actor's home has still to say something."""
    return Mismatch.objects.to_answer().filter(
        family_id=actor.home_id,
        day__gte=since,
        child__memberships__in=members(actor, day=day),
    )


def mismatch_to_settle(actor: Actor, mismatch_id: int, *, now: datetime) -> MismatchToSettle | None:
    """The answer whose case is about this one, settled or not; None when it is out of the actor's reach."""
    asked = (
        mismatches_in_charge(actor).filter(pk=mismatch_id, case__subject_id=F("pk")).select_related("case")
    )
    case = next((row.case for row in asked), None)
    found = rows_answered(case.pk) if case else Mismatch.objects.none()
    rows = tuple(
        found.select_related(
            "child", "family", "opening__slot", "opening__group", "opening__activity__structure", "booking"
        ).order_by("opening__starts_at", "pk")
    )
    if case is None or not rows:
        return None
    one = rows[0]
    opening_ids = [row.opening_id for row in rows]
    ticks = Tick.objects.filter(opening_id__in=opening_ids, child_id=one.child_id)
    return MismatchToSettle(
        rows=rows,
        ticks=tuple(ticks.select_related("tablet").order_by("opening__starts_at", "at", "pk")),
        calls={call.opening_id: call for call in Call.objects.filter(opening_id__in=opening_ids)},
        case=case,
        own_file=is_own_file(actor, family_id=one.family_id, person_id=one.child_id, day=local(now).date()),
    )


def _of_home(row: Mismatch, *, may_book: bool) -> HomeMismatch:
    return HomeMismatch(row, may_answer=may_book and row.is_to_answer)
