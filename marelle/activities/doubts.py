"""What a rule does that nobody meant: told when it is saved, with the first day it bites. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from marelle.activities.audiences import AudienceKind
from marelle.activities.facts import ActivityFacts
from marelle.activities.kinds import BookingMode
from marelle.activities.rules import OpeningFacts, Rule, Window, is_before, last_minute
from marelle.core.clock import instant_at, universal
from marelle.places.rules import school_year_of

LOOKED_AT = timedelta(days=366)


class Doubt(StrEnum):
    NO_RULE = "no_rule"
    """The slot is held and no rule holds: nothing may be booked."""
    OPENS_TOO_LATE = "opens_too_late"
    """Bookings open to everybody after they have closed: nobody comes in."""
    NOBODY = "nobody"
    """They open to no audience that has anybody."""
    CANCEL_FIRST = "cancel_first"
    """Until when one cancels comes before bookings open: what is booked is never taken back."""
    TOLD_TOO_SOON = "told_too_soon"
    """An absence is told in time until an instant when the place can still be given back: none ever is."""
    UNKNOWN_YEAR = "unknown_year"
    """The calendar holds no public holiday of that school year: 25 December is a day as any other."""
    CLOSED_SINCE = "closed_since"
    """One instant, without an end, closes a period after the one that it was meant for."""


HOLDING = frozenset({Doubt.UNKNOWN_YEAR, Doubt.CLOSED_SINCE})
"""Those that keep openings from being made until somebody has said that they are meant."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """`day` is the first on which it bites, of those of the slot."""

    doubt: Doubt
    slot_id: int
    day: date


def doubts(facts: ActivityFacts, since: date) -> tuple[Doubted, ...]:
    """Each doubt of each slot once, over a year from `since`, within the days of the activity.

    Days are those on which the slots are held by the calendar: outings are dated one by one.
    """
    facts = replace(facts, windows={})  # of a whole year: more than is worth keeping
    books = facts.booking_mode in (BookingMode.PARENT, BookingMode.VALIDATED)
    found: dict[tuple[int, Doubt], Doubted] = {}
    closed: dict[tuple[int, Rule], date] = {}
    for slot_id, opening in _held(facts, since):
        told = [] if facts.calendar.knows(school_year_of(opening.day)) else [Doubt.UNKNOWN_YEAR]
        if books:
            told += _of(facts, slot_id, opening)
            told += _closed_since(facts, slot_id, opening, closed)
        for doubt in told:
            found.setdefault((slot_id, doubt), Doubted(doubt, slot_id, opening.day))
    return tuple(sorted(found.values(), key=lambda one: (one.day, facts.slots[one.slot_id].order, one.doubt)))


def _held(facts: ActivityFacts, since: date) -> Iterator[tuple[int, OpeningFacts]]:
    first = max(since, facts.first_day)
    for ahead in range(LOOKED_AT.days):
        day = first + timedelta(days=ahead)
        for slot in facts.slots.values():
            if facts.holds_slot(slot, day):
                starts, ends = instant_at(day, slot.starts), instant_at(day, slot.ends)
                yield slot.id, OpeningFacts(day, starts, ends)


def _of(facts: ActivityFacts, slot_id: int, opening: OpeningFacts) -> Iterator[Doubt]:
    window = facts.window_of(slot_id, opening)
    if window is None:
        yield Doubt.NO_RULE
        return
    yield from _opening(facts, window)
    rule = facts.absence_rule_for(slot_id, opening.day)
    told = rule and rule.told and last_minute(rule.told, opening, facts.calendar)
    if told and window.cancel_until and is_before(told, window.cancel_until):
        yield Doubt.TOLD_TOO_SOON


def _closed_since(
    facts: ActivityFacts, slot_id: int, opening: OpeningFacts, closed: dict[tuple[int, Rule], date]
) -> Iterator[Doubt]:
    """`closed`: the last day of the first period that such a rule closes, to be filled in."""
    rule = facts.rule_for(slot_id, opening.day)
    if rule is None or rule.until is not None or rule.book.at is None:
        return
    if universal(rule.book.at) < universal(opening.starts_at):
        last = closed.setdefault((slot_id, rule), facts.calendar.period(opening.day)[1])
        if opening.day > last:
            yield Doubt.CLOSED_SINCE


def _opening(facts: ActivityFacts, window: Window) -> Iterator[Doubt]:
    if not window.opens:
        return
    may = [one for one in window.opens if not _is_empty(facts, one.audience.kind)]
    if not may:
        yield Doubt.NOBODY
        return
    first = min((one.at for one in may if one.at), key=universal, default=None)
    if first is None or any(one.at is None for one in may):
        return
    if window.closes_at and not is_before(first, window.closes_at):
        yield Doubt.OPENS_TOO_LATE
    elif window.cancel_until and not is_before(first, window.cancel_until):
        yield Doubt.CANCEL_FIRST


def _is_empty(facts: ActivityFacts, kind: AudienceKind) -> bool:
    """An authority without communes has no residents."""
    return (kind is AudienceKind.RESIDENTS and not facts.residents) or (
        kind is AudienceKind.AGREEMENT and not facts.agreement
    )
