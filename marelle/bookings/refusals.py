"""What the services of bookings answer when a rule says no."""

from __future__ import annotations

from marelle.bookings.absence_rules import AbsenceDenial
from marelle.core.refusals import Refusal


class ReasonMissing(Refusal):
    """A "no" without its reason."""

    def __init__(self) -> None:
        super().__init__("reason_missing")


class AbsenceDenied(Refusal):
    """A rule of `absence_rules` says no; `code` is its `AbsenceNo`, `limit` the instant it speaks of."""

    def __init__(self, denial: AbsenceDenial) -> None:
        super().__init__(denial.why.value, limit=denial.limit)
        self.denial = denial


class ProofTooLate(Refusal):
    """A "yes" to a proof that came after every delay, without the reason to count it."""

    def __init__(self) -> None:
        super().__init__("proof_too_late")


class ShownOtherwise(Refusal):
    """What would be done is no longer what was shown and confirmed: nothing was."""

    def __init__(self) -> None:
        super().__init__("shown_otherwise")


class OfferImpossible(Refusal):
    """`code`: "nobody_waits" (for whom there is room), "bad_until", "moved" (try again), "offer_over",
    "not_all_yours" (a child for whom another adult books), "elsewhere_too" (where the actor gives none)."""


class WaitingRefused(Refusal):
    """`code`: "order_reason_missing", "reason_missing", "derogation_missing", "cannot_have_it" (closed,
    begun, busy elsewhere), "waits_no_more", "moved" (try again), "reordered" (its `priority` now),
    "elsewhere_too"; of a home that says what goes together: those of `waiting.joining`."""
