"""A save, a preview of one, and the serving of who waits. Read, settle, write: each in its module."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from marelle.activities.selectors import decides_activity
from marelle.bookings.saving.facts import facts_locked, facts_seen
from marelle.bookings.saving.ledger import Change, Facts, Outcome, Result, Settled
from marelle.bookings.saving.room import with_room
from marelle.bookings.saving.settling import settle
from marelle.bookings.saving.writing import settled_write
from marelle.core.actor import SYSTEM, Actor
from marelle.core.metrics import saves_refused
from marelle.core.refusals import Refusal

MOST_CHANGES = 2_000
"""Cells in one save: four children, a whole year of months. More is no person at a screen."""

ONCE = 20
"""Openings served by one transaction of the follow-up: few, so that it holds few locks."""


def bookings_save(
    *,
    actor: Actor,
    changes: Sequence[Change],
    derogation: str = "",
    past_capacity: bool = False,
    now: datetime,
) -> tuple[Outcome, ...]:
    """Save what a home wants, cell by cell: what is possible is kept, what is not says why.

    `now` is when the request arrived. `derogation` is the reason that an agent acting for the family gives
    to pass a deadline, an age or, where it says so (`past_capacity`), a capacity, in an activity that it is
    in charge of. Raises `Refusal`, "too_many" or "no_home", and `HomeGone`; every other "no" is an outcome.
    """
    try:
        outcomes = _saved_with_more(actor, changes, derogation, past_capacity, now)
    except Refusal as refusal:
        saves_refused([refusal.code])
        raise
    saves_refused(one.why or "" for one in outcomes if one.result is Result.REFUSED)
    return outcomes


def _saved_with_more(
    actor: Actor, changes: Sequence[Change], derogation: str, past_capacity: bool, now: datetime
) -> tuple[Outcome, ...]:
    """Tried again with the openings that go along."""
    asked = _asked(actor, changes)
    if not asked:
        return ()
    openings = {change.opening_id for change in asked}
    while True:
        try:
            return _saved(actor, asked, openings, derogation, past_capacity, now)
        except _GoesAlong as more:
            openings |= more.opening_ids


class _GoesAlong(Exception):
    """Places of these openings go with those taken back, and what they draw on is not locked."""

    def __init__(self, opening_ids: set[int]) -> None:
        self.opening_ids = opening_ids


@transaction.atomic
def _saved(
    actor: Actor,
    asked: Sequence[Change],
    openings: Collection[int],
    derogation: str,
    past_capacity: bool,
    now: datetime,
) -> tuple[Outcome, ...]:
    """Raises `_GoesAlong`, and then nothing is written nor held: quotas are locked in one order, at once."""
    frees = any(change.seen for change in asked)
    facts = facts_locked(actor, asked, openings, serve=frees, now=now)
    done = _settled(actor, facts, asked, derogation, past_capacity, now)
    if not done.along <= set(openings):
        raise _GoesAlong(done.along)
    settled_write(actor, facts, done, now=now)
    if frees and not facts.serve:
        places_freed(opening_ids=openings, now=now)
    return tuple(done.outcomes)


def bookings_preview(
    actor: Actor,
    changes: Sequence[Change],
    *,
    derogation: str = "",
    past_capacity: bool = False,
    now: datetime,
) -> tuple[Outcome, ...]:
    """What each cell would become if these changes were saved now: as `bookings_save` settles them, and
    nothing is locked nor written. Raises `Refusal` as it does."""
    asked = _asked(actor, changes)
    if not asked:
        return ()
    facts = facts_seen(actor, asked, now=now)
    return tuple(_settled(actor, facts, asked, derogation, past_capacity, now).outcomes)


def places_freed(*, opening_ids: Collection[int], now: datetime) -> None:
    """Every way of freeing a place ends here: those who wait are served once the transaction is committed.

    If the process dies in between, `waiting_served` finds them: what waits and what is free are in the
    tables, and nobody passes the queue meanwhile (`saving` counts those who wait first).
    """
    ids = frozenset(opening_ids)
    transaction.on_commit(lambda: _serve(ids, now), robust=True)


def waiting_served(*, now: datetime) -> int:
    """Give every free place that someone waits for. The worker calls it over and over. Returns how many."""
    ids = with_room(now)
    return sum(_serve(ids[start : start + ONCE], now) for start in range(0, len(ids), ONCE))


def _asked(actor: Actor, changes: Sequence[Change]) -> list[Change]:
    """The changes that ask for something."""
    if len(changes) > MOST_CHANGES:
        raise Refusal("too_many", most=MOST_CHANGES)
    asked = [change for change in changes if change.seen != change.wanted or change.starts or change.ends]
    if asked and actor.family_id is None:
        raise Refusal("no_home")
    return asked


def _settled(
    actor: Actor,
    facts: Facts,
    asked: Sequence[Change],
    derogation: str,
    past_capacity: bool,
    now: datetime,
) -> Settled:
    return settle(
        facts,
        asked,
        now=now,
        agent=actor.on_behalf_of,
        in_charge=partial(decides_activity, actor),
        derogation=derogation.strip()[:300],
        past_capacity=past_capacity,
    )


def _serve(opening_ids: Collection[int], now: datetime) -> int:
    with transaction.atomic():
        facts = facts_locked(SYSTEM, (), opening_ids, serve=True, now=now)
        done = settle(facts, (), now=now)
        settled_write(SYSTEM, facts, done, now=now)
        if not facts.serve:
            places_freed(opening_ids=opening_ids, now=now)
    return len(done.placed)
