"""Limits of what may be written, and who has not read what. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from marelle.core.braces import fields_of
from marelle.robots.rules import Allowance

SUBJECT_LENGTH: Final = 120
TEXT_LENGTH: Final = 5_000
NAME_LENGTH: Final = 100
EMAIL_LENGTH: Final = 254
TITLE_LENGTH: Final = 120
NOTE_LENGTH: Final = 500
"""Of what colleagues are told with a thread passed to them."""
FILES_AT_MOST: Final = 3
"""Files joined to one message."""

HOUR: Final = timedelta(hours=1)
PER_ACCOUNT: Final = Allowance(20, HOUR)
PER_NETWORK: Final = Allowance(20, HOUR)
"""From who is not logged in: a library or a town hall shares one address."""
PER_MAIL: Final = Allowance(5, HOUR)
"""For one address left by who is not logged in: it gets an acknowledgement each time."""

REPLY_FIELDS: Final = ("prénom", "nom", "enfant", "structure", "agent")
"""What a reply template may leave between braces. None tells of health, income or an address."""
REPLIES_AT_MOST: Final = 60
"""Reply templates of one authority, its structures' included: beyond, nobody finds the right one."""

SAME_AGAIN: Final = timedelta(minutes=10)
"""The same words to the same structure within this time are one sending, done twice."""

PURGED_AT_ONCE: Final = 200
"""Exchanges with who has no home here, deleted in one round of the worker."""


def one_line(text: str) -> str:
    """What is shown in one line, and stands in the subject of a mail: no break, no control sign."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def left_to_fill(text: str) -> tuple[str, ...]:
    """The fields of a template that an answer still holds: a family must never read "{prénom}"."""
    return tuple(name for name in fields_of(text) if name in REPLY_FIELDS)


def inserted(typed: str, reply: str) -> str:
    """A reply put under what is typed already; `reply.js` does the same."""
    return f"{typed.rstrip()}\n\n{reply}" if typed.strip() else reply


def is_unread(wrote_at: datetime | None, read_at: datetime | None) -> bool:
    """Whether the other side wrote after the last reading."""
    return wrote_at is not None and (read_at is None or read_at < wrote_at)


def awaits_answer(family_wrote_at: datetime | None, staff_wrote_at: datetime | None) -> bool:
    """Whether the family wrote last."""
    return is_unread(family_wrote_at, staff_wrote_at)
