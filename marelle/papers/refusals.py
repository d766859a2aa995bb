"""What the services of papers answer when a rule says no."""

from __future__ import annotations

from marelle.core.refusals import Refusal


class AlreadyGiven(Refusal):
    """What is asked for is there: it waits to be checked, or counts for long."""

    def __init__(self) -> None:
        super().__init__("already_given")


class NobodyToRemind(Refusal):
    """Nobody of those chosen lacks a paper, or all were reminded lately."""

    def __init__(self) -> None:
        super().__init__("nobody_to_remind")


class NothingSent(Refusal):
    """No file was given."""

    def __init__(self) -> None:
        super().__init__("nothing_sent")


class TooManyPages(Refusal):
    """More files than `rules.PAGES_AT_MOST` in one paper; `limit` says how many."""

    def __init__(self, limit: int) -> None:
        super().__init__("too_many_files", limit=limit)


class NoLongerWaits(Refusal):
    """The paper was checked, replaced or taken back meanwhile."""

    def __init__(self) -> None:
        super().__init__("no_longer_waits")


class PagesChanged(Refusal):
    """The family added or removed a page since the agent opened it: nothing is decided unseen."""

    def __init__(self) -> None:
        super().__init__("pages_changed")


class ReasonMissing(Refusal):
    """A refusal without its reason."""

    def __init__(self) -> None:
        super().__init__("reason_missing")


class WrongExpiry(Refusal):
    """The last day on which a paper counts is missing where its type asks for one, past, or too far."""

    def __init__(self) -> None:
        super().__init__("wrong_expiry")


class WrongType(Refusal):
    """A setting of a type or of a need that does not hold: `code` says which."""


class HomeLeft(Refusal):
    """The home has left: it reads, and sends nothing more."""

    def __init__(self) -> None:
        super().__init__("home_left")


class NothingToAccept(Refusal):
    """The publication asks for no acceptance, or an agent would give it in the family's name."""

    def __init__(self) -> None:
        super().__init__("nothing_to_accept")


class Outdated(Refusal):
    """A newer version was published, or this one was withdrawn."""

    def __init__(self) -> None:
        super().__init__("outdated")
