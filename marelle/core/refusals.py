"""Refusals: what a service answers when a rule says no. A code and data; French is put on them above."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


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


class ChangedMeanwhile(Refusal):
    """Another wrote after the form was shown: nothing is overwritten unread.

    In `data`, as far as the form tells it: `held`, what is there now by the name of its field; `names`, what
    differs from what was shown; `by` the label of who wrote last ("" when nobody knows) and `at` when;
    `proposed`, what waits for an agent and was not shown, by field.
    """

    def __init__(
        self,
        *,
        held: Mapping[str, Any] = EMPTY,
        names: tuple[str, ...] = (),
        by: str = "",
        at: datetime | None = None,
        proposed: Mapping[str, Any] = EMPTY,
    ) -> None:
        super().__init__("changed_meanwhile", held=held, names=names, by=by, at=at, proposed=proposed)


class Recounted(Refusal):
    """Since the agent read how many homes would be written to, there are `homes` of them."""

    def __init__(self, homes: int) -> None:
        super().__init__("recounted", homes=homes)
