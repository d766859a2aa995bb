"""Why a home is not separated; screens put French on the code."""

from __future__ import annotations

from typing import Any

from marelle.core.refusals import Refusal


class SeparationRefused(Refusal):
    """`code`: "own_file" (the actor is, or its child is, of the home), "acting" (`agents` who work in its
    name), "erasure_waiting", "home_left", "nobody_leaves", "nobody_stays", "children_alone" (no adult stays
    with them, and it was not said), "no_guardian" (`name` of a child who goes where nobody answers for it),
    "not_theirs" (somebody, or an enrolment, that is not of the home), "wrong_date" (a day before today, or
    after the end of the enrolment), "request_of_both" (bookings asked for in one go, on days that the two
    homes would share), "stale" (the file changed since the preview was read).
    """

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code, **data)


class AlreadySeparated(Refusal):
    """Those who were to leave live in a home of their own already: `family_id`."""

    def __init__(self, family_id: int) -> None:
        super().__init__("already_separated", family_id=family_id)
