"""What the rules say of a booking, one after the other, and not the first alone: for who tries them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from marelle.activities.bounds import Reached
from marelle.activities.rules import NEVER_OPENS, Moment, moment
from marelle.bookings.cells import Context, blocking
from marelle.bookings.needs import provided
from marelle.bookings.rules import OBSTACLES, Opening, Why


@dataclass(frozen=True, slots=True)
class Step:
    """A rule, by the `why` with which it says no, and whether it lets the booking `pass`. `at` is the instant
    that it speaks of, `when` where the moment stands to it, `other` what stands in the way, `reached` how
    much may be booked, `needs` the slots of which the child has none yet and is to take one with it."""

    why: Why
    passes: bool
    at: datetime | None = None
    when: Moment | None = None
    other: str = ""
    reached: Reached | None = None
    needs: tuple[str, ...] = ()


def steps(
    opening: Opening, context: Context, now: datetime, takeable: frozenset[int] = frozenset()
) -> Iterator[Step]:
    """Each rule in the order of `rules.may_ask`, then the places and the child's other bookings; what cannot
    be told without one that fails is left out. `takeable` are the slots of `needs.takeable`, of its day."""
    yield Step(Why.NOT_ENROLLED, context.stay is not None)
    if context.stay is None:
        return
    for why, forbids in OBSTACLES.items():
        yield Step(why, not forbids(opening, context.stay, context.home))
    yield from _in_window(opening, context, now)
    rival = blocking(opening, context, now)
    yield Step(rival[0] if rival else Why.CONFLICT, rival is None, other=rival[1] if rival else "")
    if opening.slot.requires:
        yield _with_another(opening, context, takeable)
    yield from (Step(Why.AT_MOST, passes=False, reached=over.reached) for over in context.overs)
    if opening.activity.asks_card:
        yield Step(Why.NO_ENTRY, context.no_entry is None)
    kept = context.full and context.kept_until is not None
    yield Step(Why.FULL, kept or not context.full)
    yield Step(Why.KEPT_PLACES, not kept, at=context.kept_until)


def _with_another(opening: Opening, context: Context, takeable: frozenset[int]) -> Step:
    if opening.slot.requires & provided(other for other, _place in context.others):
        return Step(Why.REQUIRES, passes=True)
    return Step(Why.REQUIRES, bool(opening.slot.requires & takeable), needs=opening.slot.needs)


def _in_window(opening: Opening, context: Context, now: datetime) -> Iterator[Step]:
    window = opening.window
    yield Step(Why.NO_RULE, window is not None)
    if window is None:
        return
    opens = opening.activity.opens_at(window, context.home.public)
    yield Step(Why.OTHER_AUDIENCE, opens is not NEVER_OPENS)
    if opens is NEVER_OPENS:
        return
    when = moment(window, opening.facts, now, opens)
    yield Step(Why.NOT_YET, when is not Moment.NOT_YET, at=opens)
    stands = moment(window, opening.facts, now, None)
    yield Step(Why.TOO_LATE, stands in (Moment.OPEN, Moment.LATE), at=window.closes_at, when=stands)
