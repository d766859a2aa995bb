"""What the pages of mismatches read: those of a home, and one whose answer waits on the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from marelle.attendance.mismatch_rules import ANSWERED_WITHIN
from marelle.attendance.mismatches import KIND, SUBJECT, mismatches_in_charge
from marelle.attendance.models import Call, Mismatch, Tick
from marelle.cases.models import Case
from marelle.cases.selectors import cases_about
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.families.scope import is_own_file
from marelle.families.selectors import children, members


@dataclass(frozen=True, slots=True)
class HomeMismatch:
    """`may_answer`: nothing was said of it yet, and the actor books for that child."""

    row: Mismatch
    may_answer: bool
    declared: bool


@dataclass(frozen=True, slots=True)
class MismatchToSettle:
    """An answer as who answers for the structure sees it, with what was ticked and how the call stands."""

    row: Mismatch
    ticks: tuple[Tick, ...]
    call: Call | None
    case: Case | None
    own_file: bool


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
    """One that its home answered, settled or not; None when it is out of the actor's reach."""
    row = (
        mismatches_in_charge(actor)
        .exclude(answer="")
        .filter(pk=mismatch_id)
        .select_related(
            "child", "family", "opening__slot", "opening__group", "opening__activity__structure", "booking"
        )
        .first()
    )
    if row is None:
        return None
    ticks = Tick.objects.filter(opening_id=row.opening_id, child_id=row.child_id)
    return MismatchToSettle(
        row=row,
        ticks=tuple(ticks.select_related("tablet").order_by("at", "pk")),
        call=Call.objects.filter(opening_id=row.opening_id).first(),
        case=cases_about(kind=KIND, subject_kind=SUBJECT, subject_ids=[row.pk]).get(row.pk),
        own_file=is_own_file(actor, family_id=row.family_id, person_id=row.child_id, day=local(now).date()),
    )


def _of_home(row: Mismatch, *, may_book: bool) -> HomeMismatch:
    declared = row.booking is not None and hasattr(row.booking, "absence")
    silent = not (row.answer or row.withdrawn_at or declared)
    return HomeMismatch(row, may_answer=may_book and silent, declared=declared)
