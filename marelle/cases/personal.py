"""How cases are exported, merged, erased and kept."""

from __future__ import annotations

from marelle.cases.models import Case, CaseNote
from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register

register(
    PersonalData(
        model=Case,
        path="family_id",
        export=("label", "opened_at", "opened_by", "state", "decided_at", "decided_by", "reason"),
        unexported={
            "what it is about and who may decide it, told by the label": (
                "kind",
                "subject_kind",
                "subject_id",
                "authority_id",
                "structure_id",
                "until",
            ),
        },
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
        unexported={
            "between which services it was passed": ("passed", "from_structure_id", "to_structure_id")
        },
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.LEFT),
    )
)
