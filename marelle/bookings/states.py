"""The states of a booking and why one ends. Used by the models and by the rules, which know no ORM."""

from __future__ import annotations

from enum import StrEnum


class BookingState(StrEnum):
    REQUESTED = "requested"
    BOOKED = "booked"
    OFFERED = "offered"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    REFUSED = "refused"


HOLDING = (BookingState.REQUESTED, BookingState.BOOKED, BookingState.OFFERED)
LIVE = (*HOLDING, BookingState.WAITING)
TAKEN = (BookingState.REQUESTED, BookingState.BOOKED)
"""What is paid for: a place that is offered or waited for is not taken yet."""


class EndCause(StrEnum):
    """Why a booking ended: "annulé par la structure" is not "annulé par la famille".

    `ONE_ENOUGH`: waited for no more, since another of which one was enough is given.
    """

    FAMILY = "family"
    STRUCTURE = "structure"
    CHANGED = "changed"
    EXPIRED = "expired"
    ENROLMENT_ENDED = "enrolment_ended"
    ONE_ENOUGH = "one_enough"


class AbsenceReason(StrEnum):
    """Why a child will not come, as much as a structure needs to know: never a diagnosis."""

    ILLNESS = "illness"
    FAMILY = "family"
    OTHER = "other"


class ProofState(StrEnum):
    """What an agent made of the document that justifies an absence."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
