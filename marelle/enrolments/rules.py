"""Who may ask for which activity, between which dates, with which wishes, and in which group it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import combinations
from typing import Any

from marelle.activities.kinds import Unpaid
from marelle.core.clock import local, universal
from marelle.families.rules import age_in_months, fits_age
from marelle.places.rules import DAY

WISHES_AT_MOST = 100
"""Pairs of weekday and slot in one request; a service offers some ten slots a day."""


Wishes = Mapping[int, frozenset[int]]
"""Ids of the slots wished, by weekday (0 is Monday)."""


class Reason(StrEnum):
    """Why a request is not possible. What each carries as data is told by the function that gives it."""

    BY_STRUCTURE = "by_structure"
    BY_CARE_REQUEST = "by_care_request"
    NO_ENROLMENT = "no_enrolment"
    OVER = "over"
    NOT_OPEN_YET = "not_open_yet"
    CLOSED = "closed"
    FULL = "full"
    UNPAID = "unpaid"
    PAPERS_MISSING = "papers_missing"
    ALREADY_ASKED = "already_asked"
    ALREADY_ENROLLED = "already_enrolled"
    NOT_BORN = "not_born"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    SCHOOL_UNKNOWN = "school_unknown"
    OTHER_SCHOOL = "other_school"
    IN_THE_PAST = "in_the_past"
    DATES_OUTSIDE = "dates_outside"
    DATES_REVERSED = "dates_reversed"
    UNKNOWN_WISH = "unknown_wish"
    TOO_MANY_WISHES = "too_many_wishes"
    ANSWER_MISSING = "answer_missing"
    ANSWER_UNKNOWN = "answer_unknown"
    ANSWER_TOO_LONG = "answer_too_long"
    QUESTION_CHANGED = "question_changed"
    NOT_ACCEPTED = "not_accepted"
    END_OUTSIDE = "end_outside"


@dataclass(frozen=True, slots=True)
class Denial:
    """A "no" with what a sentence about it needs."""

    reason: Reason
    data: Mapping[str, Any]


class Live(StrEnum):
    """A live enrolment of the same home, person and activity."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class AskFacts:
    """An activity and a person who would join it.

    `by_structure`: the structure enrols, families do not ask; `is_childcare`: they ask for care at the
    « guichet unique » instead.
    Ages are in months, both ends included, counted on `age_day`, or on the first day asked for when it is
    None. `opens_at` and `closes_at` bound the requests; None is no bound. `schools` are those served, empty
    for any; `school` is the person's for the school year asked about, None when nobody told it. `full`: no
    place is left, see `is_full`. `unpaid`: what a late bill of the home does here, NOTHING without one.
    `papers_missing` are the titles of those without which the activity takes no request.
    """

    by_structure: bool
    first_day: date
    last_day: date
    min_months: int
    max_months: int | None
    age_day: date | None
    opens_at: datetime | None
    closes_at: datetime | None
    schools: frozenset[int]
    birth: date | None
    school: int | None
    live: Live | None
    full: bool = False
    closes_when_full: bool = False
    unpaid: Unpaid = Unpaid.NOTHING
    papers_missing: tuple[str, ...] = ()
    is_childcare: bool = False


def may_ask(facts: AskFacts, now: datetime, starts_on: date | None = None) -> Denial | None:
    """Why a parent may not ask at `now`; None when it may.

    Without `starts_on` (which activities to offer), an age counted on the first day asked for is right when
    some day left of the activity suits it. TOO_YOUNG and TOO_OLD carry `day`, on which the age is counted,
    and `min_months` or `max_months`; NOT_OPEN_YET and CLOSED carry the instant `at`; PAPERS_MISSING carries
    the `titles`.
    """
    today = local(now).date()
    wrong = wrong_age(facts, earliest_start(facts, today), starts_on)
    if facts.by_structure:
        is_welcome = wrong is None or wrong.reason is Reason.NOT_BORN
        asks_for_care = facts.is_childcare and is_welcome
        return Denial(Reason.BY_CARE_REQUEST if asks_for_care else Reason.BY_STRUCTURE, {})
    if today > facts.last_day:
        return Denial(Reason.OVER, {"day": facts.last_day})
    if facts.live is not None:
        asked = facts.live is Live.REQUESTED
        return Denial(Reason.ALREADY_ASKED if asked else Reason.ALREADY_ENROLLED, {})
    wrong = wrong or wrong_school(facts)
    if wrong is not None:
        return wrong
    if facts.opens_at is not None and universal(now) < universal(facts.opens_at):
        return Denial(Reason.NOT_OPEN_YET, {"at": facts.opens_at})
    if facts.closes_at is not None and universal(now) > universal(facts.closes_at):
        return Denial(Reason.CLOSED, {"at": facts.closes_at})
    return guarded(facts)


WITHOUT: Mapping[Reason, Mapping[str, Any]] = {
    Reason.NOT_OPEN_YET: {"opens_at": None},
    Reason.CLOSED: {"closes_at": None},
    Reason.TOO_YOUNG: {"min_months": 0},
    Reason.TOO_OLD: {"max_months": None},
    Reason.SCHOOL_UNKNOWN: {"schools": frozenset()},
    Reason.OTHER_SCHOOL: {"schools": frozenset()},
    Reason.FULL: {"full": False},
    Reason.UNPAID: {"unpaid": Unpaid.NOTHING},
    Reason.PAPERS_MISSING: {"papers_missing": ()},
}
"""What an agent may pass with a reason, and the facts as they would be without it. Never an activity that is
over, nor a second enrolment in it."""


