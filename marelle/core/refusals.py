"""Refusals: what a service answers when a rule says no. A code and data; French is put on them above."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A typed "no". `code` names the rule, `data` what a sentence about it needs.

    Screens turn it into French; nothing has been written when it is raised.
    """

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


class Recounted(Refusal):
    """Since the agent read how many homes would be written to, there are `homes` of them."""

    def __init__(self, homes: int) -> None:
        super().__init__("recounted", homes=homes)
