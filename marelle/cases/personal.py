"""How cases are exported, merged, erased and kept."""

from __future__ import annotations

from marelle.cases.models import Case, CaseNote
from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register

register(
    PersonalData(
        model=Case,
        path="family_id",
        export=("label", "opened_at", "opened_by", "state", "decided_at", "decided_by", "reason"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.LEFT),
    )
)

register(
    PersonalData(
        model=CaseNote,
        path="case__family_id",
        export=("at", "by", "text"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.LEFT),
    )
)
