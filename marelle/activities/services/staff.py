"""How many adults are planned and who of the register they are, typed in for several days at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from marelle.activities.models import Slot, StaffMember, StaffPlan
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.places.models import Structure
from marelle.places.scope import in_charge, may_decide

PLANNED = "staff.planned"


class StaffRefused(Refusal):
    """Nothing is written. `code`: "named" (of these `cells`, more adults are named than their number) or
    "gone" (somebody named there is in the register on that day no more)."""


@dataclass(frozen=True, slots=True)
class StaffCell:
    """One number of the table: as the page showed it (`seen`) and as typed; None is empty.

    `members` are the adults named, among that number; None where the page asks for no name.
    """

    day: date
    slot_id: int | None
    seen: int | None
    number: int | None
    members: frozenset[int] | None = None
    seen_members: frozenset[int] = frozenset()

    @property
    def is_changed(self) -> bool:
        return self.seen != self.number or self.members not in {None, self.seen_members}


@dataclass(frozen=True, slots=True)
class _Held:
    row: StaffPlan | None
    number: int | None
    members: frozenset[int]


_NOTHING = _Held(None, None, frozenset())


@transaction.atomic
def staff_plan(
    *, actor: Actor, structure_id: int, cells: Sequence[StaffCell], now: datetime
) -> tuple[StaffCell, ...]:
    """Write the cells that were changed. Returns those that another agent changed meanwhile, left alone;
    names are added where there were none.

    Raises `NotYours`, also for a slot or somebody of another structure, or StaffRefused.
    """
    structure = structure_locked(actor, structure_id)
    changed = [cell for cell in cells if cell.is_changed]
    slots = {cell.slot_id for cell in changed if cell.slot_id is not None}
    known = Slot.objects.filter(pk__in=slots, activity__structure_id=structure_id)
    if known.count() != len(slots):
        raise NotYours
    _check_names(structure, changed)
    rows = StaffPlan.objects.filter(structure=structure, day__in={cell.day for cell in changed})
    held = {
        (row.day, row.slot_id): _Held(row, row.number, frozenset(one.pk for one in row.members.all()))
        for row in rows.prefetch_related("members")
    }
    late, written, named = [], [], []
    for cell in changed:
        found = held.get((cell.day, cell.slot_id), _NOTHING)
        wanted = found.members if cell.members is None else cell.members
        if found.number not in {cell.seen, cell.number} or (
            cell.members is not None and found.members not in (frozenset(), cell.seen_members, cell.members)
        ):
            late.append(cell)
        elif len(wanted) > (cell.number or 0):
            named.append(cell)
        elif (found.number, found.members) != (cell.number, wanted):
            written.append((cell, found.row, wanted))
    if named:
        raise StaffRefused("named", cells=tuple(named))
    for cell, row, wanted in written:
        _write(structure, cell, row, wanted)
    if written:
        record(
            actor=actor,
            verb=PLANNED,
            subject=Subject("structure", structure.pk, structure.name),
            data={"days": sorted({cell.day.isoformat() for cell, _row, _names in written})},
            now=now,
        )
    return tuple(late)


def structure_locked(actor: Actor, structure_id: int) -> Structure:
    """What whoever plans its adults, or changes who they are, takes first. Raises `NotYours`."""
    no_key = connection.features.has_select_for_no_key_update
    mine = Structure.objects.filter(in_charge(actor), pk=structure_id).select_for_update(no_key=no_key)
    structure = mine.first() if may_decide(actor) else None
    if structure is None:
        raise NotYours
    return structure


def _check_names(structure: Structure, cells: Iterable[StaffCell]) -> None:
    ids = {pk for cell in cells for pk in cell.members or ()}
    if not ids:
        return
    members = {row.pk: row for row in StaffMember.objects.filter(structure=structure, pk__in=ids)}
    if len(members) != len(ids):
        raise NotYours
    gone = tuple(
        cell
        for cell in cells
        if not all(members[pk].first_day <= cell.day <= members[pk].last_day for pk in cell.members or ())
    )
    if gone:
        raise StaffRefused("gone", cells=gone)


def _write(structure: Structure, cell: StaffCell, row: StaffPlan | None, members: frozenset[int]) -> None:
    if cell.number is None:
        if row is not None:
            row.delete()
        return
    row = row or StaffPlan(structure=structure, day=cell.day, slot_id=cell.slot_id)
    row.number = cell.number
    row.save()
    if cell.members is not None:
        row.members.set(members)
