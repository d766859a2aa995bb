"""Children go to another group from a day on, with their bookings, in one transaction: one, or several."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from marelle.activities.models import AgeGroup
from marelle.bookings.closing.moving import (
    Moved,
    Plan,
    Then,
    bookings_move,
    mark_of,
    moving_plan,
    moving_plans,
)
from marelle.bookings.saving.locks import children_locked
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.enrolments.models import DEROGATION_LENGTH, Enrolment, GroupChoice
from marelle.enrolments.services import group_change, groups_movable
from marelle.families.scope import is_own_file

MOST_AT_ONCE: Final = 60
"""Children moved together: each one's later bookings are read and shown."""


class MoveRefused(Refusal):
    """`code`: "past_day" (only from tomorrow), "outside" (not a day of the enrolment), "no_such_group",
    "same_group", "no_reason" (a derogation needs one), "moved" (not what was shown any more), "nobody" (none
    of the children can move), or "too_many"."""


@dataclass(frozen=True, slots=True)
class Stays:
    """A child who cannot move; `code` is that of `MoveRefused`, or "own_file"."""

    enrolment: Enrolment
    code: str


@dataclass(frozen=True, slots=True)
class Together:
    """What moving several children would do, in the order in which they are served: who asked first.

    `unknown` were ticked and are not, or no longer, the actor's to move in that activity.
    """

    moves: tuple[tuple[Enrolment, Plan], ...]
    stays: tuple[Stays, ...]
    unknown: int
    mark: str


@dataclass(frozen=True, slots=True)
class MovedTogether:
    moved: tuple[tuple[Enrolment, Moved], ...]
    stays: tuple[Stays, ...]
    unknown: int


def is_past(since: date, day: date) -> bool:
    """Whether a group may no longer change from `since`: what is of today stays as it is."""
    return since <= day


def group_plan(*, actor: Actor, enrolment_id: int, group_id: int, since: date, now: datetime) -> Plan:
    """What would become of the later bookings. Raises NotYours, OwnFile or MoveRefused."""
    _checked(actor, enrolment_id, group_id, since, now)
    return moving_plan(enrolment_id, group_id=group_id, since=since, now=now)


@transaction.atomic
def child_move(
    *,
    actor: Actor,
    enrolment_id: int,
    group_id: int,
    since: date,
    then: Then,
    reason: str,
    mark: str,
    now: datetime,
) -> Moved:
    """Change the group from `since` and move the bookings, as the plan of that `mark` said.

    The child is locked first, then the quotas: a parent who books meanwhile is either seen, or waits and
    finds the new group. Raises NotYours, OwnFile or MoveRefused, and then nothing is written.
    """
    found = groups_movable(actor, day=local(now).date()).filter(pk=enrolment_id).first()
    if found is None:
        raise NotYours
    children_locked([found.person_id])
    enrolment, group = _checked(actor, enrolment_id, group_id, since, now)
    return _moved(actor, [enrolment], group, since, then, reason, mark, now)[enrolment.pk]


def children_plan(
    *, actor: Actor, enrolment_ids: Collection[int], group_id: int, since: date, now: datetime
) -> Together:
    """What would become of several children; a number of queries that does not depend on how many.

    Those who cannot move are told apart. Raises NotYours or MoveRefused.
    """
    _group, able, stays, unknown = _sorted_out(actor, enrolment_ids, group_id, since, now)
    plans = moving_plans([row.pk for row in able], group_id=group_id, since=since, now=now)
    return Together(tuple((row, plans[row.pk]) for row in able), stays, unknown, mark_of(plans))


