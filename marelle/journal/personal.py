"""How the journal is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.journal.models import Entry

register(
    PersonalData(
        model=Entry,
        path="family_id",
        export=("at", "actor_label", "on_behalf", "verb", "subject_label"),
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        anonymise={"actor_label": "", "subject_label": "", "data": {}, "address": None, "device": ""},
        keep=Keep(months=36, since=Since.WRITTEN),
    )
)
