"""Where each child and each quota stands while a save is settled: moves, and the way back from them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from marelle.bookings.ledger import Change, Facts, Hours, Quota, quotas_held
from marelle.bookings.rules import Home, Opening, Place, Stay, Why, clash
from marelle.bookings.states import BookingState


@dataclass(frozen=True, slots=True)
class _Move:
    child_id: int
    opening_id: int
    before: Place | None
    after: Place | None


class Standing:
    """What each child holds or waits for, and what each quota has left, after the moves made so far.

    One save tries many changes: a change that fails half-way is undone by `back_to`.
    """

    def __init__(self, facts: Facts, now: datetime) -> None:
        self.facts = facts
        self.now = now
        self._held: dict[int, dict[int, Place]] = {
            child: {place.opening_id: place for place in places} for child, places in facts.places.items()
        }
        self._moves: list[_Move] = []

    def opening(self, change: Change) -> Opening:
        return self.facts.openings[change.opening_id]

    def place(self, child_id: int, opening_id: int) -> Place | None:
        return self._held.get(child_id, {}).get(opening_id)

    def held_by(self, child_id: int) -> list[tuple[Opening, Place]]:
        """Openings on which a child has a live booking, waiting ones included."""
        return [(self.facts.openings[key], place) for key, place in self._held.get(child_id, {}).items()]

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

    def put(self, child_id: int, opening: Opening, hours: Hours, state: BookingState) -> None:
        place = Place(0, opening.id, state, hours.starts_at, hours.ends_at)
        self._move(child_id, opening.id, place)

    def _move(self, child_id: int, opening_id: int, after: Place | None) -> None:
        move = _Move(child_id, opening_id, self.place(child_id, opening_id), after)
        self._moves.append(move)
        self._set(move)

    def _set(self, move: _Move) -> None:
        opening = self.facts.openings[move.opening_id]
        for place, by in ((move.before, -1), (move.after, +1)):
            if place is not None and place.holds:
                for quota in self.quotas(opening, place):
                    quota.delta += by
        held = self._held.setdefault(move.child_id, {})
        held.pop(move.opening_id, None)
        if move.after is not None:
            held[move.opening_id] = move.after

    # Questions

    def quotas(self, opening: Opening, hours: Hours | Place) -> list[Quota]:
        return quotas_held(opening, hours, self.facts)

    def rival(self, child_id: int, opening: Opening, hours: Hours | Place) -> tuple[Why, Opening] | None:
        """What the child holds already and that forbids it to be on `opening` too."""
        for other, place in self.held_by(child_id):
            why = clash(opening, hours.starts_at, hours.ends_at, other, place)
            if why is not None:
                return why, other
        return None

    def orphans(self, child_id: int, activity_id: int, day: date) -> dict[int, str]:
        """Openings held on that day without the slot that theirs requires: id → name of the slot."""
        held = [
            opening
            for opening, place in self.held_by(child_id)
            if place.holds and opening.day == day and opening.activity.id == activity_id
        ]
        given = {slot for opening in held for slot in opening.slot.provides}
        return {
            opening.id: opening.slot.name
            for opening in held
            if opening.slot.requires and not opening.slot.requires & given
        }
