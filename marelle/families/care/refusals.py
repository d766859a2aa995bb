"""What the services of a child's care answer when a rule says no."""

from __future__ import annotations

from marelle.core.refusals import Refusal


class NotYours(Refusal):
    """The child or the row is not within the actor's reach: a screen answers 404."""

    def __init__(self) -> None:
        super().__init__("not_yours")


class ReadOnly(Refusal):
    """The actor reads and does not write. `code`: "home_left", or "no_authority" (parental)."""


class Stale(Refusal):
    """Somebody wrote on the sheet since it was shown: nothing is kept. `by` and `at` tell who and when."""


class WrongValue(Refusal):
    """What was given cannot be. `code`: "vaccine_day", "vaccine_twice", "too_long" (`field`), "named_twice",
    "too_many_contacts", "for_nothing", "permission_day", "hour_missing", "ban_dates", "label_taken",
    "answered_already"."""
