"""That who is logged in has just shown again who it is, before something that binds it. Pure.

A second factor would be one more `Factor`, and what asks for it would say which it wants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

RECOGNISED_FOR: Final = timedelta(minutes=10)


class Factor(StrEnum):
    PASSWORD = "password"  # noqa: S105 - the name of a factor, not a password


@dataclass(frozen=True, slots=True)
class Recognised:
    """By which factors the account `user_id` was recognised, and when."""

    user_id: int
    at: datetime
    by: frozenset[Factor] = frozenset({Factor.PASSWORD})


def is_recognised(
    shown: Recognised | None,
    *,
    user_id: int | None,
    wanted: frozenset[Factor] = frozenset({Factor.PASSWORD}),
    now: datetime,
) -> bool:
    """Whether it was this account, lately, by all the factors `wanted`."""
    return (
        shown is not None
        and shown.user_id == user_id
        and shown.by >= wanted
        and shown.at <= now < shown.at + RECOGNISED_FOR
    )
