"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.messaging.models import Attachment, Message, NewsRecipient, Thread, ThreadPass, ThreadRead

AFTER_WRITING = Keep(months=24, since=Since.WRITTEN)

register(
    PersonalData(
        model=Thread,
        path="family",
        export=("structure", "subject", "opened_at", "last_at", "closed_at"),
        unexported={
            "of who writes without a home": ("name", "email"),
            "who answers at the structure": ("contact", "assigned_to", "with_office", "closed_by"),
            "told by the messages": ("family_wrote_at", "staff_wrote_at"),
        },
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_WRITING,
    ),
    PersonalData(
        model=Message,
        path="thread__family",
        export=("thread", "author", "from_staff", "on_behalf", "text", "at"),
        unexported={"key of the account that the author names": ("account_id",)},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_WRITING,
    ),
    PersonalData(
        model=Attachment,
        path="message__thread__family",
        export=("message", "file"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_WRITING,
    ),
    PersonalData(
        model=ThreadPass,
        path="thread__family",
        export=("thread", "from_structure", "to_structure", "at", "by", "note"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_WRITING,
    ),
    PersonalData(
        model=ThreadRead,
        path="thread__family",
        export=("thread", "at"),
        unexported={"the reader's own: marks of other accounts are not handed over": ("account",)},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_WRITING,
    ),
    PersonalData(
        model=NewsRecipient,
        path="family",
        export=("sending", "told_at", "way"),
        unexported={"exported themselves": ("mails",)},
        merge=Merge.KEEP_NEWEST,
        newest="way",  # empty comes first: the one that was told stays
        erase=Erase.DELETE,
        keep=AFTER_WRITING,
    ),
)
