"""What the services of the relais answer when a rule says no."""

from __future__ import annotations

from marelle.core.refusals import Refusal
from marelle.relay.rules import Why, Wrong


class WrongDemand(Refusal):
    """A demand that cannot be sent: `wrong` says what."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


class Unreachable(Refusal):
    """Neither a telephone nor a mail address was given."""

    def __init__(self) -> None:
        super().__init__("unreachable")


class NoRelay(Refusal):
    """No relais was set up: nobody would receive the demand."""

    def __init__(self) -> None:
        super().__init__("no_relay")


class AnswerMissing(Refusal):
    """A demand is closed with a word for who asked."""

    def __init__(self) -> None:
        super().__init__("answer_missing")


class NoPlace(Refusal):
    """A morning that cannot be booked, changed or given back: `why` says it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why
