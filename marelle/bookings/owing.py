"""Whether a home is late to pay a bill, which a floor above knows.

What reads a booking's rules reads it inside its own query, so that no caller of a save or of a planning can
forget it: `billing` says once, as it is loaded, how it is asked (`told_by`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db.models import BooleanField, Case, Exists, Value, When

from marelle.activities.kinds import Unpaid

_asked: list[Callable[[date], Exists]] = []


def told_by(owes: Callable[[date], Exists]) -> None:
    """`owes` gives, for a day, what is true of rows with `family_id` and an `activity` whose home owes its
    authority a late bill."""
    _asked[:] = [owes]


def owing(day: date) -> Case:
    """For `annotate()` on enrolments: never where the activity does nothing of it, which costs no look."""
    (owes,) = _asked
    return Case(
        When(activity__unpaid=Unpaid.NOTHING, then=Value(False)),
        default=owes(day),
        output_field=BooleanField(),
    )
