"""When a home is told that what was booked and what was seen differ, and what it may answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from marelle.attendance.rules import Alert, TickKind, day_of
from marelle.core.clock import universal

DELAY: Final = timedelta(minutes=10)
"""After a call is closed, the time that other tablets have to hand in what they hold."""
TOLD_WITHIN: Final = timedelta(days=1)
"""How long a call known once its day is over is looked at: closed near midnight, or handed in late."""
ANSWERED_WITHIN: Final = timedelta(days=30)
"""How long a home answers, in days; after it, it writes to the structure."""


class Answer(StrEnum):
    """What a home says of a mismatch. « Elle était absente » is no answer: it is an absence, declared."""

    ERROR = "error"
    FORGOTTEN = "forgotten"
    REGULARISE = "regularise"


ANSWERS: Final[Mapping[Alert, tuple[Answer, ...]]] = {
    Alert.ABSENT: (Answer.ERROR, Answer.FORGOTTEN),
    Alert.UNBOOKED: (Answer.ERROR, Answer.REGULARISE),
}
CORRECTIONS: Final[Mapping[Alert, TickKind]] = {
    Alert.ABSENT: TickKind.PRESENT,
    Alert.UNBOOKED: TickKind.ABSENT,
}
"""The tick that says that the door was wrong."""


def may_tell(*, day: date, closed_at: datetime, received_at: datetime, now: datetime) -> bool:
    """Whether the mismatches of an opening may be told: on its day, or as soon as its call is known after it,
    once that call has been closed, and known to be closed, for a while."""
    since = max(universal(closed_at), universal(received_at)) + DELAY
    if universal(now) < since or not day <= day_of(now) <= day + ANSWERED_WITHIN:
        return False
    return day_of(now) == day or universal(now) < since + TOLD_WITHIN


def may_miss(*, stay_starts_at: datetime, now: datetime) -> bool:
    """Whether a child may be said missing: not before the stay that it is booked for has begun for a while.

    A call closed too soon, by a wrong touch, tells nobody at noon that a child of the evening is not there.
    """
    return universal(now) >= universal(stay_starts_at) + DELAY


def may_answer(kind: Alert, answer: str, *, told_at: datetime, now: datetime) -> bool:
    return answer in ANSWERS[kind] and day_of(now) <= day_of(told_at) + ANSWERED_WITHIN


def may_correct(answer: str) -> bool:
    """Whether the structure is asked to put right what was ticked."""
    return answer == Answer.ERROR
