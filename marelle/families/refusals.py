"""The ways in which a write on families is refused; screens put French on the code."""

from __future__ import annotations

from collections.abc import Mapping

from marelle.core.refusals import Refusal


class NotAllowed(Refusal):
    """The actor keeps no family files, or this one is its own."""


class WrongFamily(Refusal):
    """What was given does not make a family: `code` says what is missing or wrong."""


class WrongDate(Refusal):
    """A dated row would begin before the one that it follows. `since` is when that one begins."""


class NoSuchTwin(Refusal):
    """Who a newcomer was said to be is not proposed for it any more."""

    def __init__(self) -> None:
        super().__init__("no_such_twin")


class HomeLeft(Refusal):
    """The home has left: it reads its file, and writes nothing more."""

    def __init__(self) -> None:
        super().__init__("home_left")


class HomeGone(Exception):
    """The home is no more what the actor, or its page, had read: it was erased, or made one with another, or
    separated, while this was sent.

    No Refusal, so that no screen takes it for one of its own: one page answers for all (`portal.gone`), with
    what was typed. `why`: "erased", "merged", "apart" (the actor lives there no more).
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class WrongValues(Refusal):
    """Some fields cannot be written as typed. `errors` are the refusals of `values` by code of field."""

    def __init__(self, errors: Mapping[str, Refusal]) -> None:
        super().__init__("wrong_values")
        self.errors = dict(errors)


class LastAdult(Refusal):
    """A home keeps one adult: who leaves last makes the home leave."""

    def __init__(self) -> None:
        super().__init__("last_adult")


class AlreadyAnswered(Refusal):
    """The change waits no more: `state` says what became of it."""

    def __init__(self, state: str) -> None:
        super().__init__("already_answered", state=state)


class ReasonMissing(Refusal):
    """Who refuses says why."""

    def __init__(self) -> None:
        super().__init__("reason_missing")


class RestrictionRefused(Refusal):
    """A judge's restriction cannot be written, or answered, so.

    `code`: "dates", "last_day" (not between today and its end), "already" (`name` is kept away then),
    "one_file" (`name` shares its file with `other`), "same" (one agent, twice), "answered", "unconfirmed",
    "end_waits" (another last day), "over".
    """
