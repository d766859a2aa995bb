"""How long a challenge holds, and when one sending is one too many. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LIFE: Final = timedelta(hours=2)
"""From the page that shows a challenge to the form that brings it back: time to write, and be disturbed."""

LONGEST_SPAN: Final = timedelta(days=1)
"""What was sent longer ago counts for no limit."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many sendings one sender may make within any `span`, of `LONGEST_SPAN` at most."""

    count: int
    span: timedelta


QUESTION_TRIES: Final = Allowance(10, timedelta(hours=1))
"""Answers to the sum in words, right or wrong, from one network address: a machine could read the sum, so
that only the limit stands in its way."""


def free_at(times: Iterable[datetime], allowance: Allowance, now: datetime) -> datetime | None:
    """When the next sending is allowed, or None if it is now."""
    recent = sorted(at for at in times if at > now - allowance.span)
    return recent[-allowance.count] + allowance.span if len(recent) >= allowance.count else None
