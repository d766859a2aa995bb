"""Who waits: what is theirs before anybody else's, and whom a freed place goes to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from marelle.activities.kept import Marks
from marelle.activities.kinds import BookingMode
from marelle.activities.rules import After, is_before
from marelle.bookings.rules import Opening, Place, Why
from marelle.bookings.saving.ledger import Quota, Waiter
from marelle.bookings.saving.standing import Standing, lack_of
from marelle.bookings.states import BookingState

Claimed = Mapping[int, Sequence[Marks]]
"""By quota, the marks of each child who could take a place."""


@dataclass(frozen=True, slots=True)
class Placing:
    """`lacks`: why there is no room for it, None where the capacity holds it. `in_turn`: there is, and nobody
    before could have taken it."""

    waiter: Waiter
    lacks: Why | None
    in_turn: bool


class Queue:
    """Those who wait, in order: priority, time queued, id."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing

    @cached_property
    def _by_quota(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, waiter in enumerate(self.standing.facts.waiters):
            for opening_id in waiter.opening_ids:
                for quota_id in self.standing.facts.quotas_of.get(opening_id, ()):
                    found.setdefault(quota_id, []).append(number)
        return found

    def claims(self, quota_ids: Collection[int], child_id: int, wanted: Collection[int]) -> Claimed:
        """Places, by quota, that those who wait could take now, each by the marks of its child: nobody passes
        the queue, even unserved.

        A child has no claim against itself; and where it waits for an opening that it wants, those behind it
        have none either.
        """
        numbers = sorted({n for quota_id in quota_ids for n in self._by_quota.get(quota_id, ())})
        claimed: dict[int, dict[int, Marks]] = {}
        for waiter in (self.standing.facts.waiters[number] for number in numbers):
            places = self._places(waiter)
            if waiter.child_id == child_id:
                if places is not None and set(waiter.opening_ids) & set(wanted):
                    break
                continue
            if places is None or not self._may_go(waiter, places):
                continue
            drawn = self._comes_onto(waiter, places)
            before = {
                quota.id: [
                    marks for child, marks in claimed.get(quota.id, {}).items() if child != waiter.child_id
                ]
                for quota, _marks in drawn
            }
            if all(quota.has_room(marks, before[quota.id]) for quota, marks in drawn):
                for quota, marks in drawn:
                    claimed.setdefault(quota.id, {})[waiter.child_id] = marks
        return {pk: list(children.values()) for pk, children in claimed.items()}

    def serve(self) -> list[Waiter]:
        """Give what is free to those who wait, in order, where it goes by itself.

        Again until nobody is served: one place given may be what another slot of the child requires.
        """
        served: list[Waiter] = []
        while found := [waiter for waiter in self.standing.facts.waiters if self._serve(waiter)]:
            served += found
        return served

    def offer(self, opening_id: int) -> Waiter | None:
        """Hold a place of this opening for the first who waits for it and for whom every quota has room."""
        for waiter in self.standing.facts.waiters:
            if opening_id not in waiter.opening_ids:
                continue
            places = self._with_room(waiter)
            if places is not None:
                self._hold(waiter, places, {opening.id: BookingState.OFFERED for opening, _ in places})
                return waiter
        return None

    def place(self, booking_id: int) -> Placing | None:
        """Hold a place for whoever waits with this booking, past the capacity and the others if need be.

        None when nobody does any more, or when that child cannot have it: closed, begun, or busy elsewhere.
        """
        ahead: set[int] = set()
        for waiter in self.standing.facts.waiters:
            if booking_id not in waiter.booking_ids:
                drawn = self._comes_onto(waiter, self._with_room(waiter) or [])
                ahead |= {quota.id for quota, _marks in drawn}
                continue
            places = self._places(waiter)
            if places is None or not self._may_go(waiter, places):
                return None
            drawn = self._comes_onto(waiter, places)
            lacks = lack_of((quota, marks, ()) for quota, marks in drawn)
            in_turn = lacks is None and not ahead & {quota.id for quota, _marks in drawn}
            self._hold(waiter, places, {opening.id: BookingState.BOOKED for opening, _ in places})
            return Placing(waiter, lacks, in_turn)
        return None

    def _serve(self, waiter: Waiter) -> bool:
        places = self._with_room(waiter)
        if places is None:
            return False
        if not all(goes_by_itself(opening, self.standing.now) for opening, _place in places):
            return False
        self._hold(waiter, places, {opening.id: state_once_served(opening) for opening, _ in places})
        return True

    def _with_room(self, waiter: Waiter) -> list[tuple[Opening, Place]] | None:
        """What it waits for, when it may have it now and all of it is free; else None."""
        places = self._places(waiter)
        if places is None or not self._may_go(waiter, places):
            return None
        drawn = self._comes_onto(waiter, places)
        return places if all(quota.has_room(marks) for quota, marks in drawn) else None

    def _hold(
        self, waiter: Waiter, places: list[tuple[Opening, Place]], states: dict[int, BookingState]
    ) -> None:
        for opening, place in places:
            self.standing.put(waiter.child_id, opening, place, states[opening.id], place.kept)

    def _places(self, waiter: Waiter) -> list[tuple[Opening, Place]] | None:
        """What it waits for; None once it waits no more for a part of it."""
        found = []
        for opening_id in waiter.opening_ids:
            place = self.standing.place(waiter.child_id, opening_id)
            if place is None or place.state is not BookingState.WAITING:
                return None
            found.append((self.standing.facts.openings[opening_id], place))
        return found

    def _may_go(self, waiter: Waiter, places: list[tuple[Opening, Place]]) -> bool:
        """Openings still to come, nothing else held at those hours, and the slots that they require held."""
        for opening, place in places:
            if not opening.is_open or opening.starts_at <= self.standing.now:
                return False
            if self.standing.rival(waiter.child_id, opening, place) is not None:
                return False
        return not any(opening.slot.requires for opening, _place in places) or self._is_whole(waiter, places)

    def _is_whole(self, waiter: Waiter, places: list[tuple[Opening, Place]]) -> bool:
        mark = self.standing.mark
        for opening, place in places:
            self.standing.put(waiter.child_id, opening, place, BookingState.BOOKED, place.kept)
        lacking = any(
            opening.id in self.standing.orphans(waiter.child_id, opening.day) for opening, _place in places
        )
        self.standing.back_to(mark)
        return not lacking

    def _comes_onto(self, waiter: Waiter, places: list[tuple[Opening, Place]]) -> list[tuple[Quota, Marks]]:
        """Each quota on which the child would come, with the places kept for which it counts there."""
        return [
            (quota, place.kept)
            for opening, place in places
            for quota in self.standing.comes_onto(waiter.child_id, opening, place)
        ]


def state_once_served(opening: Opening) -> BookingState:
    """Where an agent validates, a place that comes free is held until it does."""
    asked = opening.activity.booking_mode is BookingMode.VALIDATED
    return BookingState.REQUESTED if asked else BookingState.BOOKED


def goes_by_itself(opening: Opening, now: datetime) -> bool:
    """Whether a free place goes to who waits without an agent.

    Not to who could no longer give it back free, nor past the limit of a rule that then makes all wait.
    """
    window = opening.window
    if window is None or not is_before(now, window.cancel_until):
        return False
    return window.after is not After.WAIT or is_before(now, window.closes_at)
