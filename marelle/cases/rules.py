"""How long a decision may be undone, and how long cases waited; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

UNDO_FOR: Final = timedelta(seconds=60)
"""The mails of a decision leave after it: until then the decision is undone without anybody knowing."""


def undo_until(decided_at: datetime) -> datetime:
    return decided_at + UNDO_FOR


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The least of `values` that `percent` (1 to 100) of them do not pass; None without values.

    The nearest rank: always one of the values, so that a figure on a screen is a wait that somebody had.
    """
    if not 1 <= percent <= 100:
        raise ValueError(percent)
    return sorted(values)[-(-len(values) * percent // 100) - 1] if values else None
