"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.flows.models import Dormant

register(
    PersonalData(
        model=Dormant,
        path="family",
        export=("last_sign", "told_at", "kept_at", "reduced_at", "until"),
        unexported={
            "who of the agents answered, and by which words of the archives": (
                "confirmed_at", "confirmed_by", "visa", "kept_by",
            )
        },
        merge=Merge.DROP,
        erase=Erase.DELETE,
        checked=("last_sign", "told_at", "confirmed_at", "reduced_at", "until"),
        keep=Keep(months=24, since=Since.LEFT),
    )
)  # fmt: skip
