"""Limits of what may be written, and who has not read what. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from marelle.robots.rules import Allowance

SUBJECT_LENGTH: Final = 120
TEXT_LENGTH: Final = 5_000
NAME_LENGTH: Final = 100
EMAIL_LENGTH: Final = 254
TITLE_LENGTH: Final = 120
FILES_AT_MOST: Final = 3
"""Files joined to one message."""

HOUR: Final = timedelta(hours=1)
PER_ACCOUNT: Final = Allowance(20, HOUR)
PER_NETWORK: Final = Allowance(20, HOUR)
"""From who is not logged in: a library or a town hall shares one address."""
PER_MAIL: Final = Allowance(5, HOUR)
"""For one address left by who is not logged in: it gets an acknowledgement each time."""

SAME_AGAIN: Final = timedelta(minutes=10)
"""The same words to the same structure within this time are one sending, done twice."""

OUTSIDERS_KEPT: Final = timedelta(days=365)
"""From the last message of an exchange with who has no home here."""


def one_line(text: str) -> str:
    """What is shown in one line, and stands in the subject of a mail: no break, no control sign."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def is_unread(wrote_at: datetime | None, read_at: datetime | None) -> bool:
    """Whether the other side wrote after the last reading."""
    return wrote_at is not None and (read_at is None or read_at < wrote_at)


def awaits_answer(family_wrote_at: datetime | None, staff_wrote_at: datetime | None) -> bool:
    """Whether the family wrote last."""
    return is_unread(family_wrote_at, staff_wrote_at)
