"""The ways in which a write on families is refused; screens put French on the code."""

from __future__ import annotations

from marelle.core.refusals import Refusal


class NotAllowed(Refusal):
    """The actor keeps no family files, or this one is its own."""


class WrongFamily(Refusal):
    """What was given does not make a family: `code` says what is missing or wrong."""


class WrongDate(Refusal):
    """A dated row would begin before the one that it follows. `since` is when that one begins."""


class NoSuchRow(Refusal):
    """The family, member or person does not exist."""
