"""When an absence may be declared, taken back, justified, and what it means. Pure.

An absence is no cancellation: while a booking can be cancelled it is cancelled, and past that limit the child
is told absent, the place stays held, and what is billed follows the rule of the structure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from marelle.bookings.rules import Opening, Place, may_cancel
from marelle.bookings.states import BookingState
from marelle.core.clock import universal


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
    """What an absence means under the rule of the day. Instants are the last that count.

    `proof_until` is None where a proof changes nothing; `has_meal`: a meal is ordered already.
    """

    declare_until: datetime
    withdraw_until: datetime
    proof_until: datetime | None
    has_meal: bool


@dataclass(frozen=True, slots=True)
class AbsenceDenial:
    """`limit` is the instant that `why` speaks of: until when one may still cancel, or could declare."""

    why: AbsenceNo
    limit: datetime | None = None


def absence_terms(opening: Opening, place: Place) -> AbsenceTerms:
    """Declared until the proof may come, and at least until the child would have left."""
    rule = opening.activity.rule_for(opening.slot.id, opening.day)
    hours = rule.absence_proof_hours if rule is not None else None
    proof_until = None if hours is None else universal(place.starts_at) + timedelta(hours=hours)
    ends_at = universal(place.ends_at)
    return AbsenceTerms(
        declare_until=ends_at if proof_until is None else max(ends_at, proof_until),
        withdraw_until=place.starts_at,
        proof_until=proof_until,
        has_meal=opening.slot.has_meal,
    )


def why_not_absent(
    opening: Opening, place: Place, attended: bool | None, now: datetime
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
    until = absence_terms(opening, place).declare_until
    return AbsenceDenial(AbsenceNo.TOO_LATE, until) if universal(now) > universal(until) else None


def why_not_declare(
    opening: Opening, place: Place, attended: bool | None, now: datetime
) -> AbsenceDenial | None:
    """The same of one booking by itself, which is cancelled while it can be."""
    denial = why_not_absent(opening, place, attended, now)
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
    opening: Opening, place: Place, attended: bool | None, *, given_back: bool, now: datetime
) -> tuple[Fate, AbsenceDenial | None]:
    """What becomes of a booking: told absent where it cannot be given back, as a day of a bundle cannot
    alone; nothing, and why, where neither can be."""
    if given_back:
        return Fate.CANCEL, None
    denial = why_not_absent(opening, place, attended, now)
    return (Fate.DECLARE if denial is None else Fate.NOTHING), denial


def why_not_withdraw(opening: Opening, place: Place, now: datetime) -> AbsenceDenial | None:
    """Until the start: after it the child was absent, whatever is said."""
    if not place.absent or place.state is not BookingState.BOOKED:
        return AbsenceDenial(AbsenceNo.NOT_BOOKED)
    until = absence_terms(opening, place).withdraw_until
    return None if universal(now) < universal(until) else AbsenceDenial(AbsenceNo.STARTED, until)


def why_not_justify(
    opening: Opening, place: Place, *, has_proof: bool, now: datetime
) -> AbsenceDenial | None:
    """`has_proof`: one was sent already, and is not refused."""
    until = absence_terms(opening, place).proof_until
    if until is None:
        return AbsenceDenial(AbsenceNo.NO_PROOF_ASKED)
    if has_proof:
        return AbsenceDenial(AbsenceNo.PROOF_SENT)
    return AbsenceDenial(AbsenceNo.TOO_LATE, until) if universal(now) > until else None
