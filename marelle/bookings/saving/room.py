"""Which openings somebody waits for and could have now: the worker serves them, or agents are asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from marelle.activities import models as activities
from marelle.bookings.reading import OPENING, openings_of
from marelle.bookings.rules import Opening
from marelle.bookings.saving.facts import queue_seen
from marelle.bookings.saving.queue import SHORTEST_OFFER, waiting_with_room
from marelle.bookings.saving.queueing import Queue, goes_by_itself
from marelle.bookings.saving.standing import Standing
from marelle.core.clock import universal


def with_room(now: datetime) -> list[int]:
    """Openings that someone waits for, with room at those hours, and that a family can still cancel free.

    Where it cannot, an agent offers the place: looking there at every round would only hold locks.
    """
    return [opening.id for opening in _with_room(now, by_itself=True) if goes_by_itself(opening, now)]


def to_offer(now: datetime) -> list[Opening]:
    """The others: with room, and that nobody is given unless an agent offers it in time."""
    soon = universal(now) + SHORTEST_OFFER
    found = [opening for opening in _with_room(now, by_itself=False) if universal(opening.starts_at) > soon]
    return [opening for opening in found if not goes_by_itself(opening, now)]


def fitted(opening_ids: Collection[int], *, by_itself: bool, now: datetime) -> frozenset[int]:
    """Those of these openings of which there is room for all that somebody waits for with them; `by_itself`:
    and that is given without an agent."""
    if not opening_ids:
        return frozenset()
    queue = Queue(Standing(queue_seen(opening_ids, now=now), now))
    return queue.could(opening_ids, by_itself=by_itself)


def _with_room(now: datetime, *, by_itself: bool) -> list[Opening]:
    """Openings to come that someone waits for, with room at those hours, in the order of the queue.

    Room for one is none for who waits for several: they are looked at as they would be served.
    """
    rows = waiting_with_room().filter(opening__starts_at__gt=now)
    found = list(rows.values_list("opening_id", "waits_with", "one_of"))
    alone = {pk for pk, waits_with, one_of in found if waits_with is None and one_of is None}
    ids = list(dict.fromkeys(pk for pk, *_numbers in found))
    fit = alone | fitted(set(ids) - alone, by_itself=by_itself, now=now)
    ids = [pk for pk in ids if pk in fit]
    openings = openings_of(OPENING.of(activities.Opening.objects.filter(pk__in=ids))) if ids else {}
    return [openings[pk] for pk in ids]
