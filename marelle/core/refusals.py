"""Refusals: what a service answers when a rule says no. A code and data; French is put on them above."""

from __future__ import annotations

from typing import Any


class No(Exception):
    """What a service answers instead of writing. `code` names the rule, `data` what a sentence needs."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


class Refusal(No):
    """A typed "no" that screens turn into French; nothing has been written when it is raised."""


class NotYours(No):
    """What is asked is not within the actor's reach, or does not exist.

    No `Refusal`: a view that says those lets this one through, and `ui.middleware` answers 404 to both alike.
    """

    def __init__(self) -> None:
        super().__init__("not_yours")


class Recounted(Refusal):
    """Since the agent read how many homes would be written to, there are `homes` of them."""

    def __init__(self, homes: int) -> None:
        super().__init__("recounted", homes=homes)
