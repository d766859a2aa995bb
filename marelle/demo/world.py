"""How families use what the file of the Val d’Arelle offers: what no definition says."""

from __future__ import annotations

from datetime import date
from typing import Final

from marelle.demo.plans import OutingPlan
from marelle.demo.year import SchoolYear

WEDNESDAY: Final = 2
OUTINGS: Final = (("Bowling", -2, 12), ("Patinoire", 2, 4), ("Escalade en salle", 5, 12))
"""Each with how many Wednesdays from today it is, and its seats. All want the second one."""

BUSY: Final = {"mercredis-brisecombe": (1, 4), "mercredis-arelle": (2,), "sorties": (2,)}
"""Wednesdays, counted from today, that more families want than there are places."""

BUSY_SLOTS: Final = {"mercredis-brisecombe": ("apres-midi",)}
"""For which they ask then besides."""

BY_WEEK: Final = frozenset({"vacances-arelle"})
LATE: Final = frozenset({("periscolaire", "intemperies"), ("periscolaire", "greve"), ("cantine", "greve")})
"""Closings that came once families had booked."""


def outings_of(activity: str, year: SchoolYear) -> tuple[OutingPlan, ...]:
    if activity != "sorties":
        return ()
    return tuple(
        OutingPlan("sortie", year.term_day(WEDNESDAY, weeks_ahead=weeks), title, seats)
        for title, weeks, seats in OUTINGS
    )


def busy_days_of(activity: str, year: SchoolYear) -> tuple[date, ...]:
    return tuple(year.term_day(WEDNESDAY, weeks_ahead=weeks) for weeks in BUSY.get(activity, ()))