def passing(
    facts: AskFacts, denied: Callable[[AskFacts], Denial | None]
) -> tuple[tuple[Reason, ...], Denial | None]:
    """The limits that a derogation would pass, one after the other, and what it cannot: a child who is not
    born on the day when ages are counted is too young for any limit."""
    passed: list[Reason] = []
    while (denial := denied(facts)) is not None and denial.reason in WITHOUT.keys() - set(passed):
        passed.append(denial.reason)
        facts = replace(facts, **WITHOUT[denial.reason])
    return tuple(passed), denial


def denied_to_service(facts: AskFacts, earliest: date, starts_on: date) -> Denial | None:
    """What a service that enrols a child itself passes only with a reason: the ages, and, where families ask,
    the schools, the bills, the papers and the places."""
    age = wrong_age(facts, earliest, starts_on)
    return age or (None if facts.by_structure else wrong_school(facts) or guarded(facts))


def guarded(facts: AskFacts) -> Denial | None:
    """What the authority chose to let no request pass: said last, since the family can mend it."""
    if facts.full and facts.closes_when_full:
        return Denial(Reason.FULL, {})
    if facts.unpaid.closes_requests:
        return Denial(Reason.UNPAID, {})
    if facts.papers_missing:
        return Denial(Reason.PAPERS_MISSING, {"titles": facts.papers_missing})
    return None


@dataclass(frozen=True, slots=True)
class GroupPlaces:
    """A group of an activity (None: the activity has none): whether openings are to come, and whether one
    of them has a place left."""

    group_id: int | None
    to_come: bool
    left: bool


def is_full(groups: Iterable[GroupPlaces], group_id: int | None) -> bool:
    """Whether no opening to come has a place left, in the group of that id, or in any when it is None.

    Nothing to come is not full: the openings may not be made yet.
    """
    looked_at = [group for group in groups if group_id in (None, group.group_id)]
    return any(group.to_come for group in looked_at) and not any(group.left for group in looked_at)


def earliest_start(facts: AskFacts, today: date) -> date:
    """The first day that may be asked for: nobody is enrolled in the past."""
    return max(facts.first_day, today)


def wrong_age(facts: AskFacts, earliest: date, starts_on: date | None) -> Denial | None:
    """The age is counted on the activity's own day, else on the first day asked for."""
    if facts.birth is None:
        return Denial(Reason.NOT_BORN, {})
    lowest = facts.age_day or starts_on or facts.last_day
    highest = facts.age_day or starts_on or earliest
    if age_in_months(facts.birth, lowest) < facts.min_months:
        day = facts.age_day or starts_on or earliest
        return Denial(Reason.TOO_YOUNG, {"day": day, "min_months": facts.min_months})
    if facts.max_months is not None and age_in_months(facts.birth, highest) > facts.max_months:
        return Denial(Reason.TOO_OLD, {"day": highest, "max_months": facts.max_months})
    return None


def wrong_school(facts: AskFacts) -> Denial | None:
    if not facts.schools or facts.school in facts.schools:
        return None
    return Denial(Reason.SCHOOL_UNKNOWN if facts.school is None else Reason.OTHER_SCHOOL, {})


def wrong_dates(facts: AskFacts, today: date, starts_on: date, ends_on: date) -> Denial | None:
    """Both dates are within the activity, in order, and the first is not past.

    IN_THE_PAST carries the earliest `day`; DATES_OUTSIDE the `first` and `last` of the activity.
    """
    if ends_on < starts_on:
        return Denial(Reason.DATES_REVERSED, {})
    if starts_on < facts.first_day or ends_on > facts.last_day:
        return Denial(Reason.DATES_OUTSIDE, {"first": facts.first_day, "last": facts.last_day})
    if starts_on < today:
        return Denial(Reason.IN_THE_PAST, {"day": earliest_start(facts, today)})
    return None


def wrong_end(starts_on: date, ends_on: date, today: date, last_day: date) -> Denial | None:
    """The last day asked for is within what is left of the enrolment, and shortens it.

    END_OUTSIDE carries the `first` and the `last` day that may be asked for.
    """
    first, last = max(starts_on, today), ends_on - DAY
    if first <= last_day <= last:
        return None
    return Denial(Reason.END_OUTSIDE, {"first": first, "last": last})


def wrong_wishes(wishes: Wishes, weekdays_by_slot: Mapping[int, frozenset[int]]) -> Denial | None:
    """Wishes are for slots of the activity, on weekdays when they are held."""
    if sum(map(len, wishes.values())) > WISHES_AT_MOST:
        return Denial(Reason.TOO_MANY_WISHES, {})
    for weekday, slots in wishes.items():
        if any(weekday not in weekdays_by_slot.get(slot, frozenset()) for slot in slots):
            return Denial(Reason.UNKNOWN_WISH, {})
    return None


@dataclass(frozen=True, slots=True)
class GroupFacts:
    id: int
    min_months: int
    max_months: int | None


def overlapping(groups: Iterable[GroupFacts]) -> tuple[tuple[GroupFacts, GroupFacts], ...]:
    """Pairs of groups that an age suits both of: a child goes to the first of them (`default_group`)."""
    return tuple(
        (one, other)
        for one, other in combinations(groups, 2)
        if (other.max_months is None or one.min_months <= other.max_months)
        and (one.max_months is None or other.min_months <= one.max_months)
    )


def default_group(groups: Iterable[GroupFacts], birth: date | None, day: date) -> int | None:
    """The id of the first group that suits the age on `day`; None when none does, or without a birth date."""
    if birth is None:
        return None
    return next((g.id for g in groups if fits_age(birth, g.min_months, g.max_months, day)), None)
