"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.bookings.models import Absence, Attendance, Booking
from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register

AFTER_LEAVING = Keep(months=24, since=Since.LEFT)

register(
    PersonalData(
        model=Booking,
        path="family",
        export=(
            "child",
            "day",
            "starts_at",
            "ends_at",
            "state",
            "late",
            "derogation",
            "created_at",
            "created_by",
            "ended_at",
            "ended_by",
            "end_cause",
        ),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Absence,
        path="booking__family",
        export=("declared_at", "declared_by", "justified"),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Attendance,
        path="child",
        export=("day", "present", "arrived_at", "left_at", "noted_at", "noted_by"),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        keep=AFTER_LEAVING,
    ),
)
