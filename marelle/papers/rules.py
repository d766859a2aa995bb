"""What is asked of whom, where each requirement stands, and until when a paper counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from marelle.core.clock import months_after
from marelle.places.rules import school_year_days, school_year_of

SOON_DAYS: Final = 30
"""A paper that stops counting within this many days "expires soon"."""

REMINDED_DAYS: Final = (30, 7)
"""How many days before a paper stops counting a reminder leaves; each once, the longest first."""

REMINDED_EVERY: Final = timedelta(days=7)
"""A home that an agent reminded is left alone for as long, unless the agent insists."""

PAGES_AT_MOST: Final = 20
"""Files in one paper; a long document is one PDF."""

ORDER_AT_MOST: Final = 9999
"""The last place of a type among those asked for; the database holds some more."""


class Effect(StrEnum):
    """What a missing paper does to an activity."""

    NOTHING = "nothing"
    WARN = "warn"
    BLOCKS_REQUEST = "blocks_request"
    BLOCKS_BOOKINGS = "blocks_bookings"


class About(StrEnum):
    """Whose paper it is: the home's, that of each adult who answers for the child, or the child's."""

    FAMILY = "family"
    ADULT = "adult"
    CHILD = "child"


class Validity(StrEnum):
    """Until when an accepted paper counts."""

    NONE = "none"
    MONTHS = "months"
    SCHOOL_YEAR = "school_year"
    DATED = "dated"


class PaperState(StrEnum):
    """A refused paper keeps its reason; a replaced or withdrawn one has no file left."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


MOST_YEARS: Final = 20
"""As far as a paper may count: the longest that people send, an identity card, has ten or fifteen years."""

VALIDITY_MONTHS_AT_MOST: Final = 12 * MOST_YEARS
"""Months that a type gives at most: what lasts longer is without limit."""


class Standing(StrEnum):
    """Where a requirement stands on a day."""

    MISSING = "missing"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    EXPIRES_SOON = "expires_soon"
    EXPIRED = "expired"
    REFUSED = "refused"


GIVEN: Final = frozenset({Standing.RECEIVED, Standing.ACCEPTED, Standing.EXPIRES_SOON})
"""A paper that waits for its check counts as given: no family waits for an office that is late."""

TO_SEND: Final = frozenset(Standing) - GIVEN | {Standing.EXPIRES_SOON}


@dataclass(frozen=True, slots=True)
class Given:
    """A paper sent, as the rules need it. `own` is false for one that the child's other home sent.

    `expires_on` is the last day on which it counts. `lost`: a file of it was destroyed, for a virus.
    """

    id: int
    state: PaperState
    sent_at: datetime
    expires_on: date | None = None
    reason: str = ""
    own: bool = True
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """`expires_on` and `reason` where the standing has one; `paper` is what it rests on, None for nothing.

    `elsewhere`: what counts was sent by the other home, which alone sees it. `lost`: it waits to be checked,
    and nobody can, for a file of it was destroyed; it counts as given all the same.
    """

    standing: Standing
    paper: int | None = None
    expires_on: date | None = None
    reason: str = ""
    elsewhere: bool = False
    lost: bool = False


def counts(paper: Given, day: date) -> bool:
    """Whether the paper counts as given on `day`."""
    if paper.state is PaperState.RECEIVED:
        return True
    return paper.state is PaperState.ACCEPTED and (paper.expires_on is None or paper.expires_on >= day)


def status(papers: Iterable[Given], day: date) -> Status:
    """Where one requirement stands, given all that was sent for it.

    The accepted paper that counts longest wins; near its end, one that waits to be checked takes over. What
    the other home was refused, or let run out, is its own business: only what it gave that counts is seen.
    """
    seen = [paper for paper in papers if paper.own or counts(paper, day)]
    valid = [paper for paper in seen if paper.state is PaperState.ACCEPTED and counts(paper, day)]
    waiting = [paper for paper in seen if paper.state is PaperState.RECEIVED]
    best = max(valid, key=lambda paper: (paper.expires_on or date.max, paper.own, paper.id), default=None)
    if best is not None and not _ends_soon(best, day):
        return _status(Standing.ACCEPTED, best)
    if waiting:
        return _status(
            Standing.RECEIVED, max(waiting, key=lambda paper: (paper.own, paper.sent_at, paper.id))
        )
    if best is not None:
        return _status(Standing.EXPIRES_SOON, best)
    closed = [p for p in seen if p.state in {PaperState.ACCEPTED, PaperState.REFUSED}]
    last = max(closed, key=lambda paper: (paper.sent_at, paper.id), default=None)
    if last is None:
        return Status(Standing.MISSING)
    return _status(Standing.REFUSED if last.state is PaperState.REFUSED else Standing.EXPIRED, last)


def expiry(validity: Validity, months: int | None, accepted_on: date, given: date | None) -> date | None:
    """The last day on which a paper accepted on `accepted_on` counts; None: for good.

    `given` is the date written on the paper, for `Validity.DATED`. In July and August a paper for the school
    year is one for the year to come: nobody asks for the year that ends.
    """
    match validity:
        case Validity.NONE:
            return None
        case Validity.DATED:
            return given
        case Validity.MONTHS:
            return _months_later(accepted_on, months or 0)
    year = school_year_of(accepted_on) + (1 if accepted_on.month in {7, 8} else 0)
    return school_year_days(year)[1]


def expiry_possible(last: date, day: date) -> bool:
    """Whether an agent may say on `day` that a paper counts until `last`: from that day on, within
    `MOST_YEARS`, since a year typed with a wrong digit would never be asked about again."""
    return day <= last <= day + timedelta(days=366 * MOST_YEARS)


def reminder_due(expires_on: date, last_reminder: int | None, day: date) -> int | None:
    """The reminder (in days before the end) to send on `day`, None for none.

    After a time without sending, only the nearest is sent; once the paper no longer counts, none.
    """
    left = (expires_on - day).days
    if left < 0:
        return None
    due = min((days for days in REMINDED_DAYS if left <= days), default=None)
    return due if due is not None and (last_reminder is None or due < last_reminder) else None


def _status(standing: Standing, paper: Given) -> Status:
    if not paper.own:
        return Status(standing, elsewhere=True)
    lost = paper.lost and standing is Standing.RECEIVED
    return Status(standing, paper.id, paper.expires_on, paper.reason, lost=lost)


def _ends_soon(paper: Given, day: date) -> bool:
    return paper.expires_on is not None and paper.expires_on - day <= timedelta(days=SOON_DAYS)


def _months_later(day: date, months: int) -> date:
    """The eve of the same day of the month, `months` later; a month too short ends on its last day."""
    there = months_after(day, months)
    return there if there.day < day.day else there - timedelta(days=1)
