"""Which roles need a second factor, and from which day: an administrator says so for the whole portal.

A new portal asks it of every role, after two weeks (migration 0004); never the demo, which is everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import transaction

from marelle.accounts.held import second_of
from marelle.accounts.models import User
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.core.kept import Kept, kept_changed
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, seen_check
from marelle.journal.services import record
from marelle.mail.services import queue
from marelle.places.locks import portal_locked
from marelle.places.models import Post, SecondReminded, SecondRule

REMINDED: Final = (1, 7)
"""Days before, the last reminder first."""

WORKING_HOURS: Final = range(8, 19)
"""Of Paris, at which agents are written to."""

LOOKED_EVERY: Final = 600
"""Seconds between two looks by one process."""


@Kept
def second_rules() -> Mapping[Role, date]:
    """Since when, by role; no role that asks for none."""
    return {Role(rule.role): rule.since for rule in SecondRule.objects.order_by("role")}


def second_wanted_of(actor: Actor) -> date | None:
    """From which day on one of the posts of the actor needs a second factor; None for never."""
    return _earliest(power.role for power in actor.powers)


@transaction.atomic
def second_rules_set(
    *, actor: Actor, since: Mapping[Role, date | None], seen: Shown | None = None, now: datetime
) -> int:
    """Choose from which day on each role needs a second factor, None for never. Returns how many changed.

    `seen` is what the form showed, by role. Raises NotYours for who is no administrator, ChangedMeanwhile.
    """
    if not actor.is_administrator:
        raise NotYours
    portal_locked()
    held = {rule.role: rule for rule in SecondRule.objects.order_by("role")}
    told = {role: held[role].since.isoformat() if role in held else "" for role in since}
    changed = {role: day for role, day in since.items() if told[role] != (day.isoformat() if day else "")}
    subject = Subject("second_rule", None)
    if changed:
        seen_check({role.value: day for role, day in told.items()}, seen, subject=subject)
    for role, day in changed.items():
        if day is None:
            SecondRule.objects.filter(role=role.value).delete()
        else:
            SecondRule.objects.update_or_create(role=role.value, defaults={"since": day})
    if changed:
        kept_changed()
        fields = {role.value: day.isoformat() if day else "" for role, day in changed.items()}
        record(actor=actor, verb="second_rule.set", subject=subject, data={"fields": fields}, now=now)
    return len(changed)


def seconds_reminded(*, now: datetime) -> int:
    """Write to the agents whose post needs a second factor soon, and who have none: a week and a day before.
    Returns how many were written to; any number of workers write each once."""
    there = local(now)
    nearest = min((day for day in second_rules().values() if day > there.date()), default=None)
    if nearest is None or (nearest - there.date()).days > max(REMINDED) or there.hour not in WORKING_HOURS:
        return 0
    if not cache.add("places.seconds_reminded", 1, LOOKED_EVERY):
        return 0
    told = set(SecondReminded.objects.filter(since__gt=there.date()).values_list("user_id", "since", "days"))
    count = 0
    for user_id, since in _without_second().items():
        days = _step(since - there.date())
        if days is not None and (user_id, since, days) not in told:
            count += _remind(user_id, since, days, now)
    return count


def agents_without_second() -> int:
    """How many accounts have a post and no second factor, whether one is asked of them or not; one query."""
    posts = Post.objects.held().filter(user__is_active=True)
    return posts.exclude(second_of("user_id")).order_by().values("user_id").distinct().count()


def _earliest(roles: Iterable[Role]) -> date | None:
    rules = second_rules()
    return min((rules[role] for role in roles if role in rules), default=None)


def _without_second() -> dict[int, date]:
    """From which day on their posts need a second factor, by account that has none; one query."""
    posts = Post.objects.held().filter(user__is_active=True).exclude(user__email="")
    found: dict[int, date] = {}
    for user_id, role in posts.exclude(second_of("user_id")).order_by().values_list("user_id", "role"):
        since = _earliest([Role(role)])
        if since is not None:
            found[user_id] = min(since, found.get(user_id, since))
    return found


def _step(left: timedelta) -> int | None:
    """Which reminder it is time for; None once the day has come, and before there is any."""
    return next((days for days in REMINDED if 0 < left.days <= days), None)


@transaction.atomic
def _remind(user_id: int, since: date, days: int, now: datetime) -> bool:
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    _row, is_new = SecondReminded.objects.get_or_create(
        user=user, since=since, days=days, defaults={"told_at": now}
    )
    if is_new:
        subject = Subject("account", user.pk, str(user))
        record(actor=SYSTEM, verb="second.reminded", subject=subject, data={"days": days}, now=now)
        context = {"name": str(user), "day": day_plain(since)}
        queue(kind="accounts/second_wanted", to=user.email, context=context, now=now)
    return is_new
