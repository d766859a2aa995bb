"""The absences of a month in a structure, counted by what each is. Rights are the caller's to check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q

from marelle.activities.absences import AbsenceGrade, Told
from marelle.activities.models import Opening
from marelle.activities.month import month_after
from marelle.bookings.absences.grading import graded
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.states import BookingState


@dataclass(slots=True)
class AbsenceTally:
    """Missed bookings of an activity, or of several, by what they are."""

    grades: Counter[AbsenceGrade] = field(default_factory=Counter)

    @property
    def missed(self) -> int:
        return self.grades.total()

    def told(self, when: Told) -> int:
        return sum(n for grade, n in self.grades.items() if grade.told is when)

    @property
    def first_delay(self) -> int:
        """Justified within the shortest delay of the rule."""
        return sum(n for grade, n in self.grades.items() if grade.proof == 0)

    @property
    def later_delay(self) -> int:
        return sum(n for grade, n in self.grades.items() if grade.proof)

    @property
    def unjustified(self) -> int:
        return sum(n for grade, n in self.grades.items() if grade.proof is None)

    @property
    def waiting(self) -> int:
        """Days that no proof excuses (carence)."""
        return sum(n for grade, n in self.grades.items() if grade.waiting)


def absences_counted(structure_id: int, first: date) -> list[tuple[str, AbsenceTally]]:
    """Each activity of the structure with an absence, by its name, in their order. Five queries at most,
    whatever there is."""
    openings = Opening.objects.filter(
        activity__structure_id=structure_id, day__gte=first, day__lt=month_after(first)
    )
    absent = Attendance.objects.filter(
        opening_id=OuterRef("opening_id"), child_id=OuterRef("child_id"), present=False
    )
    # By their openings: with a join, both databases walk the bookings of every structure.
    rows = Booking.objects.filter(
        Q(absence__isnull=False) | Q(Exists(absent)), opening__in=openings, state=BookingState.BOOKED
    )
    found: dict[tuple[int, str, int], AbsenceTally] = {}
    for one in graded(rows):
        activity = one.opening.activity
        key = activity.order, activity.name, activity.id
        found.setdefault(key, AbsenceTally()).grades[one.grade] += 1
    return [(name, tally) for (_order, name, _id), tally in sorted(found.items(), key=_by_key)]


def together(tallies: Iterable[AbsenceTally]) -> AbsenceTally:
    return AbsenceTally(sum((one.grades for one in tallies), Counter()))


def _by_key(pair: tuple[tuple[int, str, int], AbsenceTally]) -> tuple[int, str, int]:
    return pair[0]
