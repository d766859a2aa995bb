"""How many adults are planned, typed in for a whole month at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from marelle.activities.models import Slot, StaffPlan
from marelle.activities.services.definitions import NotYours
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.places.models import Structure
from marelle.places.scope import in_charge, may_decide

PLANNED = "staff.planned"


@dataclass(frozen=True, slots=True)
class StaffCell:
    """One number of the table: as the page showed it (`seen`) and as typed; None is empty."""

    day: date
    slot_id: int | None
    seen: int | None
    number: int | None


@transaction.atomic
def staff_plan(
    *, actor: Actor, structure_id: int, cells: Sequence[StaffCell], now: datetime
) -> tuple[StaffCell, ...]:
    """Write the numbers that were changed. Returns those that another agent changed meanwhile, left alone.

    Raises `NotYours`, also for a slot of another structure.
    """
    no_key = connection.features.has_select_for_no_key_update
    mine = Structure.objects.filter(in_charge(actor), pk=structure_id).select_for_update(no_key=no_key)
    structure = mine.first() if may_decide(actor) else None
    changed = [cell for cell in cells if cell.seen != cell.number]
    slots = {cell.slot_id for cell in changed if cell.slot_id is not None}
    known = Slot.objects.filter(pk__in=slots, activity__structure_id=structure_id)
    if structure is None or known.count() != len(slots):
        raise NotYours
    rows = StaffPlan.objects.filter(structure=structure, day__in={cell.day for cell in changed})
    held = {(row.day, row.slot_id): row for row in rows}
    late, written = [], []
    for cell in changed:
        row = held.get((cell.day, cell.slot_id))
        now_held = row.number if row else None
        if now_held not in {cell.seen, cell.number}:
            late.append(cell)
        elif now_held != cell.number:
            written.append(cell)
    for cell in written:
        row = held.get((cell.day, cell.slot_id)) or StaffPlan(
            structure=structure, day=cell.day, slot_id=cell.slot_id
        )
        if cell.number is None:
            row.delete()
        else:
            row.number = cell.number
            row.save()
    if written:
        record(
            actor=actor,
            verb=PLANNED,
            subject=Subject("structure", structure.pk, structure.name),
            data={"days": sorted({cell.day.isoformat() for cell in written})},
            now=now,
        )
    return tuple(late)
