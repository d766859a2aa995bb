"""Why two files do not become one; screens put French on the code."""

from __future__ import annotations

from typing import Any

from marelle.core.refusals import Refusal


class MergeRefused(Refusal):
    """`code`: "same_file", "own_file" (the actor is, or its child is, of one of the two), "acting" (`agents`
    who work in the name of one), "erasure_waiting", "wrong_pairs" (people who cannot be one), "two_agents"
    (two accounts of one person that both work here), "health_too_long" (what is said of a child's health no
    longer fits one sheet), "kept_apart" (a judge keeps one of them away from a child of the other), "stale"
    (a file changed since the preview was read).
    """

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code, **data)


class AlreadyMerged(Refusal):
    """The two are one file already: `family_id`."""

    def __init__(self, family_id: int) -> None:
        super().__init__("already_merged", family_id=family_id)
