"""How mails and letters are exported, merged, erased and kept."""

from __future__ import annotations

from typing import Final

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.mail.models import Message

KEPT: Final = Keep(months=12, since=Since.WRITTEN)

register(
    PersonalData(
        model=Message,
        path="family_id",
        export=("created_at", "channel", "to", "subject", "text", "sent_at"),
        unexported={
            "the same words, laid out": ("html",),
            "said by its text": ("about",),
            "none goes with a mail to a home": ("attached", "attached_name"),
            "how it is sent": (
                "kind",
                "authority_id",
                "case_id",
                "stop_url",
                "secret",
                "message_id",
                "state",
                "not_before",
                "next_attempt_at",
                "attempts",
                "last_error",
            ),
        },
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=KEPT,
    )
)
