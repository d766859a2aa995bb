"""Ticks received from devices: every one is kept, and what it becomes is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet

from marelle.activities.models import Opening
from marelle.attendance.desk import set_aside_undone, settle_open
from marelle.attendance.models import Tablet, Tick
from marelle.attendance.outcomes import NOT_KEPT, OutcomeCode, day_ticked, outcome_of
from marelle.attendance.projecting import Pair, attendance_project, calls_project, stored_value
from marelle.attendance.reading import Batch, Draft
from marelle.attendance.receiving import World, facts_of, instant_of, value_of, world_of
from marelle.attendance.rules import CALL_KINDS, TickKind
from marelle.attendance.scope import Door, door
from marelle.attendance.stays import begun, stays_of
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.saving.locks import children_locked, lock
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.core.rows import columns
from marelle.core.subject import Subject
from marelle.journal.services import Act, record_many

CALL_CLOSED, CALL_REOPENED = "door.call_closed", "door.call_reopened"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one tick, by its identifier as it was sent. `repeated`: it had been received before."""

    id: str
    code: OutcomeCode
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Expected:
    opening_id: int
    child_id: int
    starts_at: datetime
    ends_at: datetime


EXPECTED = columns(
    _Expected, "opening_id", "child_id", starts_at="opening__starts_at", ends_at="opening__ends_at"
)


@transaction.atomic
def ticks_receive(
    *, actor: Actor, tablet: Tablet | None, structure_id: int, batch: Batch, now: datetime
) -> tuple[Outcome, ...]:
    """Keep what a device ticked, each event once, and write what it comes to; a fixed number of queries.

    The same batch again, or cut in another way, changes nothing. Each tick that has a shape is kept, with its
    outcome; what somebody must settle opens one case for a day of the structure. `tablet` was found by its
    secret, revoked or not; None for somebody logged in. Raises NotYours at the door of another structure.
    """
    at_door = door(actor, tablet=tablet, structure_id=structure_id)
    drafts = {draft.id: draft for draft in reversed(batch.drafts)}
    world = world_of(at_door, drafts.values())
    children_locked(world.known_children)
    openings_locked = {
        draft.opening_id
        for draft in drafts.values()
        if draft.kind in CALL_KINDS and draft.opening_id in world.openings
    }
    list(lock(Opening.objects.filter(pk__in=openings_locked).order_by("pk").values_list("pk")))
    known = {row.pk: row for row in Tick.objects.filter(pk__in=drafts)}
    rows: list[Tick] = []
    answers: dict[UUID, Outcome] = {}
    for draft in drafts.values():
        if draft.id in known:
            answers[draft.id] = _again(known[draft.id], draft, structure_id)
        else:
            row = _row(draft, at_door, world, actor, tablet, batch.sent_at, now)
            answers[draft.id] = Outcome(str(draft.id), OutcomeCode(row.outcome))
            if row.outcome not in NOT_KEPT:
                rows.append(row)
    Tick.objects.bulk_create(sorted(rows, key=lambda row: row.pk.int), ignore_conflicts=True)
    _project(rows)
    _journal_calls(actor, tablet, rows, world, now)
    set_aside_undone(rows, by=actor.label, now=now)
    settle_open(actor=actor, structure=at_door.structure, rows=rows, now=now)
    if tablet is not None:
        Tablet.objects.filter(pk=tablet.pk).update(seen_at=now)
    codes = dict(Tick.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "outcome"))
    told = [
        Outcome(one.id, OutcomeCode(codes.get(tick_id, one.code)), one.repeated)
        for tick_id, one in ((draft.id, answers[draft.id]) for draft in batch.drafts)
    ]
    return (*told, *(Outcome(one, OutcomeCode.MALFORMED) for one in batch.malformed))


@transaction.atomic
def everyone_present(
    *,
    actor: Actor,
    tablet: Tablet | None = None,
    structure_id: int,
    opening_ids: Collection[int],
    group_id: int | None = None,
    batch_id: UUID,
    now: datetime,
) -> tuple[Outcome, ...]:
    """« Tous présents »: who is booked on these openings, not told absent and not ticked yet; one batch.

    Who waits for an answer is nobody's to expect: it is ticked by itself when it comes. Nobody is present at
    a stay that is to come. `group_id`: of those of an opening for all groups, the children of that group
    alone.

    `batch_id` is of the form: sent again, it ticks nobody twice.
    """
    if tablet is None and actor.user_id is None:
        raise NotYours
    booked = Booking.objects.filter(
        state=BookingState.BOOKED,
        opening_id__in=opening_ids,
        opening__activity__structure_id=structure_id,
        absence=None,
    )
    if group_id is not None:
        booked = booked.of_group(group_id)
    seen = set(Attendance.objects.filter(opening_id__in=opening_ids).values_list("opening_id", "child_id"))
    drafts = tuple(
        Draft(
            id=uuid5(batch_id, f"{one.opening_id}:{one.child_id}"),
            kind=TickKind.PRESENT,
            at=now,
            opening_id=one.opening_id,
            child_id=one.child_id,
        )
        for one in _there(booked, now)
        if (one.opening_id, one.child_id) not in seen
    )
    return ticks_receive(
        actor=actor, tablet=tablet, structure_id=structure_id, batch=Batch(now, drafts), now=now
    )


