"""That who is logged in has just shown who it is, before something that binds it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

RECOGNISED_FOR: Final = timedelta(minutes=10)


class Factor(StrEnum):
    PASSWORD = "password"  # noqa: S105 - the name of a factor, not a password
    SECOND = "second"  # a code of its application, a recovery code or a passkey


def strongest(*, has_second: bool) -> frozenset[Factor]:
    """What an account is asked for before what is grave."""
    return frozenset({Factor.SECOND if has_second else Factor.PASSWORD})


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
