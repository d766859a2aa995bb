"""How the journal is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.journal.models import Entry

register(
    PersonalData(
        model=Entry,
        path="family_id",
        export=("at", "actor_label", "on_behalf", "verb", "subject_label"),
        unexported={
            "where and with what somebody else of the home, or an agent, was connected": (
                "address",
                "device",
            ),
            "keys of what the labels name": ("actor_user_id", "subject_kind", "subject_id"),
            "details that the sentence of the act is made of": ("data",),
        },
        merge=Merge.MOVE,
        erase=Erase.ANONYMISE,
        anonymise={"actor_label": "", "subject_label": "", "data": {}, "address": None, "device": ""},
        stays={
            "that an act was done, and when": ("at", "on_behalf", "verb"),
            "keys of rows and accounts that name nobody once erased": (
                "actor_user_id",
                "subject_kind",
                "subject_id",
            ),
        },
        keep=Keep(months=36, since=Since.WRITTEN),
    )
)
