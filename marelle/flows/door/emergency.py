"""The emergency sheet that a tablet of the door keeps, for an evacuation: whom to call for each child.

A tablet changes hands without the network, so that its sheet shows what each of the team may read: of the
child of one of them, the people of that parent's home alone, whoever holds the tablet.
"""

from __future__ import annotations

from dataclasses import dataclass

from marelle.attendance.scope import team_of
from marelle.families.care.emergency import Emergency, emergency_facts
from marelle.flows.care.team import homes_in_common
from marelle.flows.door.expected import Door, DoorRow


@dataclass(frozen=True, slots=True)
class EmergencyRow:
    """`facts` is None for a child of which the team reads nothing. `of_team`: somebody of the team is its
    parent, so that another home of it is left out."""

    child: DoorRow
    facts: Emergency | None
    of_team: bool

    @property
    def is_absent(self) -> bool:
        """Its family told it absent for all of the day, and nobody saw it."""
        return all(slot.declared and not slot.seen for slot in self.child.slots)


def emergency_sheet(door: Door) -> list[EmergencyRow]:
    """A row for each child of the door, in its order; eight queries at most."""
    team = {mate.person_id for mate in team_of(door.structure.pk).values() if mate.works and mate.person_id}
    ids = [row.id for row in door.rows if row.safety]
    homes = homes_in_common(team, ids, door.day)
    facts = emergency_facts(ids, day=door.day, homes=homes) if ids else {}
    return [EmergencyRow(row, facts.get(row.id), row.id in homes) for row in door.rows]
