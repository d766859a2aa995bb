"""The door before its first visitor: a tablet at each structure of the team, the PIN of who holds it, and
where the list of the next day of one of them goes."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from marelle.accounts.models import User
from marelle.attendance.scope import TEAM
from marelle.attendance.tablets import pin_set, tablet_enrol, tablet_seen
from marelle.core.actor import Actor, Role
from marelle.core.clock import instant_at
from marelle.demo.accounts import PIN, STAFF
from marelle.demo.year import SchoolYear
from marelle.flows.actor.actors import actor_for
from marelle.flows.door.evening import evening_set

LISTS_TO = "secretariat@val-arelle.example"
TABLET = "Entrée"
"""No device holds its secret: a visitor takes a new code for it."""


def open_the_door(director: Actor, office: Actor, year: SchoolYear) -> None:
    """Tablets let in last month and seen some days ago; everybody who may hold one has the public PIN. The
    list of the first structure has gone to an address since."""
    for account in STAFF:
        if account.role in TEAM:
            agent = actor_for(User.objects.get(identifier=account.identifier))
            pin_set(actor=agent, pin=PIN, now=_at(year, 33, time(9, 10)))
    for structure_id in sorted(director.structures(Role.DIRECTOR)):
        tablet, _secret = tablet_enrol(
            actor=director, structure_id=structure_id, name=TABLET, now=_at(year, 33, time(9))
        )
        tablet_seen(tablet, now=_at(year, 3, time(18, 20)))
    evening_set(
        actor=office,
        structure_id=min(director.structures(Role.DIRECTOR)),
        hour=time(18),
        to=LISTS_TO,
        in_folder=False,
        now=_at(year, 20, time(9, 30)),
    )


def _at(year: SchoolYear, days_ago: int, hour: time) -> datetime:
    return instant_at(year.today - timedelta(days=days_ago), hour)
