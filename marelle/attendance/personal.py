"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.attendance.models import Mismatch, Tick
from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register

register(
    PersonalData(
        model=Tick,
        path="child",
        # Without `value`: it may name somebody of the other home, as `handed_to` of `Attendance` may.
        export=("day", "kind", "at", "by"),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        anonymise={"by": "", "name": "", "value": {}, "settled_by": ""},
        keep=Keep(months=24, since=Since.LEFT),
    ),
    PersonalData(
        model=Mismatch,
        path="child",
        export=(
            "day", "kind", "told_at", "withdrawn_at", "answer", "answered_at", "answered_by", "settled",
            "settled_at", "words",
        ),
        merge=Merge.KEEP_NEWEST,
        newest="told_at",
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.LEFT),
    ),
)  # fmt: skip
