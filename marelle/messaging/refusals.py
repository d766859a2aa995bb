"""What the services of messages answer when a rule says no."""

from __future__ import annotations

from marelle.core.refusals import Refusal


class NotYours(Refusal):
    """The thread, the structure or the piece of news is out of the actor's reach: a screen answers 404."""

    def __init__(self) -> None:
        super().__init__("not_yours")


class Unwritten(Refusal):
    """`code`: "empty" or "too_long" (`limit` in signs), with the `field` that it is about."""


class TooManyFiles(Refusal):
    """More than `limit` files joined to one message."""

    def __init__(self, limit: int) -> None:
        super().__init__("too_many_files", limit=limit)