@transaction.atomic
def children_move(
    *,
    actor: Actor,
    enrolment_ids: Collection[int],
    group_id: int,
    since: date,
    then: Then,
    reason: str,
    mark: str,
    now: datetime,
) -> MovedTogether:
    """`child_move` of all those who can, at once: the children are locked in the order of their keys, then
    the quotas. Raises NotYours or MoveRefused, and then nobody has moved."""
    rows = groups_movable(actor, day=local(now).date()).filter(pk__in=enrolment_ids)
    children_locked(set(rows.values_list("person_id", flat=True)))
    group, able, stays, unknown = _sorted_out(actor, enrolment_ids, group_id, since, now)
    if not able:
        raise MoveRefused("nobody")
    moved = _moved(actor, able, group, since, then, reason, mark, now)
    return MovedTogether(tuple((row, moved[row.pk]) for row in able), stays, unknown)


def _moved(
    actor: Actor,
    enrolments: Collection[Enrolment],
    group: AgeGroup,
    since: date,
    then: Then,
    reason: str,
    mark: str,
    now: datetime,
) -> dict[int, Moved]:
    """The bookings, then the group of each, with its mail."""
    reason = reason.strip()[:DEROGATION_LENGTH]
    plans, moved = bookings_move(
        actor=actor,
        enrolment_ids=[row.pk for row in enrolments],
        group_id=group.pk,
        since=since,
        then=then,
        derogation=reason,
        mark=mark,
        now=now,
    )
    if moved is None:
        raise MoveRefused("moved")
    if then is Then.KEEP and not reason and any(plan.stuck for plan in plans.values()):
        raise MoveRefused("no_reason")
    for row in enrolments:
        counts = asdict(moved[row.pk])
        group_change(actor=actor, enrolment=row, group=group, since=since, bookings=counts, now=now)
    return moved


def _checked(
    actor: Actor, enrolment_id: int, group_id: int, since: date, now: datetime
) -> tuple[Enrolment, AgeGroup]:
    """One that can move; raises what keeps it from it."""
    group, able, stays, _unknown = _sorted_out(actor, [enrolment_id], group_id, since, now)
    if able:
        return able[0], group
    if not stays:
        raise NotYours
    raise OwnFile if stays[0].code == OwnFile().code else MoveRefused(stays[0].code)


def _sorted_out(
    actor: Actor, enrolment_ids: Collection[int], group_id: int, since: date, now: datetime
) -> tuple[AgeGroup, list[Enrolment], tuple[Stays, ...], int]:
    """The group, who can go there, who cannot, and how many are not known to the actor in its activity."""
    day = local(now).date()
    if len(enrolment_ids) > MOST_AT_ONCE:
        raise MoveRefused("too_many", most=MOST_AT_ONCE)
    rows = groups_movable(actor, day=day).filter(pk__in=enrolment_ids)
    found = list(rows.select_related("person", "activity__structure").order_by("requested_at", "pk"))
    if not found:
        raise NotYours
    group = AgeGroup.objects.filter(pk=group_id, activity__in={row.activity_id for row in found}).first()
    if group is None:
        raise MoveRefused("no_such_group")
    if is_past(since, day):
        raise MoveRefused("past_day")
    choices: dict[int, list[GroupChoice]] = {row.pk: [] for row in found}
    for choice in GroupChoice.objects.filter(enrolment__in=choices).order_by("since"):
        choices[choice.enrolment_id].append(choice)
    able, stays = [], []
    for row in found:
        if row.activity_id != group.activity_id:
            continue
        code = _denial(actor, row, choices[row.pk], group, since, day)
        if code:
            stays.append(Stays(row, code))
        else:
            able.append(row)
    return group, able, tuple(stays), len(set(enrolment_ids)) - len(able) - len(stays)


def _denial(
    actor: Actor, row: Enrolment, choices: Collection[GroupChoice], group: AgeGroup, since: date, day: date
) -> str:
    """What keeps the enrolment from going to the group, "" for nothing; no query for who is no parent."""
    if is_own_file(actor, family_id=row.family_id, person_id=row.person_id, day=day):
        return "own_file"
    if not row.starts_on <= since <= row.ends_on:
        return "outside"
    begun = [choice for choice in choices if choice.since <= since]
    later = any(choice.since > since and choice.group_id != group.pk for choice in choices)
    if begun and begun[-1].group_id == group.pk and not later:
        return "same_group"
    return ""
