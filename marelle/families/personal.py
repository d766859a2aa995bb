"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.families.models import (
    Consent,
    CustodyPeriod,
    Family,
    Guardianship,
    HealthSheet,
    Member,
    Person,
    PickupBan,
    PickupContact,
    PickupPermission,
    Quotient,
    Residence,
    Schooling,
    Vaccination,
)

AFTER_LEAVING = Keep(months=24, since=Since.LEFT)

WITH_THE_LAST_ENROLMENT = Keep(months=0, since=Since.LAST_ENROLMENT)
"""Health is kept no longer than a child is looked after: the worker holds to it."""

register(
    PersonalData(
        model=Family,
        path="",
        export=("number", "name", "created_at", "left_on"),
        merge=Merge.ROOT,
        erase=Erase.ANONYMISE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Person,
        path="",
        export=("first_name", "last_name", "birth_date", "expected_on", "email", "phone"),
        merge=Merge.ROOT,
        erase=Erase.ANONYMISE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Member,
        path="family",
        export=("person", "kind", "since", "until"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=CustodyPeriod,
        path="member__family",
        export=("weeks", "holidays", "since", "until"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Guardianship,
        path="child",
        export=(
            "adult",
            "link",
            "has_authority",
            "may_see",
            "may_book",
            "may_fetch",
            "is_told",
            "since",
            "until",
        ),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Schooling,
        path="child",
        export=("school", "school_year", "level", "teacher"),
        merge=Merge.KEEP_NEWEST,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Residence,
        path="family",
        export=("street", "postal_code", "city", "since", "source"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Quotient,
        path="family",
        export=("amount", "since", "source"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
)

register(
    PersonalData(
        model=HealthSheet,
        path="child",
        export=(
            "allergies",
            "is_severe",
            "pai",
            "pai_until",
            "pai_meal",
            "pai_file",
            "treatments",
            "remarks",
            "doctor_name",
            "doctor_phone",
            "updated_at",
            "updated_by",
        ),
        merge=Merge.KEEP_NEWEST,
        erase=Erase.DELETE,
        keep=WITH_THE_LAST_ENROLMENT,
    ),
    PersonalData(
        model=Vaccination,
        path="child",
        export=("vaccine", "on"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=WITH_THE_LAST_ENROLMENT,
    ),
    PersonalData(
        model=PickupContact,
        path="family",
        export=("child", "name", "link", "phone", "may_fetch", "may_be_called"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=PickupBan,
        path="family",
        export=("child", "name", "reason", "since", "until"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=PickupPermission,
        path="family",
        export=("child", "day", "name", "phone", "note", "given_at", "given_by", "cancelled_at"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Consent,
        path="family",
        export=("child", "type", "school_year", "given", "from_hour", "answered_by", "answered_at"),
        merge=Merge.KEEP_NEWEST,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
)
