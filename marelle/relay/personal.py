"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.relay.models import CareContact, CareRequest, Visit, VisitChild

AFTER_LEAVING = Keep(months=24, since=Since.LEFT)

register(
    PersonalData(
        model=CareRequest,
        path="family",
        export=(
            "asker_name", "email", "phone", "child_first_name", "birth_date", "expected_on", "care",
            "starts_on", "weekly", "remarks", "state", "received_at", "closed_at", "answer",
        ),
        unexported={"which relais answers, and who there": ("structure", "commune", "closed_by")},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.WRITTEN),
    ),
    PersonalData(
        model=CareContact,
        path="request__family",
        export=("on", "means"),
        unexported={"between colleagues of the relais": ("note", "noted_at", "noted_by")},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.WRITTEN),
    ),
    PersonalData(
        model=Visit,
        path="family",
        export=("opening", "adult_name", "seats", "booked_at", "booked_by", "cancelled_at", "cancelled_by"),
        unexported={"a home's visit has none": ("childminder",), "what the structure closed": ("closure",)},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=VisitChild,
        path="child",
        export=("first_name", "visit"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
)  # fmt: skip
