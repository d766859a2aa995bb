"""A day of a structure of which a tick waits for somebody, for tests that walk every page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from marelle.attendance.desk import settle_open
from marelle.attendance.models import Tick, UnsettledDay
from marelle.core.actor import SYSTEM
from marelle.families.models import Person
from marelle.places.models import Structure


def unsettled_rows(structure: Structure, child: Person, now: datetime) -> dict[str, Any]:
    tick = Tick.objects.create(
        structure=structure,
        day=now.date(),
        child=child,
        kind="present",
        at=now,
        at_tablet=now,
        received_at=now,
        by="Anim",
        outcome="not_enrolled",
    )
    with transaction.atomic():
        settle_open(actor=SYSTEM, structure=structure, rows=[tick], now=now)
    return {"unsettled_id": UnsettledDay.objects.get().pk}
