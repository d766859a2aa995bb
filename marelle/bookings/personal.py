"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.bookings.models import Absence, AbsenceProof, Attendance, Booking, BookingRequest, DeadlineTold
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
            "refusal",
            "changed_at",
        ),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        anonymise={"derogation": "", "created_by": "", "ended_by": "", "refusal": ""},
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Absence,
        path="booking__family",
        export=("declared_at", "declared_by", "reason", "justified"),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        anonymise={"declared_by": "", "reason": ""},
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=BookingRequest,
        path="family",
        export=("child", "activity", "asked_at", "asked_by"),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        anonymise={"asked_by": ""},
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=AbsenceProof,
        path="family",
        export=("child", "structure", "file", "sent_at", "sent_by", "state", "refusal", "decided_at"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=12, since=Since.WRITTEN),
    ),
    PersonalData(
        model=DeadlineTold,
        path="enrolment__family",
        export=("week", "told_at"),
        merge=Merge.DROP,
        erase=Erase.DELETE,
        keep=Keep(months=12, since=Since.WRITTEN),
    ),
    PersonalData(
        model=Attendance,
        path="child",
        export=("day", "present", "arrived_at", "left_at", "noted_at", "noted_by"),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        anonymise={"noted_by": ""},
        keep=AFTER_LEAVING,
    ),
)
