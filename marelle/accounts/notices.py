"""Which mails an account may turn on or off. Answers to what it asked always come."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Notice(StrEnum):
    DEADLINE = "deadline"  # a booking limit is near and nothing is booked
    PAPER = "paper"  # a paper expires soon
    MESSAGE = "message"  # an answer waits in a thread
    NEWS = "news"  # news of a structure
    INVOICE = "invoice"  # an invoice is there


ON_BY_DEFAULT = frozenset(Notice) - {Notice.DEADLINE}
"""The deadline's is for who asks for it: it would come each week."""


STOPPED_FROM_THE_MAIL = frozenset({Notice.DEADLINE, Notice.NEWS, Notice.PAPER})
"""News and reminders, which the program of a mailbox may stop. What tells of a bill, or of an answer, is
stopped on the page of one's choices alone."""


def wants(notices: Mapping[str, bool], notice: Notice) -> bool:
    """Whether an account with these choices gets this kind of mail."""
    return notices.get(notice.value, notice in ON_BY_DEFAULT)
