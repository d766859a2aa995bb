"""What the services of this package answer when a rule says no."""

from __future__ import annotations

from datetime import datetime

from marelle.core.refusals import Refusal


class NotProven(Refusal):
    """`code`: "missing" (nothing was ticked or answered), "wrong", "expired" or "used"."""


class TooManySendings(Refusal):
    """A sender reached its limit; `retry_at` is when the next sending is allowed."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__("too_many_sendings", retry_at=retry_at)
        self.retry_at = retry_at
