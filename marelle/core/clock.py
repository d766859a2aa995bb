"""Instants and the wall clock of Europe/Paris. `now` is always given; what is read is how late it becomes."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

INSTANT = timedelta(microseconds=1)


def instant_at(day: date, hour: time) -> datetime:
    """The instant when clocks in Paris show `hour` on `day`.

    An hour shown twice (end of October) is the first of the two; an hour that is skipped (end of March) is
    read as if the clocks had not yet moved.
    """
    return datetime.combine(day, hour, tzinfo=PARIS)


def local(instant: datetime) -> datetime:
    """The same instant on the wall clock of Paris. Refuses a naive datetime with ValueError."""
    if instant.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    return instant.astimezone(PARIS)


def just_before(instant: datetime) -> datetime:
    """The last instant before a whole minute: what "avant 10 h" leaves."""
    return local(universal(instant) - INSTANT)


def is_just_before(instant: datetime) -> bool:
    """Whether it is the last instant before a whole minute."""
    return (instant.second, instant.microsecond) == (59, 999_999)


def named(instant: datetime) -> datetime:
    """What words name, on the wall clock of Paris: the minute that an instant is just before, or itself."""
    return local(universal(instant) + INSTANT if is_just_before(instant) else instant)


def universal(instant: datetime) -> datetime:
    """The same instant in UTC: the only form in which instants may be compared, added to or subtracted.

    Python compares and adds on the wall clock when both sides share a zone, and so errs by an hour twice a
    year.
    """
    if instant.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    return instant.astimezone(UTC)


def months_after(day: date, months: int) -> date:
    """The same day of the month, so many months later, or earlier below zero; the last of a month that is too
    short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def running(now: datetime) -> Callable[[], datetime]:
    """What time it has become, for work that begins at `now` and lasts; in UTC, in whole seconds since.

    By the clock on the wall, since what is dated so is compared with what other machines read there.
    """
    started, begun = datetime.now(UTC), universal(now)
    return lambda: begun + timedelta(seconds=max(0, int((datetime.now(UTC) - started).total_seconds())))
