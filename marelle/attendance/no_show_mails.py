"""What a home is told of its absences without notice: a warning, or that bookings are suspended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from marelle.attendance.models import NoShow
from marelle.core.french import day_long, join_and
from marelle.families.telling import tell_home
from marelle.places.selectors import reach

SUSPENDED, NOT_TOLD = "attendance/suspended", "attendance/no_show_warned"


def tell_suspended(row: NoShow, *, first: date, last: date, cancelled: int, now: datetime) -> None:
    """From when until when, and how many bookings are taken back. Why is read in the portal."""
    _tell(SUSPENDED, row, {"first": day_long(first), "last": day_long(last), "cancelled": cancelled}, now)


def tell_warned(row: NoShow, *, days: Iterable[date], now: datetime) -> None:
    """Which days were missed."""
    _tell(NOT_TOLD, row, {"days": join_and([day_long(day) for day in days])}, now)


def _tell(kind: str, row: NoShow, context: dict[str, object], now: datetime) -> None:
    enrolment = row.enrolment
    about = {
        "child": enrolment.person.first_name,
        "activity": enrolment.activity.name,
    }
    tell_home(
        kind=kind,
        context={**about, **context, **reach(enrolment.activity.structure_id)},
        family_id=enrolment.family_id,
        child_id=enrolment.person_id,
        now=now,
    )
