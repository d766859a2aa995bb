"""Where each child and each quota stands while a save is settled: moves, and the way back from them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from marelle.activities.kept import Marks
from marelle.bookings.rules import Home, Opening, Place, Stay, Why, clash
from marelle.bookings.saving.ledger import Change, Facts, Hours, Quota, quotas_held
from marelle.bookings.states import BookingState

NOBODY: Final[Mapping[int, Sequence[Marks]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Move:
    child_id: int
    opening_id: int
    before: Place | None
    after: Place | None


class Standing:
    """What each child holds or waits for, and what each quota has left, after the moves made so far.

    One save tries many changes: a change that fails half-way is undone by `back_to`. A child counts once on
    a quota, however many of its places draw on it: the counter moves when it comes onto it or leaves it.
    """

    def __init__(self, facts: Facts, now: datetime) -> None:
        self.facts = facts
        self.now = now
        self._held: dict[int, dict[int, Place]] = {
            child: {place.opening_id: place for place in places} for child, places in facts.places.items()
        }
        self._moves: list[_Move] = []
        self._draws: dict[int, Counter[int]] = {}
        self._marked: dict[int, Counter[int]] = {}
        self._at_first: dict[int, frozenset[int]] = {}

    def opening(self, change: Change) -> Opening:
        return self.facts.openings[change.opening_id]

    def place(self, child_id: int, opening_id: int) -> Place | None:
        return self._held.get(child_id, {}).get(opening_id)

    def held_by(self, child_id: int) -> list[tuple[Opening, Place]]:
        """Openings on which a child has a live booking, waiting ones included."""
        return [(self.facts.openings[key], place) for key, place in self._held.get(child_id, {}).items()]

    def all_held(self) -> list[tuple[int, Opening, Place]]:
        """The same of every child, each named by its id."""
        return [(child, *row) for child in self._held for row in self.held_by(child)]

    def home(self, child_id: int) -> Home:
        return self.facts.homes.get(child_id, Home())

    def stay(self, child_id: int, opening: Opening) -> Stay | None:
        """The enrolment that covers the opening's day, else any in its activity."""
        stays = [s for s in self.facts.stays.get(child_id, ()) if s.activity_id == opening.activity.id]
        covering = (s for s in stays if s.first_day <= opening.day <= s.last_day)
        return next(covering, stays[0] if stays else None)

    # Moves

    @property
    def mark(self) -> int:
        return len(self._moves)

    def back_to(self, mark: int) -> None:
        """Undo every move made since `mark`."""
        while len(self._moves) > mark:
            move = self._moves.pop()
            self._set(_Move(move.child_id, move.opening_id, before=move.after, after=move.before))

    def lift(self, child_id: int, opening_id: int) -> None:
        self._move(child_id, opening_id, None)

    def put(
        self, child_id: int, opening: Opening, hours: Hours | Place, state: BookingState, kept: Marks
    ) -> None:
        place = Place(0, opening.id, state, hours.starts_at, hours.ends_at, kept=kept)
        self._move(child_id, opening.id, place)

    def _move(self, child_id: int, opening_id: int, after: Place | None) -> None:
        move = _Move(child_id, opening_id, self.place(child_id, opening_id), after)
        self._moves.append(move)
        self._set(move)

    def _set(self, move: _Move) -> None:
        opening = self.facts.openings[move.opening_id]
        for place, by in ((move.before, -1), (move.after, +1)):
            if place is not None and place.holds:
                self._count(move.child_id, self.quotas(opening, place), place.kept, by)
        held = self._held.setdefault(move.child_id, {})
        held.pop(move.opening_id, None)
        if move.after is not None:
            held[move.opening_id] = move.after

    def _count(self, child_id: int, drawn: list[Quota], kept: Marks, by: int) -> None:
        draws = self._draws_of(child_id)
        marked = self._marked[child_id]
        for quota in drawn:
            quota.delta += _moved(draws, quota.id, by)
            for part in quota.parts:
                if part.kept_id in kept:
                    part.delta += _moved(marked, part.id, by)

    def _draws_of(self, child_id: int) -> Counter[int]:
        """How many places of a child draw on each quota, and on each part that is kept; first read before any
        of its moves."""
        known = self._draws.get(child_id)
        if known is None:
            held = [
                (quota, place)
                for opening, place in self.held_by(child_id)
                if place.holds
                for quota in self.quotas(opening, place)
            ]
            known = Counter(quota.id for quota, _place in held)
            self._draws[child_id] = known
            self._marked[child_id] = Counter(
                part.id for quota, place in held for part in quota.parts if part.kept_id in place.kept
            )
            self._at_first[child_id] = frozenset(known)
        return known

    # Questions

    def quotas(self, opening: Opening, hours: Hours | Place) -> list[Quota]:
        return quotas_held(opening, hours, self.facts)

    def comes_onto(self, child_id: int, opening: Opening, hours: Hours | Place) -> list[Quota]:
        """The quotas on which the child would take a place: not those that it is on already."""
        draws = self._draws_of(child_id)
        return [quota for quota in self.quotas(opening, hours) if not draws[quota.id]]

    def marks(self, child_id: int, opening: Opening) -> Marks:
        """For which places kept a child of the home counts there."""
        return opening.activity.marks_of(self.home(child_id).public, opening.day)

    def lacks(
        self,
        child_id: int,
        opening: Opening,
        hours: Hours,
        kept: Marks,
        claimed: Mapping[int, Sequence[Marks]] = NOBODY,
    ) -> Why | None:
        """Why there is no room for the child, once the places `claimed` by others are counted, by quota: none
        is left, or those left are kept for others.

        The place that it has left meanwhile and that nobody took is still its own: Matin and Après-midi of
        one day are swapped in one save.
        """
        drawn = self.comes_onto(child_id, opening, hours)
        return lack_of(
            (quota, kept, claimed.get(quota.id, ()))
            for quota in drawn
            if quota.id not in self._at_first[child_id] or quota.now_taken >= quota.taken
        )

    def rival(self, child_id: int, opening: Opening, hours: Hours | Place) -> tuple[Why, Opening] | None:
        """What the child holds already and that forbids it to be on `opening` too."""
        for other, place in self.held_by(child_id):
            why = clash(opening, hours.starts_at, hours.ends_at, other, place)
            if why is not None:
                return why, other
        return None

    def orphans(self, child_id: int, day: date) -> dict[int, str]:
        """Openings held on that day without the slot that theirs requires: id → name of the slot."""
        held = [opening for opening, place in self.held_by(child_id) if place.holds and opening.day == day]
        given = {slot for opening in held for slot in opening.slot.provides}
        return {
            opening.id: opening.slot.name
            for opening in held
            if opening.slot.requires and not opening.slot.requires & given
        }


def lack_of(drawn: Iterable[tuple[Quota, Marks, Sequence[Marks]]]) -> Why | None:
    """Why a child of these marks does not come onto quotas, once what others claim of each is taken."""
    lacking = [(quota, others) for quota, marks, others in drawn if not quota.has_room(marks, others)]
    if not lacking:
        return None
    is_full = any(quota.now_taken + len(others) >= quota.capacity for quota, others in lacking)
    return Why.FULL if is_full else Why.KEPT_PLACES


def _moved(counter: Counter[int], key: int, by: int) -> int:
    """What one place more, or less, changes of a count of children: who comes, or goes."""
    before = counter[key]
    counter[key] = before + by
    return by if not before or not before + by else 0
