"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.campaigns.models import AnswerMove, Wish, WishLine
from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register

AFTER_LEAVING = Keep(months=24, since=Since.LEFT)

register(
    PersonalData(
        model=Wish,
        path="family",
        export=(
            "campaign",
            "ticket",
            "together",
            "most",
            "came_at",
            "sent_at",
            "sent_by",
            "tier",
            "points",
            "met",
            "turn",
            "given_at",
            "queued_at",
        ),
        unexported={
            "what others had taken before, which its answer tells in words": ("blocked",),
            "what an agent looks at before an answer leaves": ("faults",),
        },
        merge=Merge.KEEP_NEWEST,
        newest="sent_at",
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=WishLine,
        path="wish__family",
        export=("child", "slot", "day", "rank", "outcome"),
        unexported={"told by the order of the rows": ("order",)},
        merge=Merge.KEEP_NEWEST,
        newest="id",
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=AnswerMove,
        path="wish__family",
        export=("before", "after", "reason", "at", "by"),
        unexported={"told by the order of the rows": ("choice",)},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
)
