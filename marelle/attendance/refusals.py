"""What the services of the door answer when a rule says no."""

from __future__ import annotations

from datetime import datetime

from marelle.core.refusals import Refusal


class NameTaken(Refusal):
    """Another tablet of the structure has this name."""

    def __init__(self) -> None:
        super().__init__("name_taken")


class NameMissing(Refusal):
    def __init__(self) -> None:
        super().__init__("name_missing")


class WrongPin(Refusal):
    """A PIN that may not be chosen: not four to six digits, or one that anybody would try first."""

    def __init__(self) -> None:
        super().__init__("wrong_pin")


class AlreadySettled(Refusal):
    """Somebody was faster: `by` says who."""

    def __init__(self, by: str) -> None:
        super().__init__("already_settled", by=by)


class CannotKeep(Refusal):
    """A tick that says too little to count: who the child is, or on which opening."""

    def __init__(self) -> None:
        super().__init__("cannot_keep")


class HourMissing(Refusal):
    """A child came or left on a day of which the tick does not tell the hour."""

    def __init__(self) -> None:
        super().__init__("hour_missing")


class WrongHour(Refusal):
    """An hour that cannot be: after the tick was received at `before`, or a departure before the arrival."""

    def __init__(self, before: datetime | None = None) -> None:
        super().__init__("wrong_hour", before=before)


class CannotAnswer(Refusal):
    """A mismatch that was answered already, that a later tick has lifted, or that is too old."""

    def __init__(self) -> None:
        super().__init__("cannot_answer")


class CannotCorrect(Refusal):
    """Nothing to correct, or a tick that would not count: the day is closed, nobody is enrolled."""

    def __init__(self) -> None:
        super().__init__("cannot_correct")


class WordsMissing(Refusal):
    """An error that the structure does not correct, without saying why."""

    def __init__(self) -> None:
        super().__init__("words_missing")


class CannotSuspend(Refusal):
    """`code`: "not_here" (a right, or no rule lets it), "past", "not_in_order", "too_long", or "over"
    (nothing is)."""


class WrongCode(Refusal):
    """No tablet waits for this code, or no longer."""

    def __init__(self) -> None:
        super().__init__("wrong_code")
