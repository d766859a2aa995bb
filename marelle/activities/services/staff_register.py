"""The register of who works in a structure: somebody is added, changed, removed, or kept for another year.

Whoever is planned on a day that its dates leave out is planned there no more, and the number with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q

from marelle.activities.models import StaffMember, StaffPlan
from marelle.activities.services.definitions import kept_by, part_change, subject_of
from marelle.activities.services.staff import structure_locked
from marelle.core.actor import SYSTEM, Actor
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import Shown
from marelle.journal.services import Act, record, record_many
from marelle.places.rules import school_year_days

PURGED_AT_ONCE: Final = 500


@transaction.atomic
def staff_member_change(
    *, actor: Actor, pk: int, changes: Mapping[str, Any], seen: Shown | None = None, now: datetime
) -> tuple[str, ...]:
    """Change somebody of the register. Returns the fields that changed. Raises what `part_change` raises."""
    _structure_of(actor, pk)
    changed = part_change(actor=actor, model=StaffMember, pk=pk, changes=changes, seen=seen, now=now)
    row = StaffMember.objects.get(pk=pk)
    _unplanned(row, Q(day__lt=row.first_day) | Q(day__gt=row.last_day))
    return changed


@transaction.atomic
def staff_member_remove(*, actor: Actor, pk: int, today: date, now: datetime) -> None:
    """Take somebody off the register: of days that are over the number stays. Raises NotYours."""
    _structure_of(actor, pk)
    row = kept_by(actor, StaffMember).get(pk=pk)
    _unplanned(row, Q(day__gte=today))
    record(actor=actor, verb="staff_member.removed", subject=subject_of(row), now=now)
    row.delete()


@transaction.atomic
def staff_carry(
    *, actor: Actor, structure_id: int, members: Collection[int], school_year: int, now: datetime
) -> int:
    """Keep these people until the end of a school year. Returns how many were not so already.
    Raises NotYours."""
    structure = structure_locked(actor, structure_id)
    last = school_year_days(school_year)[1]
    rows = StaffMember.objects.filter(structure=structure, pk__in=members)
    if rows.count() != len(members):
        raise NotYours
    kept = rows.filter(last_day__lt=last).update(last_day=last)
    if kept:
        subject = Subject("structure", structure.pk, structure.name)
        record(actor=actor, verb="staff_member.carried", subject=subject, data={"year": school_year}, now=now)
    return kept


def members_purge(*, before: date, now: datetime) -> int:
    """Delete who worked somewhere until before a day. The journal says of which structure, and of nobody."""
    rows = StaffMember.objects.filter(last_day__lt=before).select_related("structure").order_by("pk")
    gone = list(rows[:PURGED_AT_ONCE])
    if not gone:
        return 0
    StaffMember.objects.filter(pk__in=[row.pk for row in gone], last_day__lt=before).delete()
    return record_many(
        actor=SYSTEM, acts=[Act("staff_member.purged", subject_of(row)) for row in gone], now=now
    )


def _structure_of(actor: Actor, pk: int) -> None:
    structure_id = kept_by(actor, StaffMember).filter(pk=pk).values_list("structure_id", flat=True).first()
    if structure_id is None:
        raise NotYours
    structure_locked(actor, structure_id)


def _unplanned(member: StaffMember, days: Q) -> None:
    ids = list(StaffPlan.objects.filter(days, members=member).values_list("pk", flat=True))
    StaffPlan.members.through.objects.filter(staffplan_id__in=ids, staffmember=member).delete()
    StaffPlan.objects.filter(pk__in=ids).update(number=F("number") - 1)
