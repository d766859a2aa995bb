"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.families.models import (
    CustodyPeriod,
    Family,
    Guardianship,
    Member,
    Person,
    Quotient,
    Residence,
    Schooling,
)

AFTER_LEAVING = Keep(months=24, since=Since.LEFT)

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
