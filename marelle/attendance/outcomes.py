"""What becomes of a tick that was received: one code, from facts; French is put on it above. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from marelle.attendance.rules import CALL_KINDS, CLOCK_TRUSTED, TIMED, TickKind, day_of, set_right
from marelle.core.clock import instant_at, universal

DAYS_BACK: Final = 8
"""A tablet that was cut may bring the ticks of so many days back."""
AFTER_THE_END: Final = timedelta(hours=3)
"""How long after an opening that ends near midnight the team still ticks it."""
LONG_AGO: Final = timedelta(days=365)
"""Of a tick without an opening: what its clock says is believed for so long."""


class OutcomeCode(StrEnum):
    APPLIED = "applied"
    CONFLICT = "conflict"
    LEFT_BEFORE_ARRIVED = "left_before_arrived"
    UNBOOKED = "unbooked"
    BOOKING_CANCELLED = "booking_cancelled"
    MOVED = "moved"
    NOT_LISTED = "not_listed"
    BANNED = "banned"
    NOTED = "noted"
    NOT_ENROLLED = "not_enrolled"
    UNKNOWN_CHILD = "unknown_child"
    UNKNOWN_OPENING = "unknown_opening"
    DAY_CLOSED = "day_closed"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    TOO_OLD = "too_old"
    TOO_LATE = "too_late"
    WRONG_CLOCK = "wrong_clock"
    FUTURE = "future"
    ID_TAKEN = "id_taken"
    MALFORMED = "malformed"


COUNTING: Final = frozenset(
    {
        OutcomeCode.APPLIED,
        OutcomeCode.CONFLICT,
        OutcomeCode.LEFT_BEFORE_ARRIVED,
        OutcomeCode.UNBOOKED,
        OutcomeCode.BOOKING_CANCELLED,
        OutcomeCode.MOVED,
        OutcomeCode.NOT_LISTED,
        OutcomeCode.BANNED,
    }
)
"""Those that the attendance is made of."""

TO_SETTLE: Final = frozenset(
    {
        OutcomeCode.NOTED,
        OutcomeCode.NOT_ENROLLED,
        OutcomeCode.UNKNOWN_CHILD,
        OutcomeCode.UNKNOWN_OPENING,
        OutcomeCode.DAY_CLOSED,
        OutcomeCode.REVOKED,
        OutcomeCode.SUSPENDED,
        OutcomeCode.TOO_OLD,
        OutcomeCode.TOO_LATE,
        OutcomeCode.WRONG_CLOCK,
        OutcomeCode.BANNED,
        OutcomeCode.NOT_LISTED,
    }
)
"""Those that wait on the desk, in one case for a day of a structure."""

NOT_KEPT: Final = frozenset({OutcomeCode.ID_TAKEN, OutcomeCode.MALFORMED, OutcomeCode.FUTURE})
"""Those that are answered and not stored: nothing at the door makes them."""


UNTRUSTED: Final = frozenset(
    {
        OutcomeCode.REVOKED,
        OutcomeCode.SUSPENDED,
        OutcomeCode.TOO_OLD,
        OutcomeCode.TOO_LATE,
        OutcomeCode.WRONG_CLOCK,
    }
)
"""Of these an undo undoes nothing until somebody keeps it."""


class Booked(StrEnum):
    """What a child has on an opening."""

    YES = "yes"
    CANCELLED = "cancelled"
    MOVED = "moved"
    NO = "no"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class DayFacts:
    """The opening of a tick, where it is one of the structure's."""

    day: date
    ends_at: datetime
    is_open: bool = True

    @property
    def since(self) -> datetime:
        """The first instant at which it may be ticked."""
        return universal(instant_at(self.day, time()))

    @property
    def until(self) -> datetime:
        """Until when its team ticks it, not included."""
        return team_until(self.day, self.ends_at)

    def holds(self, instant: datetime) -> bool:
        return self.since <= universal(instant) < self.until


