"""The slots of a day cut where there is a hole between them: pure.

A child that has slots which follow each other comes once and goes once. Booked before school and after it, it
comes twice: what is seen of it in the morning says nothing of the evening.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from marelle.core.clock import universal

HOLE: Final = timedelta(minutes=30)
"""Longer than this between two slots, a child does not wait there: it was at school, or at home. Shorter, it
is led from one to the other: from the classroom to the dining room, from a meal to a workshop."""


class Spanned(Protocol):
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


Slot = TypeVar("Slot", bound=Spanned)
Stay = Sequence[Slot]


def stays_of(slots: Iterable[Slot]) -> list[list[Slot]]:
    """Each slot in one stay, by start: one ends where more than `HOLE` passes before the next slot begins."""
    found: list[list[Slot]] = []
    for slot in sorted(slots, key=lambda one: universal(one.starts_at)):
        if found and universal(slot.starts_at) <= over_at(found[-1]):
            found[-1].append(slot)
        else:
            found.append([slot])
    return found


def over_at(stay: Stay[Slot]) -> datetime:
    """Until when a stay is looked at: who is fetched late leaves after its end. The next begins later."""
    return max(universal(one.ends_at) for one in stay) + HOLE


def stay_now(stays: Sequence[Stay[Slot]], now: datetime) -> Stay[Slot]:
    """Of stays in their order, the one under way, else the next to begin, else the last; none of none."""
    ahead = (stay for stay in stays if universal(now) <= over_at(stay))
    return next(ahead, stays[-1] if stays else ())


def begun(stays: Collection[Stay[Slot]], now: datetime) -> list[Stay[Slot]]:
    """Those at which one may be present: from `HOLE` before they begin. Before all, those that come first."""
    starts = [min(universal(one.starts_at) for one in stay) for stay in stays]
    limit = max(universal(now) + HOLE, min(starts)) if starts else None
    return [stay for stay, start in zip(stays, starts, strict=True) if limit and start <= limit]
