"""What the services of commissions answer when a rule says no."""

from __future__ import annotations

from marelle.core.refusals import Refusal


class CommissionRefused(Refusal):
    """`code`: "state" (not at this step, or no more), "no_places", "no_sheets", "number" (none given),
    "members" (nobody sat), "moved" (something changed meanwhile: once more), "unverified" (the verifier
    objects, or cannot read), "used" (a demand whose sheet is decided)."""


class DecisionRefused(Refusal):
    """`code`: "reason", "unknown" (no section of it, or no more to be decided), "full" (`days`), "same"."""


class AnswerRefused(Refusal):
    """`code`: "over" (not proposed any more, or never was), "late" (its day is past)."""
