"""The meals of the week, ordered on the Thursday before by the office, as agents do; an adult more since."""

from __future__ import annotations

from datetime import time, timedelta

from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.meals.selectors import sittings, week_of
from marelle.meals.services import Typed, extras_save, meals_order

KITCHENS = ("cantine", "brisecombe", "arelle")
ADULTS = 4
FRIDAY = 4
THURSDAY_BEFORE = timedelta(days=4)


def order_meals(office: Actor, places: Places, year: SchoolYear) -> None:
    """Those of the week; on a Saturday or a Sunday, of the next one."""
    weekend = year.today.weekday() > FRIDAY
    monday, sunday = week_of(year.today + timedelta(days=2 if weekend else 0))
    thursday = instant_at(monday - THURSDAY_BEFORE, time(10, 40))
    for key in KITCHENS:
        structure = places.structures[key]
        held = sittings(structure.pk, first=monday, last=sunday)
        typed = [
            Typed(one.day, one.service.slot_id, (0, 0), adults=ADULTS, picnics=0, mark=one.mark)
            for one in held.values()
            if one.is_open and one.children
        ]
        if not typed:
            continue
        keys = [one.key for one in typed]
        meals_order(actor=office, structure_id=structure.pk, typed=typed, keys=keys, now=thursday)
        last = typed[-1]
        more = Typed(last.day, last.slot_id, (ADULTS, 0), adults=ADULTS + 1, picnics=0, mark=last.mark)
        extras_save(actor=office, structure_id=structure.pk, typed=[more], now=thursday + timedelta(days=1))
