"""Bookings to come that a corrected birth date makes impossible: nothing ends them, so somebody is told."""

from __future__ import annotations

from datetime import date, datetime

from marelle.activities.audiences import Public
from marelle.activities.conditions import ConditionKind
from marelle.bookings.models import Booking
from marelle.bookings.reading import held
from marelle.bookings.rules import Opening
from marelle.core.clock import local
from marelle.enrolments.conditions import lacks


def out_of_age(
    child_id: int,
    *,
    known: date | None,
    corrected: date | None,
    now: datetime,
    family_id: int | None = None,
) -> tuple[Opening, ...]:
    """What the child has booked, in order, where it is of the age asked with the birth date `known` and is
    not with the one `corrected`; one query. Of `family_id` alone where that home reads it."""
    rows = Booking.objects.live().filter(
        child_id=child_id,
        day__gte=local(now).date(),
        starts_at__gt=now,
        opening__activity__conditions__isnull=False,
    )
    if family_id is not None:
        rows = rows.filter(family_id=family_id)
    openings = [row.opening for row in held(rows.order_by("starts_at", "pk").distinct(), None)]
    return tuple(one for one in openings if _is_of_age(one, known) and not _is_of_age(one, corrected))


def _is_of_age(opening: Opening, birth: date | None) -> bool:
    return not lacks(ConditionKind.AGE, opening.activity, opening.slot.id, opening.day, Public(birth=birth))
