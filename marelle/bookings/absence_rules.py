"""When an absence may be declared, taken back, justified, and what it means. Pure.

An absence is no cancellation: while a booking can be cancelled it is cancelled, and past that limit the child
is told absent, the place stays held, and what is billed follows the rule of the structure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from marelle.activities.absences import AbsenceGrade, AbsenceRule, Awaited, Told, is_waiting, proof_until
from marelle.activities.rules import is_before, last_minute
from marelle.bookings.rules import Opening, Place, may_cancel
from marelle.bookings.states import BookingState
from marelle.core.clock import universal

NO_RULE: Final = AbsenceRule(date.min, None)
"""Where none is in force: an absence is told until the start, and no proof changes anything."""


class AbsenceNo(StrEnum):
    """Why an absence cannot be declared, or taken back, or justified."""

    NOT_BOOKED = "not_booked"
    CAN_CANCEL = "can_cancel"
    SEEN_PRESENT = "seen_present"
    ALREADY = "already"
    TOO_LATE = "too_late"
    STARTED = "started"
    NO_PROOF_ASKED = "no_proof_asked"
    PROOF_SENT = "proof_sent"


class Fate(StrEnum):
    """What becomes of a booking of a child who will not come."""

    CANCEL = "cancel"
    DECLARE = "declare"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class AbsenceTerms:
    """What an absence means under the rule of the day. Instants are the last minutes that count.

    `told_until`: in time, and `told_by_rule` where a rule says so rather than the start. `proofs`: of each
    delay, the shortest first; none where a proof changes nothing. `waiting`: the day is one that no proof
    excuses, and `waiting_days` how many are. `has_meal`: a meal is ordered already.
    """

    declare_until: datetime
    withdraw_until: datetime
    told_until: datetime
    told_by_rule: bool
    proofs: tuple[datetime, ...]
    waiting: bool
    waiting_days: int
    waiting_opened: bool
    has_meal: bool

    @property
    def proof_until(self) -> datetime | None:
        """The last minute at which a proof counts for anything; None where it changes nothing."""
        return max(self.proofs, key=universal, default=None)


@dataclass(frozen=True, slots=True)
class Missed:
    """What is known of one that was missed. `proved_at`: when its accepted proof came; `in_time`: an agent
    counts it as if it had come within the first delay."""

    told_at: datetime | None = None
    proved_at: datetime | None = None
    in_time: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """A child booked on an opening, and whether it was missed: None while nobody knows yet."""

    booking_id: int
    awaited: Awaited
    missed: bool | None


@dataclass(frozen=True, slots=True)
class AbsenceDenial:
    """`limit` is the instant that `why` speaks of: until when one may still cancel, or could declare."""

    why: AbsenceNo
    limit: datetime | None = None


def is_missed(state: BookingState, *, told: bool, attended: bool | None) -> bool | None:
    """Whether a booked child was absent: said by its home, or seen at the door, which comes first. What was
    given back in time is no absence."""
    if state is not BookingState.BOOKED:
        return False
    return not attended if attended is not None else (told or None)


def absences_begin(days: Iterable[Expected]) -> dict[int, Awaited]:
    """When the absence of each missed booking began, of one child in one activity.

    An absence goes on over the days on which the child was not awaited, and ends with one on which it came,
    or of which nobody knows. Of a day, one slot missed is enough while none was attended.
    """
    by_day: dict[date, list[Expected]] = {}
    for one in sorted(days, key=lambda one: (one.awaited.day, universal(one.awaited.starts_at))):
        by_day.setdefault(one.awaited.day, []).append(one)
    found: dict[int, Awaited] = {}
    first: Awaited | None = None
    for of_day in by_day.values():
        missed = [one for one in of_day if one.missed]
        if not missed or any(one.missed is False for one in of_day):
            first = None
        begins = first or (missed[0].awaited if missed else None)
        found |= {one.booking_id: begins for one in missed if begins}
        if not any(one.missed is False for one in of_day):
            first = begins
    return found


def absence_terms(opening: Opening, place: Place, first: Awaited | None = None) -> AbsenceTerms:
    """Declared until the last proof may come, and at least until the child would have left.

    `first` is when the absence began, None: on that day.
    """
    activity, missed = opening.activity, Awaited(opening.day, place.starts_at)
    rule = activity.absence_rule_for(opening.slot.id, opening.day) or NO_RULE
    begins = first or missed
    proofs = tuple(
        proof_until(delay, missed, begins, activity.is_held, activity.calendar) for delay in rule.proofs
    )
    ends_at = universal(place.ends_at)
    told = rule.told and last_minute(
        rule.told, replace(opening.facts, starts_at=place.starts_at), activity.calendar
    )
    return AbsenceTerms(
        declare_until=max(ends_at, *proofs, key=universal) if proofs else ends_at,
        withdraw_until=place.starts_at,
        told_until=told or place.starts_at,
        told_by_rule=told is not None,
        proofs=proofs,
        waiting=is_waiting(rule, opening.day, begins.day, activity.is_held),
        waiting_days=rule.waiting_days,
        waiting_opened=rule.waiting_opened,
        has_meal=opening.slot.has_meal,
    )


def absence_grade(terms: AbsenceTerms, missed: Missed) -> AbsenceGrade:
    """What a missed booking is. Derived each time: a proof that comes later, or is refused, changes it."""
    told = Told.NEVER
    if missed.told_at is not None:
        told = Told.IN_TIME if is_before(missed.told_at, terms.told_until) else Told.LATE
    return AbsenceGrade(told, _proof(terms, missed), terms.waiting)


def _proof(terms: AbsenceTerms, missed: Missed) -> int | None:
    if missed.proved_at is None:
        return None
    if missed.in_time:
        return 0
    within = (rank for rank, until in enumerate(terms.proofs) if is_before(missed.proved_at, until))
    return next(within, None)


def why_not_absent(
    opening: Opening, place: Place, attended: bool | None, now: datetime, first: Awaited | None = None
) -> AbsenceDenial | None:
    """Why the child cannot be told absent, whether or not the place could be given back instead.

    `attended` is what was seen at the door, None when nothing was.
    """
    if place.state is not BookingState.BOOKED or not place.mine or not opening.is_open:
        return AbsenceDenial(AbsenceNo.NOT_BOOKED)
    if place.absent:
        return AbsenceDenial(AbsenceNo.ALREADY)
    if attended:
        return AbsenceDenial(AbsenceNo.SEEN_PRESENT)
    until = absence_terms(opening, place, first).declare_until
    return None if is_before(now, until) else AbsenceDenial(AbsenceNo.TOO_LATE, until)


def why_not_declare(
    opening: Opening, place: Place, attended: bool | None, now: datetime, first: Awaited | None = None
) -> AbsenceDenial | None:
    """The same of one booking by itself, which is cancelled while it can be."""
    denial = why_not_absent(opening, place, attended, now, first)
    if denial is not None and denial.why is not AbsenceNo.TOO_LATE:
        return denial
    verdict = may_cancel(opening, place, now)
    return AbsenceDenial(AbsenceNo.CAN_CANCEL, verdict.closes_at) if verdict.why is None else denial


def gives_back(place: Place, attended: bool | None) -> bool:
    """Whether a place of a child who will not come is to be given back, if it can: one that waits for an
    answer or in a queue too. What the structure offers has its own answer."""
    asked = place.state in (BookingState.BOOKED, BookingState.REQUESTED, BookingState.WAITING)
    return asked and place.mine and not place.absent and attended is None


def fate_of(
    opening: Opening,
    place: Place,
    attended: bool | None,
    *,
    given_back: bool,
    now: datetime,
    first: Awaited | None = None,
) -> tuple[Fate, AbsenceDenial | None]:
    """What becomes of a booking: told absent where it cannot be given back, as a day of a bundle cannot
    alone; nothing, and why, where neither can be."""
    if given_back:
        return Fate.CANCEL, None
    denial = why_not_absent(opening, place, attended, now, first)
    return (Fate.DECLARE if denial is None else Fate.NOTHING), denial


def why_not_withdraw(place: Place, now: datetime) -> AbsenceDenial | None:
    """Until the start: after it the child was absent, whatever is said."""
    if not place.absent or place.state is not BookingState.BOOKED:
        return AbsenceDenial(AbsenceNo.NOT_BOOKED)
    until = place.starts_at
    return None if universal(now) < universal(until) else AbsenceDenial(AbsenceNo.STARTED, until)


def for_agent(denial: AbsenceDenial | None, *, on_behalf: bool) -> AbsenceDenial | None:
    """What is too late for a home is not for an agent in its name, who brings what came to the counter: how
    late it was is told by what the absence is."""
    return None if on_behalf and denial is not None and denial.why is AbsenceNo.TOO_LATE else denial


def why_not_justify(
    opening: Opening, place: Place, *, has_proof: bool, now: datetime, first: Awaited | None = None
) -> AbsenceDenial | None:
    """`has_proof`: one was sent already, and is not refused."""
    until = absence_terms(opening, place, first).proof_until
    if until is None:
        return AbsenceDenial(AbsenceNo.NO_PROOF_ASKED)
    if has_proof:
        return AbsenceDenial(AbsenceNo.PROOF_SENT)
    return None if is_before(now, until) else AbsenceDenial(AbsenceNo.TOO_LATE, until)


def cancelled_until(openings: Iterable[Opening], now: datetime) -> datetime | None:
    """Until when a home that is booked on all of these could still take them back, together as a bundle is;
    None once it no longer can.
    """
    limits: list[datetime] = []
    for opening in openings:
        booked = Place(0, opening.id, BookingState.BOOKED, opening.starts_at, opening.ends_at)
        verdict = may_cancel(opening, booked, now)
        if verdict.why is not None or verdict.closes_at is None:
            return None
        limits.append(verdict.closes_at)
    return min(limits, default=None)
