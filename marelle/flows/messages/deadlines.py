"""« Pensez à réserver »: a limit is near and nothing is booked. For who asked for it, once a week."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from marelle.accounts.models import User
from marelle.accounts.notices import Notice
from marelle.bookings.models import DeadlineTold
from marelle.bookings.saving.telling import tell_deadline
from marelle.bookings.selectors import NothingBooked, nothing_booked
from marelle.core.actor import Actor
from marelle.core.clock import local, universal
from marelle.families.locks import homes_locked
from marelle.families.selectors import children
from marelle.flows.actor.actors import account_with_actor

EVENING: Final = range(18, 22)
"""Hours of Paris at which parents are told."""

NEAR: Final = timedelta(hours=24)

_done: dict[str, date] = {}
"""The evening that this process has gone through: the round comes every few seconds, the evening once."""


def deadlines_tell(*, now: datetime) -> int:
    """In the evening, tell who asked for it of the limits of the next day. Returns how many were told.

    A few queries for each account that asked, once an evening; any number of processes tell a week once.
    """
    there = local(now)
    if there.hour not in EVENING or _done.get("evening") == there.date():
        return 0
    asked = User.objects.filter(is_active=True, **{f"notices__{Notice.DEADLINE.value}": True})
    told = sum(_tell_account(user_id, now) for user_id in asked.values_list("pk", flat=True))
    _done["evening"] = there.date()
    return told


def _tell_account(user_id: int, now: datetime) -> int:
    user = account_with_actor(user_id)
    actor = user.actor if user is not None else None
    if actor is None or actor.family_id is None:
        return 0
    home = [child for child in children(actor, day=local(now).date()) if child.may_book]
    return sum(_tell(actor, found, now) for found in nothing_booked(actor, home, now=now))


def _tell(actor: Actor, found: NothingBooked, now: datetime) -> bool:
    if found.day is None or found.closes_at is None or universal(found.closes_at) > universal(now) + NEAR:
        return False
    week = found.day - timedelta(days=found.day.weekday())
    with transaction.atomic():
        if not any(home.erased_at is None for home in homes_locked([actor.home_id])):
            return False
        _row, is_new = DeadlineTold.objects.get_or_create(
            enrolment_id=found.enrolment_id, week=week, defaults={"told_at": now}
        )
        if is_new:
            tell_deadline(
                family_id=actor.home_id,
                child_id=found.child_id,
                child=found.child_first_name,
                activity_id=found.activity_id,
                day=found.day,
                closes_at=found.closes_at,
                now=now,
            )
    return is_new
