"""Who waits: what is theirs before anybody else's, and whom a freed place goes to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Final

from marelle.activities.kept import Marks
from marelle.activities.kinds import BookingMode
from marelle.activities.rules import After, is_before
from marelle.bookings.rules import Opening, Place, Why
from marelle.bookings.saving.ledger import Quota, Short, Waiter
from marelle.bookings.saving.standing import Standing, lack_of
from marelle.bookings.states import BookingState

Claimed = Mapping[int, Sequence[Marks]]
"""By quota, the marks of each child who could take a place."""

_Put = tuple[int, Opening, Place]
"""A child, and what it waits for."""

NOTHING: Final[Mapping[int, Mapping[int, Marks]]] = MappingProxyType({})

_Drawn = tuple[Quota, int, Marks]
"""A quota, and a child of these marks that would come onto it."""


@dataclass(frozen=True, slots=True)
class _Lacking:
    """Who is passed where others are given one of these `openings`, or come onto one of these `quotas`: what
    each of its bookings lacks."""

    openings: frozenset[int]
    quotas: frozenset[int]
    shorts: Mapping[int, Short]


@dataclass(frozen=True, slots=True)
class Claims:
    """What those who wait claim, and those who could take nothing though they wait."""

    claimed: Claimed
    lacking: Sequence[_Lacking] = ()


@dataclass(frozen=True, slots=True)
class Placing:
    """`lacks`: why there is no room for it, None where the capacity holds it. `in_turn`: there is, and nobody
    before could have taken it."""

    waiter: Waiter
    lacks: Why | None
    in_turn: bool


class Queue:
    """Those who wait, in order: priority, time queued, id.

    What is waited for together is given whole or not at all: who does not fit is passed and keeps its rank,
    and `passed` says what it lacked. Of what the home waits for with a preference the first is given that
    fits, and the others leave the list (`left`).
    """

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.left: list[int] = []
        self.passed: dict[int, Short] = {}
        self._over: set[tuple[int, int]] = set()

    @cached_property
    def _by_quota(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, waiter in enumerate(self.standing.facts.waiters):
            for opening_id in waiter.opening_ids:
                for quota_id in self.standing.facts.quotas_of.get(opening_id, ()):
                    found.setdefault(quota_id, []).append(number)
        return found

    @cached_property
    def _by_booking(self) -> dict[int, Waiter]:
        return {pk: waiter for waiter in self.standing.facts.waiters for pk in waiter.booking_ids}

    def waiter_of(self, booking_id: int) -> Waiter | None:
        """Who waits with this booking, as far as it was read."""
        return self._by_booking.get(booking_id)

    def claims(self, quota_ids: Collection[int], child_id: int, wanted: Collection[int]) -> Claims:
        """Places, by quota, that those who wait could take now, each by the marks of its child: nobody passes
        the queue, even unserved.

        A child has no claim against itself; and where it waits alone for an opening that it wants, those
        behind it have none either. Who waits for more than is left claims nothing, and is passed.
        """
        numbers = sorted({n for quota_id in quota_ids for n in self._by_quota.get(quota_id, ())})
        claimed: dict[int, dict[int, Marks]] = {}
        lacking: list[_Lacking] = []
        one_enough: set[tuple[int, int | None]] = set()
        for waiter in (self.standing.facts.waiters[number] for number in numbers):
            places = self._places(waiter)
            if child_id in waiter.children:
                if places is not None and not waiter.child_ids and set(waiter.opening_ids) & set(wanted):
                    break
                continue
            if places is None or not self._may_go(places):
                continue
            drawn = self._comes_onto(places)
            short = self._lacking(waiter, drawn, claimed)
            if short is not None:
                lacking.append(short)
                continue
            key = (waiter.family_id, waiter.one_of)
            if waiter.one_of is not None and key in one_enough:
                continue
            one_enough.add(key)
            _claim(claimed, drawn)
        return Claims({pk: list(children.values()) for pk, children in claimed.items()}, lacking)

    def serve(self) -> list[Waiter]:
        """Give what is free to those who wait, in order, where it goes by itself.

        Again until nobody is served: one place given may be what another slot of the child requires.
        """
        served: list[Waiter] = []
        while found := self._once():
            served += found
        return served

    def _once(self) -> list[Waiter]:
        ahead: list[_Lacking] = []
        claimed: dict[int, dict[int, Marks]] = {}
        served = []
        for waiter in self.standing.facts.waiters:
            places, short = self._with_room(waiter, claimed)
            if short is not None:
                ahead.append(short)
            if places is None:
                continue
            if not self._goes_by_itself(places):
                if waiter.child_ids:  # an agent offers it all: until then nobody has a part of it
                    _claim(claimed, self._comes_onto(places))
                continue
            self.pass_by(ahead, waiter.opening_ids, self._quotas(self._comes_onto(places)))
            self._hold(places, {opening.id: state_once_served(opening) for _, opening, _ in places})
            self.leave_others(waiter)
            served.append(waiter)
        return served

    def offer(self, opening_id: int) -> Waiter | None:
        """Hold a place of this opening for the first who waits for it and for whom every quota has room."""
        ahead: list[_Lacking] = []
        claimed: dict[int, dict[int, Marks]] = {}
        for waiter in self.standing.facts.waiters:
            if opening_id not in waiter.opening_ids:
                _claim(claimed, self._comes_onto(self._with_room(waiter, claimed)[0] or []))
                continue
            places, short = self._with_room(waiter, claimed if waiter.child_ids else {})
            if short is not None:
                ahead.append(short)
            if places is not None:
                self.pass_by(ahead, waiter.opening_ids, self._quotas(self._comes_onto(places)))
                self._hold(places, {opening.id: BookingState.OFFERED for _, opening, _ in places})
                return waiter
        return None

    def place(self, booking_id: int) -> Placing | None:
        """Hold a place for whoever waits with this booking, past the capacity and the others if need be.

        None when nobody does any more, or when that child cannot have it: closed, begun, or busy elsewhere.
        """
        ahead: set[int] = set()
        for waiter in self.standing.facts.waiters:
            if booking_id not in waiter.booking_ids:
                ahead |= self._quotas(self._comes_onto(self._with_room(waiter)[0] or []))
                continue
            places = self._places(waiter)
            if places is None or not self._may_go(places):
                return None
            drawn = self._comes_onto(places)
            lacks = self._lacks(drawn)
            in_turn = lacks is None and not ahead & self._quotas(drawn)
            self._hold(places, {opening.id: BookingState.BOOKED for _, opening, _ in places})
            self.leave_others(waiter)
            return Placing(waiter, lacks, in_turn)
        return None

    def leave_others(self, waiter: Waiter) -> None:
        """What the home waits for leaves the list where what is given was enough."""
        if waiter.one_of is not None:
            self._over.add((waiter.family_id, waiter.one_of))
            self.left += waiter.rest

    def pass_by(self, ahead: Iterable[_Lacking], openings: Collection[int], quotas: Collection[int]) -> None:
        """Somebody is given these openings, and comes onto these quotas, though those `ahead` wait."""
        for one in ahead:
            if not one.openings.isdisjoint(openings) or not one.quotas.isdisjoint(quotas):
                self.passed |= one.shorts

    def could(self, opening_ids: Collection[int], *, by_itself: bool) -> frozenset[int]:
        """Which of these openings have room for all that somebody waits for with them, and that goes
        `by_itself` where that is asked."""
        return frozenset(
            pk
            for waiter in self.standing.facts.waiters
            if (places := self._with_room(waiter)[0]) is not None
            and (not by_itself or self._goes_by_itself(places))
            for pk in waiter.opening_ids
            if pk in opening_ids
        )

    def _goes_by_itself(self, places: Sequence[_Put]) -> bool:
        return all(goes_by_itself(opening, self.standing.now) for _child, opening, _place in places)

    def _with_room(
        self, waiter: Waiter, claimed: Mapping[int, Mapping[int, Marks]] = NOTHING
    ) -> tuple[list[_Put] | None, _Lacking | None]:
        """What it waits for, when it may have it now and all of it is free; else what it lacks, where it is
        for want of room alone."""
        places = self._places(waiter)
        if places is None or not self._may_go(places):
            return None, None
        short = self._lacking(waiter, self._comes_onto(places), claimed)
        return (places, None) if short is None else (None, short)

    def _hold(self, places: list[_Put], states: dict[int, BookingState]) -> None:
        for child_id, opening, place in places:
            self.standing.put(child_id, opening, place, states[opening.id], place.kept)

    def _places(self, waiter: Waiter) -> list[_Put] | None:
        """What it waits for; None once it waits no more for a part of it."""
        if waiter.one_of is not None and (waiter.asleep or (waiter.family_id, waiter.one_of) in self._over):
            return None
        found = []
        for child_id, opening_id in waiter.pairs:
            place = self.standing.place(child_id, opening_id)
            if place is None or place.state is not BookingState.WAITING:
                return None
            found.append((child_id, self.standing.facts.openings[opening_id], place))
        return found

    def _may_go(self, places: list[_Put]) -> bool:
        """Openings still to come, nothing else held at those hours, and the slots that they require held."""
        for child_id, opening, place in places:
            if not opening.is_open or opening.starts_at <= self.standing.now:
                return False
            if self.standing.rival(child_id, opening, place) is not None:
                return False
        return not any(opening.slot.requires for _, opening, _ in places) or self._is_whole(places)

    def _is_whole(self, places: list[_Put]) -> bool:
        mark = self.standing.mark
        for child_id, opening, place in places:
            self.standing.put(child_id, opening, place, BookingState.BOOKED, place.kept)
        lacking = any(
            opening.id in self.standing.orphans(child_id, opening.day) for child_id, opening, _ in places
        )
        self.standing.back_to(mark)
        return not lacking

    def _comes_onto(self, places: list[_Put]) -> list[_Drawn]:
        """Each quota on which each child would come, once, with the places kept for which it counts there."""
        return [
            (quota, child_id, place.kept)
            for child_id, opening, place in places
            for quota in self.standing.comes_onto(child_id, opening, place)
        ]

    def _quotas(self, drawn: Iterable[_Drawn]) -> frozenset[int]:
        return frozenset(quota.id for quota, _child, _marks in drawn)

    def _lacks(self, drawn: Sequence[_Drawn]) -> Why | None:
        before: dict[int, dict[int, Marks]] = {}
        asked = []
        for quota, child, marks in drawn:
            others = before.setdefault(quota.id, {})
            if child not in others:
                asked.append((quota, marks, list(others.values())))
                others[child] = marks
        return lack_of(asked)

    def _lacking(
        self, waiter: Waiter, drawn: Sequence[_Drawn], claimed: Mapping[int, Mapping[int, Marks]]
    ) -> _Lacking | None:
        """What it lacks, once what others claim is taken; None where all of it is free."""
        wants: dict[int, tuple[Quota, dict[int, Marks]]] = {}
        for quota, child, marks in drawn:
            wants.setdefault(quota.id, (quota, {}))[1].setdefault(child, marks)
        lacks: dict[int, Short] = {}
        for quota, children in wants.values():
            others = [m for child, m in claimed.get(quota.id, {}).items() if child not in children]
            left = 0
            for marks in children.values():
                if quota.has_room(marks, others):
                    others.append(marks)
                    left += 1
            if left < len(children):
                lacks[quota.id] = Short(len(children), left)
        if not lacks:
            return None
        shorts = {}
        for booking_id, opening_id in zip(waiter.booking_ids, waiter.opening_ids, strict=True):
            mine = [lacks[pk] for pk in self.standing.facts.quotas_of.get(opening_id, ()) if pk in lacks]
            if mine:
                shorts[booking_id] = max(mine, key=lambda one: (one.needed - one.left, one.needed))
        return _Lacking(frozenset(waiter.opening_ids), frozenset(lacks), shorts)


def _claim(claimed: dict[int, dict[int, Marks]], drawn: Iterable[_Drawn]) -> None:
    for quota, child, marks in drawn:
        claimed.setdefault(quota.id, {})[child] = marks


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
