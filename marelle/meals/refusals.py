"""Why an order, or a number, is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from marelle.core.refusals import Refusal


class DayOver(Refusal):
    """Something is asked of a day that is over."""

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__("day_over", days=tuple(days))


class TooManyPicnics(Refusal):
    """More picnics than meals."""

    def __init__(self, day: date, meals: int) -> None:
        super().__init__("too_many_picnics", day=day, meals=meals)


class MovedMeanwhile(Refusal):
    """Since the agent read these days, their bookings moved, or somebody ordered: `by` and `at` are of the
    last order made meanwhile, None when there is none."""

    def __init__(self, days: Sequence[date], by: str | None, at: datetime | None) -> None:
        super().__init__("moved_meanwhile", days=tuple(days), by=by, at=at)


class TypedMeanwhile(Refusal):
    """Another agent typed adults or picnics of these days meanwhile."""

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__("typed_meanwhile", days=tuple(days))


class NothingToOrder(Refusal):
    """What is asked for is ordered already, or empty."""

    def __init__(self) -> None:
        super().__init__("nothing_to_order")
