"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.enrolments.models import CallNote, EndRequest, Enrolment, GroupChoice, KeptFor

AFTER_LEAVING = Keep(months=24, since=Since.LEFT)

register(
    PersonalData(
        model=Enrolment,
        path="family",
        export=(
            "person",
            "activity",
            "state",
            "starts_on",
            "ends_on",
            "wishes",
            "answers",
            "comment",
            "derogation",
            "passed",
            "requested_at",
            "requested_by",
            "decided_at",
            "decided_by",
            "reason",
            "suspended_from",
            "suspended_until",
            "suspension",
        ),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        anonymise={
            "suspended_from": None,
            "suspended_until": None,
            "suspension": "",
            "wishes": {},
            "answers": [],
            "comment": "",
            "derogation": "",
            "passed": "",
            "requested_by": "",
            "decided_by": "",
            "reason": "",
        },
        stays={
            "who was enrolled where and when, for counts: the person names nobody any more": (
                "person",
                "activity",
                "state",
                "starts_on",
                "ends_on",
                "requested_at",
                "decided_at",
            ),
        },
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=GroupChoice,
        path="enrolment__family",
        export=("group", "since"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=KeptFor,
        path="enrolment__family",
        export=(),
        unexported={"what agents call it, for themselves alone: who named the child tells why": ("kept",)},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=EndRequest,
        path="enrolment__family",
        export=(
            "last_day",
            "ended_before",
            "comment",
            "state",
            "requested_at",
            "requested_by",
            "decided_at",
            "decided_by",
            "reason",
        ),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=CallNote,
        path="enrolment__family",
        export=("reached", "left_message", "again_on", "note", "at", "by"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
)
