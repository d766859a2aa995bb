"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.campaigns.models import AnswerMove, CommissionSheet, SheetProof, Wish, WishLine
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
    PersonalData(
        model=CommissionSheet,
        path="request__family",
        export=(
            "commission",
            "request",
            "number",
            "ticket",
            "tier",
            "points",
            "met",
            "turn",
            "proposed",
            "outcome",
            "section",
            "reason",
            "sent_at",
            "answer_until",
            "answer",
            "answered_at",
            "answered_by",
        ),
        unexported={
            "which sections it prefers, that the relais noted": ("wishes",),
            "what others had taken before, which its receipt tells in words": ("blocked",),
            "who of the relais wrote it": ("decided_by",),
        },
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.WRITTEN),
    ),
    PersonalData(
        model=SheetProof,
        path="sheet__request__family",
        export=("sheet", "criterion", "seen", "seen_at"),
        unexported={"who of the relais saw it": ("seen_by",)},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=24, since=Since.WRITTEN),
    ),
)
