"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.papers.models import Acceptance, Paper, PaperAsked, PaperPage, PaperReminded, Publication

AFTER_LEAVING = Keep(months=24, since=Since.LEFT)

register(
    PersonalData(
        model=Paper,
        path="family",
        export=(
            "paper_type",
            "person",
            "state",
            "sent_at",
            "sent_by",
            "decided_at",
            "decided_by",
            "reason",
            "expires_on",
        ),
        unexported={
            "when it was last reminded of, and until when its pages are kept": (
                "last_reminder",
                "files_until",
            )
        },
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        checked=("paper_type", "person", "state", "sent_at", "expires_on"),
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=PaperPage,
        path="paper__family",
        export=("file", "order"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        checked=("file", "order"),
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=PaperAsked,
        path="family",
        export=("paper_type", "person", "asked_at", "asked_by", "message"),
        unexported={"exported itself": ("case",)},
        merge=Merge.KEEP_NEWEST,
        newest="asked_at",
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=PaperReminded,
        path="family",
        export=("told_at", "papers"),
        unexported={"the sending that it was one of": ("reminder", "asked_at")},
        merge=Merge.KEEP_NEWEST,
        newest="asked_at",
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Publication,
        path="file__family_id",
        export=(),
        unexported={
            "what a structure publishes is about nobody: its file belongs to no home": (
                "structure",
                "activity",
                "theme",
                "title",
                "version",
                "published_on",
                "until",
                "returns",
                "must_accept",
                "previous",
                "published_by",
                "withdrawn_at",
            ),
        },
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Acceptance,
        path="family",
        export=("publication", "accepted_at", "accepted_by"),
        merge=Merge.KEEP_NEWEST,
        newest="accepted_at",
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
)
