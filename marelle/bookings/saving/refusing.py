"""What a save refuses and what it lets pass: the words between its rules. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marelle.activities.bounds import Reached
from marelle.bookings.rules import CONDITIONS, Opening, Place, Verdict, Why
from marelle.bookings.saving.ledger import Change, Hours

PASSED_BY_DEROGATION = frozenset(
    {
        Why.NOT_YET,
        Why.OTHER_AUDIENCE,
        Why.TOO_LATE,
        Why.TOO_LATE_TO_CANCEL,
        Why.NO_RULE,
        Why.PAPERS_MISSING,
        Why.UNPAID,
        Why.SUSPENDED,
        *CONDITIONS,
        Why.BY_STRUCTURE,
        Why.OTHER_GROUP,
        Why.OTHER_HOME_DAY,
        Why.AT_MOST,
        Why.IN_A_RUN,
        Why.NO_ENTRY,
        Why.FULL,
        Why.KEPT_PLACES,
        Why.QUEUE_ONLY,
    }
)
"""What a named agent may pass with a reason: a deadline, an age, a capacity, how much may be booked, a
missing paper, a late bill, a suspension. Never a closed day, another booking of the child, or a missing
enrolment."""
SETTLED_LAST = frozenset({Why.REQUIRES, Why.REQUIRED, Why.AT_MOST, Why.IN_A_RUN, Why.NO_ENTRY})
"""Refusals that another change of the same save may lift: tried again once the others are done, and at last
with what goes along."""


@dataclass(frozen=True, slots=True)
class No:
    why: Why
    limit: datetime | None = None
    other: str = ""
    may_wait: bool = False
    needs_derogation: bool = False
    reached: Reached | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A change that passed every check, or by derogation what is `passed`. `waited`: the place in the queue
    that it ends."""

    change: Change
    hours: Hours
    verdict: Verdict
    passed: tuple[Why, ...]
    waited: Place | None


def given_back(child_id: int, opening: Opening) -> Change:
    return Change(child_id, opening.id, seen=True, wanted=False)
