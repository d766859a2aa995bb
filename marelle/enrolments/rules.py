"""Who may ask for which activity, between which dates, with which wishes, and in which group it starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from marelle.core.clock import local, universal
from marelle.families.rules import age_in_months, fits_age

WISHES_AT_MOST = 100
"""Pairs of weekday and slot in one request; a service offers some ten slots a day."""


class Reason(StrEnum):
    """Why a request is not possible. What each carries as data is told by the function that gives it."""

    BY_STRUCTURE = "by_structure"
    BY_FAMILY = "by_family"
    OVER = "over"
    NOT_OPEN_YET = "not_open_yet"
    CLOSED = "closed"
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

    Ages are in months, both ends included, counted on `age_day`, or on the first day asked for when it is
    None. `opens_at` and `closes_at` bound the requests; None is no bound. `schools` are those served, empty
    for any; `school` is the person's for the school year asked about, None when nobody told it.
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


def may_ask(facts: AskFacts, now: datetime, starts_on: date | None = None) -> Denial | None:
    """Why a parent may not ask at `now`; None when it may.

    Without `starts_on` (which activities to offer), an age counted on the first day asked for is right when
    some day left of the activity suits it. TOO_YOUNG and TOO_OLD carry `day`, on which the age is counted,
    and `min_months` or `max_months`; NOT_OPEN_YET and CLOSED carry the instant `at`.
    """
    today = local(now).date()
    if facts.by_structure:
        return Denial(Reason.BY_STRUCTURE, {})
    if today > facts.last_day:
        return Denial(Reason.OVER, {"day": facts.last_day})
    if facts.live is not None:
        asked = facts.live is Live.REQUESTED
        return Denial(Reason.ALREADY_ASKED if asked else Reason.ALREADY_ENROLLED, {})
    if facts.opens_at is not None and universal(now) < universal(facts.opens_at):
        return Denial(Reason.NOT_OPEN_YET, {"at": facts.opens_at})
    if facts.closes_at is not None and universal(now) > universal(facts.closes_at):
        return Denial(Reason.CLOSED, {"at": facts.closes_at})
    return wrong_age(facts, earliest_start(facts, today), starts_on) or wrong_school(facts)


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


def wrong_wishes(
    wishes: Mapping[int, frozenset[int]], weekdays_by_slot: Mapping[int, frozenset[int]]
) -> Denial | None:
    """Wishes are for slots of the activity, on weekdays when they are held. `wishes`: slots by weekday."""
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


def default_group(groups: Iterable[GroupFacts], birth: date | None, day: date) -> int | None:
    """The id of the first group that suits the age on `day`; None when none does, or without a birth date."""
    if birth is None:
        return None
    return next((g.id for g in groups if fits_age(birth, g.min_months, g.max_months, day)), None)
