"""Places offered by a decision that was taken elsewhere, each set of them whole or not at all; and what could
not be had waited for. Offers and the waiting list go on as any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from marelle.bookings.models import Booking
from marelle.bookings.reading import marks_text
from marelle.bookings.rules import OBSTACLES, Opening, Stay, Why
from marelle.bookings.saving.facts import facts_locked
from marelle.bookings.saving.ledger import Change, Facts, Hours
from marelle.bookings.saving.locks import counters_write
from marelle.bookings.saving.standing import Standing
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor
from marelle.core.clock import universal

ASKED_OF_FAMILIES = frozenset({Why.BY_STRUCTURE, Why.FREE_ACCESS})
"""What forbids families to book by themselves, and nobody to be given a place."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Places that go together or not at all: child and opening, by id."""

    key: str
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Row:
    child_id: int
    opening: Opening
    stay: Stay
    kept: frozenset[int]


def places_give(*, actor: Actor, wanted: Sequence[Wanted], until: datetime, now: datetime) -> dict[str, Why]:
    """Offer the actor's home each of these that there is room for, until an instant, the openings' start at
    the latest. Joins the caller's transaction; locks the home, its children, the quotas.

    Returns why the others were not, by key. What was offered or booked already is as if it was just given, so
    that it may be done again.
    """
    facts = _facts(actor, wanted, now)
    standing = Standing(facts, now)
    why: dict[str, Why] = {}
    rows: list[_Row] = []
    for one in wanted:
        found = _whole(standing, one, now)
        if isinstance(found, Why):
            why[one.key] = found
        else:
            rows += found
    _write(actor, rows, facts, until, now)
    return why


def places_wait(*, actor: Actor, wanted: Iterable[Wanted], queued_at: datetime, now: datetime) -> int:
    """Put the children of the actor's home on the waiting list of these openings, from an instant that says
    before whom; each of these is had whole or not at all. Locks as `places_give`. Returns of how many."""
    asked = list(wanted)
    facts = _facts(actor, asked, now)
    standing = Standing(facts, now)
    count = 0
    for one in asked:
        rows = [_may_have(standing, *pair, now) for pair in one.places if standing.place(*pair) is None]
        made = Booking.objects.bulk_create(
            [
                _booking(actor, row, now, state=BookingState.WAITING, queued_at=queued_at)
                for row in rows
                if isinstance(row, _Row)
            ]
        )
        if len(made) > 1:
            Booking.objects.filter(pk__in=[row.pk for row in made]).update(waits_with=made[0].pk)
        count += len(made)
    return count


def _facts(actor: Actor, wanted: Iterable[Wanted], now: datetime) -> Facts:
    pairs = dict.fromkeys(pair for one in wanted for pair in one.places)
    changes = [Change(child_id, opening_id, seen=False, wanted=True) for child_id, opening_id in pairs]
    return facts_locked(actor, changes, {opening_id for _child_id, opening_id in pairs}, serve=False, now=now)


def _whole(standing: Standing, wanted: Wanted, now: datetime) -> list[_Row] | Why:
    """All of it, put where it stands; or why not, and nothing is put."""
    mark, found = standing.mark, []
    for child_id, opening_id in wanted.places:
        row = _put(standing, child_id, opening_id, now)
        if isinstance(row, Why):
            standing.back_to(mark)
            return row
        found += row
    days = {(row.child_id, row.opening.day) for row in found}
    if any(row.opening.id in standing.orphans(row.child_id, day) for row in found for _pk, day in days):
        standing.back_to(mark)
        return Why.REQUIRES
    return found


def _put(standing: Standing, child_id: int, opening_id: int, now: datetime) -> list[_Row] | Why:
    place = standing.place(child_id, opening_id)
    if place is not None and place.holds:
        return []
    row = _may_have(standing, child_id, opening_id, now)
    if isinstance(row, Why):
        return row
    if place is not None:
        return Why.QUEUE_ONLY
    hours = Hours(row.opening.starts_at, row.opening.ends_at)
    lacks = standing.lacks(child_id, row.opening, hours, row.kept)
    if lacks is not None:
        return lacks
    standing.put(child_id, row.opening, hours, BookingState.OFFERED, row.kept)
    return [row]


def _may_have(standing: Standing, child_id: int, opening_id: int, now: datetime) -> _Row | Why:
    """Whether the child may be there, places aside."""
    opening = standing.facts.openings.get(opening_id)
    if opening is None or child_id not in standing.facts.names:
        return Why.UNKNOWN
    stay = standing.stay(child_id, opening)
    if stay is None:
        return Why.NOT_ENROLLED
    if universal(opening.starts_at) <= universal(now):
        return Why.TOO_LATE
    home = standing.home(child_id)
    for why, forbids in OBSTACLES.items():
        if why not in ASKED_OF_FAMILIES and forbids(opening, stay, home):
            return why
    rival = standing.rival(child_id, opening, Hours(opening.starts_at, opening.ends_at))
    if rival is not None:
        return rival[0]
    return _Row(child_id, opening, stay, standing.marks(child_id, opening))


def _write(actor: Actor, rows: Sequence[_Row], facts: Facts, until: datetime, now: datetime) -> None:
    """`changed_at` says since when it is offered, for as long as which the next would have it."""
    counters_write(facts.quotas.values())
    Booking.objects.bulk_create(
        [
            _booking(
                actor,
                row,
                now,
                state=BookingState.OFFERED,
                offered_until=min(universal(until), universal(row.opening.starts_at)),
                changed_at=now,
            )
            for row in rows
        ]
    )


def _booking(actor: Actor, row: _Row, now: datetime, **fields: object) -> Booking:
    values: Mapping[str, object] = fields
    return Booking(
        opening_id=row.opening.id,
        child_id=row.child_id,
        family_id=actor.home_id,
        enrolment_id=row.stay.id,
        day=row.opening.day,
        starts_at=row.opening.starts_at,
        ends_at=row.opening.ends_at,
        kept=marks_text(row.kept),
        created_at=now,
        created_by=actor.label,
        by_family=True,
        **values,
    )
