"""What a save reads, once all that it may change is held: everything again, whatever was read before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from marelle.activities import models as activities
from marelle.activities.bounds import BoundKind
from marelle.bookings.bounds import days_counted
from marelle.bookings.card_rows import cards_of, days_of_cards
from marelle.bookings.cards import Cards
from marelle.bookings.models import Booking
from marelle.bookings.reading import OPENING, OpeningRow, openings_between, openings_of, stays_of
from marelle.bookings.rules import Home, Opening, Stay
from marelle.bookings.saving.ledger import Change, Facts
from marelle.bookings.saving.locking import Locked, Reach, reach_locked, reach_of, reach_seen
from marelle.bookings.saving.places import Span, places_on
from marelle.bookings.saving.queue import Queued, has_moved, preferred, queue_on, waiters
from marelle.bookings.states import BookingState
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.listed import integers
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.enrolments.audiences import asked_by, public_of
from marelle.families.nearby import lived
from marelle.families.selectors import custody_rows


def facts_locked(
    actor: Actor, changes: Sequence[Change], opening_ids: Collection[int], *, serve: bool, now: datetime
) -> Facts:
    """Lock what these changes, and whatever is done on these openings, may reach, and read it.

    `serve`: those who wait are held too, so that what comes free may be given to them; unless somebody joined
    them before the locks, which the facts say. Joins the caller's transaction.
    """
    reach = reach_of(changes, opening_ids, serve=serve, now=now)
    return _facts(actor, reach, reach_locked(actor, reach, now=now), now)


def facts_seen(actor: Actor, changes: Sequence[Change], *, now: datetime) -> Facts:
    """The same of some changes as they stand, without a lock: what a save would find if it came now."""
    reach = reach_of(changes, {change.opening_id for change in changes}, serve=False, now=now)
    return _facts(actor, reach, reach_seen(actor, reach, now=now), now)


def queue_seen(opening_ids: Collection[int], *, now: datetime) -> Facts:
    """Who waits for these openings and what is free of them, as they stand, without a lock."""
    reach = reach_of((), opening_ids, serve=False, now=now)
    return _facts(SYSTEM, reach, reach_seen(SYSTEM, reach, now=now), now)


def _facts(actor: Actor, reach: Reach, locked: Locked, now: datetime) -> Facts:
    rows = _touched_rows(reach.openings, now)
    queue, moved = _queue_again(reach, {row.last_waiting for row in rows}, now)
    rows += _other_rows(rows, {row.opening_id for row in queue} - reach.openings)
    openings = openings_of(row.opening for row in rows)
    days = {opening.day for opening in openings.values()}
    mine = locked.children
    home = integers(next((one.siblings for one in mine.values()), ""))
    cards = cards_of(actor.family_id, (one.activity for one in openings.values())) if mine else {}
    span = _span(openings.values(), cards)
    there = places_on({row.child_id for row in queue}, days, actor.family_id, home=home, span=span)
    known = there.openings | openings
    custody = custody_rows([one.member_id for one in mine.values() if one.is_shared])
    stays: dict[int, list[Stay]] = {}
    if mine and days:
        stays = stays_of(mine, actor.home_id, first=min(days), last=max(days), today=local(now).date())
    asks = asked_by(opening.activity for opening in known.values())
    public = public_of(actor.family_id, {one.id: lived(one.lived) for one in mine.values()}, asks)
    return Facts(
        openings=known,
        quotas_of=there.draws_among(locked.quotas) | _draws(rows, locked.quotas),
        quotas=locked.quotas,
        places=there.places,
        stays=stays,
        homes={one.id: Home(public[one.id], custody.get(one.member_id, ())) for one in mine.values()},
        names={one.id: one.first_name for one in mine.values()},
        bundles=_bundles(known.values()),
        waiters=waiters(queue, there.places, preferred(queue)),
        opened=_opened(openings.values()) if mine else (),
        cards=cards,
        serve=reach.serve and not moved,
    )


def _span(openings: Collection[Opening], cards: Cards) -> Span | None:
    """The days of which all that the home has is read: from the first touched to the last, those of the
    weeks, months or periods in which how much may be booked is counted, and those of its cards."""
    if not openings:
        return None
    days = [opening.day for opening in openings]
    for first, last in filter(None, (days_counted(openings), days_of_cards(cards))):
        days += [first, last]
    return min(days), max(days)


def _opened(openings: Collection[Opening]) -> Sequence[Opening]:
    """Those of the spans in which days must follow each other; one query, none where no rule says so."""
    ruled = [one for one in openings if one.activity.bounds_on(one.slot.id, one.day, BoundKind.RUN)]
    days = days_counted(ruled)
    return openings_between({one.activity.id for one in ruled}, *days) if days else ()


def _queue_again(reach: Reach, last: Collection[int | None], now: datetime) -> tuple[Sequence[Queued], bool]:
    """Who waits and in which order, now that all is held; and whether any of them is not.

    Someone who joined in between has the claim of any who waits; but as its child is not locked, nobody is
    served here then: a follow-up does it.
    """
    moved = has_moved(reach.queue, last)
    if not moved and not (reach.serve and reach.queue):
        return reach.queue, moved
    # An agent may have changed the order while the locks were waited for.
    queue = queue_on(reach.openings, now)
    moved = moved or not {row.opening_id for row in queue} <= reach.drawn
    return queue, moved or not {row.child_id for row in queue} <= reach.waiting


class _Drawing(NamedTuple):
    """An opening with a quota that it draws on, and the last booking that waits for a place of it."""

    opening: OpeningRow
    quota_id: int
    last_waiting: int | None = None


DRAWING = columns(_Drawing, opening=OPENING, quota_id="quotas")
WAITED_FOR = columns(_Drawing, "last_waiting", opening=OPENING, quota_id="quotas")


@prepared
def _touched_rows(opening_ids: Collection[int], now: datetime) -> QuerySet[activities.Opening, _Drawing]:
    waiting = Booking.objects.filter(
        state=BookingState.WAITING, opening__quotas=OuterRef("quotas"), opening__starts_at__gt=now
    )
    # An aggregate: for the first by falling id, PostgreSQL walks the whole table when few wait.
    last = waiting.order_by().values("opening__quotas").annotate(last=Max("pk")).values("last")
    rows = activities.Opening.objects.filter(pk__in=opening_ids).order_by("pk")
    return WAITED_FOR.of(rows.annotate(last_waiting=Subquery(last)))


def _other_rows(touched: Sequence[_Drawing], waited_for: Collection[int]) -> list[_Drawing]:
    """The openings that others wait for, and the other days of a bundle, which is booked all or none."""
    bundles = {row.opening.bundle_id for row in touched if row.opening.bundle_id is not None}
    if not bundles and not waited_for:
        return []
    rows = activities.Opening.objects.filter(Q(pk__in=waited_for) | Q(bundle_id__in=bundles))
    rows = rows.exclude(pk__in={row.opening.id for row in touched}).order_by("pk")
    return list(DRAWING.of(rows))


def _draws(rows: Iterable[_Drawing], quotas: Collection[int]) -> dict[int, list[int]]:
    """By opening, which of the quotas held it draws on."""
    found: dict[int, list[int]] = {}
    for row in rows:
        if row.quota_id in quotas:
            found.setdefault(row.opening.id, []).append(row.quota_id)
    return found


def _bundles(openings: Iterable[Opening]) -> dict[tuple[int, int | None], frozenset[int]]:
    """What must be booked together, by bundle and group; a closed day is left out."""
    kept = [opening for opening in openings if opening.bundle_id is not None and opening.is_open]
    return {
        (bundle_id, group_id): frozenset(
            opening.id
            for opening in kept
            if opening.bundle_id == bundle_id and opening.group_id in (None, group_id)
        )
        for bundle_id, group_id in {(o.bundle_id, o.group_id) for o in kept if o.bundle_id is not None}
    }
