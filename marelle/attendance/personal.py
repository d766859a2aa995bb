"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.attendance.models import Mismatch, NoShow, Tick
from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register

register(
    PersonalData(
        model=Tick,
        path="child",
        export=("day", "kind", "at", "by"),
        unexported={
            "they may name somebody of the child's other home": ("name", "value"),
            "of the tablet and its team, and of how ticks that differ are settled": (
                "tablet", "account", "structure", "opening", "at_tablet", "received_at", "after", "outcome",
                "settled", "settled_at", "settled_by",
            ),
        },
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        anonymise={"by": "", "name": "", "value": {}, "settled_by": ""},
        stays={
            "what attendance is counted from; the account is the team's": (
                "tablet", "account", "structure", "day", "opening", "kind", "at", "at_tablet", "received_at",
                "after", "outcome", "settled", "settled_at",
            ),
        },
        keep=Keep(months=24, since=Since.LEFT),
    ),
    PersonalData(
        model=Mismatch,
        path="child",
        export=(
            "day", "kind", "told_at", "withdrawn_at", "answer", "answered_at", "answered_by", "settled",
            "settled_at", "words",
        ),
        unexported={
            "rows that are exported themselves": ("opening", "booking", "case", "correction"),
            "the home's own": ("family",),
            "who settled it in the team": ("settled_by",),
        },
        merge=Merge.KEEP_NEWEST,
        newest="told_at",
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.LEFT),
    ),
    PersonalData(
        model=NoShow,
        path="enrolment__family",
        export=("since", "asked_at", "decision", "decided_at"),
        unexported={"who decided it in the team": ("decided_by",)},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.LEFT),
    ),
)  # fmt: skip