@transaction.atomic
def tick_undo(
    *, actor: Actor, tablet: Tablet | None = None, structure_id: int, tick_id: UUID, now: datetime
) -> Outcome:
    """Take a tick back. Raises NotYours for one of another structure; twice is once."""
    undone = Tick.objects.filter(pk=tick_id, structure_id=structure_id).first()
    if undone is None:
        raise NotYours
    kind = {TickKind.CALL_CLOSED: TickKind.CALL_REOPENED, TickKind.CALL_REOPENED: TickKind.CALL_CLOSED}
    draft = Draft(
        id=uuid5(tick_id, "undo"),
        kind=kind.get(TickKind(undone.kind), TickKind.UNDONE),
        at=now,
        opening_id=undone.opening_id,
        child_id=undone.child_id,
        after=tick_id,
        undoes=tick_id,
    )
    return _one(actor, tablet, structure_id, draft, now)


def _there(booked: QuerySet[Booking], now: datetime) -> list[_Expected]:
    """Those whose stay has begun."""
    by_child: dict[int, list[_Expected]] = defaultdict(list)
    for one in EXPECTED.of(booked.order_by("pk")):
        by_child[one.child_id].append(one)
    stays = [stay for slots in by_child.values() for stay in stays_of(slots)]
    return [one for stay in begun(stays, now) for one in stay]


def _one(actor: Actor, tablet: Tablet | None, structure_id: int, draft: Draft, now: datetime) -> Outcome:
    (outcome,) = ticks_receive(
        actor=actor, tablet=tablet, structure_id=structure_id, batch=Batch(now, (draft,)), now=now
    )
    return outcome


def _again(known: Tick, draft: Draft, structure_id: int) -> Outcome:
    """What was answered before; nothing of a tick of another door, nor of another event."""
    same = known.structure_id == structure_id and known.kind == draft.kind
    code = OutcomeCode(known.outcome) if same else OutcomeCode.ID_TAKEN
    return Outcome(str(draft.id), code, repeated=same)


def _row(
    draft: Draft,
    at_door: Door,
    world: World,
    actor: Actor,
    tablet: Tablet | None,
    sent_at: datetime | None,
    now: datetime,
) -> Tick:
    told = instant_of(draft, world, sent_at=sent_at, now=now)
    account_id = actor.user_id if tablet is None else draft.by or actor.user_id
    mate = at_door.team.get(account_id or 0)
    facts = facts_of(draft, at_door, world, tablet=tablet, mate=mate, told=told, now=now)
    opening = world.openings.get(draft.opening_id or 0)
    known_child = draft.child_id in world.known_children
    label = mate.label if mate else tablet.name if tablet else actor.label
    return Tick(
        id=draft.id,
        tablet=tablet,
        account_id=account_id if tablet is None or mate else None,
        by=label[:150],
        structure=at_door.structure,
        day=day_ticked(facts),
        opening_id=opening.id if opening else None,
        child_id=draft.child_id if known_child else None,
        name=draft.name,
        kind=draft.kind.value,
        at=told.at,
        at_tablet=draft.at,
        received_at=now,
        after=draft.after,
        value=stored_value(value_of(draft, world)),
        outcome=outcome_of(facts).value,
    )


def _journal_calls(
    actor: Actor, tablet: Tablet | None, rows: Sequence[Tick], world: World, now: datetime
) -> None:
    acts = []
    for row in rows:
        if row.kind in CALL_KINDS and row.counts and row.opening_id:
            closed = row.kind == TickKind.CALL_CLOSED
            subject = Subject("opening", row.opening_id, world.openings[row.opening_id].label)
            data = {"by": row.by, **({"tablet": tablet.pk} if tablet else {})}
            acts.append(Act(CALL_CLOSED if closed else CALL_REOPENED, subject, data=data))
    if acts:
        record_many(actor=actor, acts=acts, now=now)


def _project(rows: Sequence[Tick]) -> None:
    pairs: set[Pair] = {
        (row.opening_id, row.child_id) for row in rows if row.opening_id and row.child_id and row.counts
    }
    attendance_project(pairs)
    calls_project({row.opening_id for row in rows if row.opening_id and row.kind in CALL_KINDS})