@dataclass(frozen=True, slots=True)
class Instant:
    """When something was ticked; `is_sure`: its device's clock can be believed, else when it was received."""

    at: datetime
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a tick as it is received.

    `child` is None when the structure never knew it; `at` is its instant, set right, and `clock_sure` whether
    that can be; `has_hour`: one was typed. `may_correct`: made at the desk, by who answers for the structure.
    `of_note`: takes back the note of somebody not enrolled.
    """

    kind: TickKind
    at: datetime
    received_at: datetime
    opening: DayFacts | None
    child_known: bool
    enrolled: bool
    booked: Booked = Booked.YES
    tablet_revoked: bool = False
    works_here: bool = True
    may_correct: bool = False
    of_note: bool = False
    clock_sure: bool = True
    has_hour: bool = False
    hand_unlisted: bool = False
    hand_banned: bool = False


def outcome_of(facts: Facts) -> OutcomeCode:
    """What becomes of a tick, by itself; what its fellows make of it comes after."""
    return _out_of_time(facts) or _by_whom(facts) or _on_what(facts) or _how(facts)


def day_ticked(facts: Facts) -> date:
    """The day that a tick is about: its opening's, else the one on which it was made."""
    return facts.opening.day if facts.opening else day_of(facts.at)


def instant_told(
    at: datetime | None,
    *,
    sent_at: datetime | None,
    received_at: datetime,
    since: datetime,
    until: datetime,
) -> Instant:
    """When something was ticked on a day from `since` to `until`, by the clock of a device that said `at`.

    Set right by `sent_at`, as `corrected` does. Where that is before the day, or past both the day and its
    receipt, the clock was changed in between: what it said is believed, if that can be. `at` is None for a
    clock that told nothing. Later than the day is no fault of a clock: that is TOO_LATE.
    """
    received_at = universal(received_at)
    told = (set_right(at, sent_at=sent_at, received_at=received_at), universal(at)) if at else ()
    latest = max(received_at + CLOCK_TRUSTED, until)
    for one in told:
        if since <= one < latest:
            return Instant(min(one, received_at))
    return Instant(received_at, is_sure=False)


def team_until(day: date, ends_at: datetime) -> datetime:
    """Until when the team ticks a day, not included: midnight, or later where the day ends near it."""
    return max(universal(ends_at) + AFTER_THE_END, midnight_after(day))


def midnight_after(day: date) -> datetime:
    """The end of a day in Paris, which is not always a whole number of days away."""
    return universal(instant_at(day + timedelta(days=1), time()))


def _out_of_time(facts: Facts) -> OutcomeCode | None:
    day, today = day_ticked(facts), day_of(facts.received_at)
    if day > today:
        return OutcomeCode.FUTURE
    if not facts.clock_sure:
        return OutcomeCode.WRONG_CLOCK
    is_over = facts.opening is not None and universal(facts.at) >= facts.opening.until
    if facts.may_correct:
        # Its instant is that of the correction, and no hour of the day that is corrected.
        return OutcomeCode.TOO_LATE if is_over and facts.kind in TIMED and not facts.has_hour else None
    if day < today - timedelta(days=DAYS_BACK):
        return OutcomeCode.TOO_OLD
    return OutcomeCode.TOO_LATE if is_over else None


def _by_whom(facts: Facts) -> OutcomeCode | None:
    if facts.tablet_revoked:
        return OutcomeCode.REVOKED
    return None if facts.works_here else OutcomeCode.SUSPENDED


def _on_what(facts: Facts) -> OutcomeCode | None:
    if facts.kind is TickKind.NOTED:
        return OutcomeCode.NOTED
    if facts.of_note:
        return OutcomeCode.APPLIED
    if facts.opening is None:
        return OutcomeCode.UNKNOWN_OPENING
    if facts.kind in CALL_KINDS:
        return OutcomeCode.APPLIED
    if not facts.child_known:
        return OutcomeCode.UNKNOWN_CHILD
    if not facts.opening.is_open:
        return OutcomeCode.DAY_CLOSED
    return None if facts.enrolled else OutcomeCode.NOT_ENROLLED


def _how(facts: Facts) -> OutcomeCode:
    if facts.hand_banned:
        return OutcomeCode.BANNED
    if facts.hand_unlisted:
        return OutcomeCode.NOT_LISTED
    match facts.booked:
        case Booked.CANCELLED:
            return OutcomeCode.BOOKING_CANCELLED
        case Booked.MOVED:
            return OutcomeCode.MOVED
        case Booked.NO:
            return OutcomeCode.UNBOOKED
        case _:
            return OutcomeCode.APPLIED
