"""What a save does: pure. A ledger of facts, a list of wishes; outcomes and effects come out.

The service locks, reads the ledger, asks `settle`, and writes the effects: nothing here knows a database, so
that the whole of it is tested over any facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from marelle.activities.kinds import BookingMode
from marelle.activities.rules import is_before
from marelle.bookings.ledger import (
    Added,
    Change,
    Ended,
    Facts,
    Hours,
    Outcome,
    Quota,
    Result,
    Settled,
    Waiter,
    hours_of,
    quotas_held,
)
from marelle.bookings.rules import Home, Opening, Place, Stay, Why, clash, may_ask, may_cancel
from marelle.bookings.states import BookingState, EndCause

PASSED_BY_DEROGATION = frozenset(
    {
        Why.NOT_YET,
        Why.TOO_LATE,
        Why.TOO_LATE_TO_CANCEL,
        Why.NO_RULE,
        Why.BY_STRUCTURE,
        Why.OTHER_GROUP,
        Why.OTHER_HOME_DAY,
        Why.FULL,
    }
)
"""What a named agent may pass with a reason: a deadline, an age, a capacity. Never a closed day, another
booking of the child, or a missing enrolment."""


@dataclass(frozen=True, slots=True)
class _No:
    why: Why
    limit: datetime | None = None
    other: str = ""
    may_wait: bool = False
    needs_derogation: bool = False


def settle(
    facts: Facts, changes: Iterable[Change], *, now: datetime, agent: bool = False, derogation: str = ""
) -> Settled:
    """Decide each change by itself: what is possible is kept, what is not says why.

    `agent`: an agent acts in the family's name, and `derogation`, when it gives one, passes what
    `PASSED_BY_DEROGATION` lists. Order: what is taken back, then what is added, then the waiting list.
    """
    return _Saving(facts, now, agent, derogation).run(list(changes))


class _Saving:
    def __init__(self, facts: Facts, now: datetime, agent: bool, derogation: str) -> None:
        self.facts = facts
        self.now = now
        self.agent = agent
        self.derogation = derogation if agent else ""
        self.done = Settled()
        self.held: dict[int, dict[int, Place]] = {
            child: {place.opening_id: place for place in places} for child, places in facts.places.items()
        }

    def run(self, changes: list[Change]) -> Settled:
        known = [change for change in _once(changes) if self._is_known(change)]
        cancels = [c for c in known if c.seen and not c.wanted]
        adds = [c for c in known if c.wanted and not c.seen]
        for change in known:
            if change.seen and change.wanted:
                self._change_hours(change)
        replaced = self._replaced(cancels, adds)
        for unit in self._units(sorted(cancels, key=self._dependents_first)):
            kept_back = [change for change in unit if change not in replaced]
            if kept_back:
                self._cancel(kept_back)
        for unit in self._units(sorted(adds, key=lambda c: bool(self._opening(c).slot.requires))):
            self._add(unit, [c for c in cancels if c in replaced and self._clashes(c, unit)])
        told = {outcome.change for outcome in self.done.outcomes}
        for change in replaced:
            if change not in told:
                self._tell(change, Result.UNCHANGED, why=Why.KEPT)
        if self.facts.serve:
            self._serve()
        return self.done

    # What was asked

    def _is_known(self, change: Change) -> bool:
        if change.child_id in self.facts.names and change.opening_id in self.facts.openings:
            return True
        self._refuse(change, _No(Why.UNKNOWN))
        return False

    def _opening(self, change: Change) -> Opening:
        return self.facts.openings[change.opening_id]

    def _place(self, change: Change) -> Place | None:
        return self.held.get(change.child_id, {}).get(change.opening_id)

    def _home(self, child_id: int) -> Home:
        return self.facts.homes.get(child_id, Home())

    def _stay(self, child_id: int, opening: Opening) -> Stay | None:
        stays = [s for s in self.facts.stays.get(child_id, ()) if s.activity_id == opening.activity.id]
        return next(
            (s for s in stays if s.first_day <= opening.day <= s.last_day), stays[0] if stays else None
        )

    def _units(self, changes: list[Change]) -> list[list[Change]]:
        """Changes that go together: those of one bundle and one child, else each alone."""
        units: dict[object, list[Change]] = {}
        for change in changes:
            bundle = self._opening(change).bundle_id
            units.setdefault((change.child_id, bundle) if bundle else change, []).append(change)
        return list(units.values())

    def _dependents_first(self, change: Change) -> bool:
        return not self._opening(change).slot.requires

    def _clashes(self, cancel: Change, adds: list[Change]) -> bool:
        place = self._place(cancel)
        return place is not None and any(
            add.child_id == cancel.child_id
            and (hours := hours_of(self._opening(add), add)) is not None
            and clash(self._opening(add), hours.starts_at, hours.ends_at, self._opening(cancel), place)
            is not None
            for add in adds
        )

    def _replaced(self, cancels: list[Change], adds: list[Change]) -> list[Change]:
        """What is taken back only to be replaced (Matin for Journée): if the new fails, the old is kept."""
        return [cancel for cancel in cancels if self._clashes(cancel, adds)]

    # Taking back

    def _cancel(self, unit: list[Change]) -> None:
        gone = [change for change in unit if self._place(change) is None]
        for change in gone:
            self._tell(change, Result.UNCHANGED)
        unit = [change for change in unit if change not in gone]
        no = next((found for change in unit if (found := self._why_not_cancel(change, unit))), None)
        for change in unit:
            place = self._place(change)
            if no is not None:
                self._refuse(change, no)
            elif place is not None:
                self._end(change, place, EndCause.FAMILY)
                self._tell(change, Result.CANCELLED if place.holds else Result.LEFT_QUEUE)

    def _why_not_cancel(self, change: Change, unit: list[Change]) -> _No | None:
        opening, place = self._opening(change), self._place(change)
        if place is None:
            return None
        verdict = may_cancel(opening, place, self._home(change.child_id), self.now)
        if verdict.why is not None and not self._passes(verdict.why):
            return _No(verdict.why, verdict.closes_at, needs_derogation=self._could_pass(verdict.why))
        leaving = {other.opening_id for other in unit}
        if opening.bundle_id and place.holds:
            siblings = {
                o for o in self.held[change.child_id] if self.facts.openings[o].bundle_id == opening.bundle_id
            }
            if not siblings <= leaving:
                return _No(Why.HALF_BUNDLE)
        orphan = self._orphan(change.child_id, opening, without=leaving)
        return _No(Why.REQUIRED, other=orphan) if orphan else None

    def _orphan(
        self, child_id: int, opening: Opening, *, without: Iterable[int] = (), more: Sequence[Opening] = ()
    ) -> str:
        """Name of a slot held on that day that would lack the one it requires; empty when none would."""
        gone = set(without)
        day = [
            self.facts.openings[o]
            for o, place in self.held.get(child_id, {}).items()
            if place.holds and o not in gone
        ]
        day = [o for o in day if o.day == opening.day and o.activity.id == opening.activity.id]
        day += [o for o in more if o.day == opening.day]
        given = {slot for o in day for slot in o.slot.provides}
        return next((o.slot.name for o in day if o.slot.requires and not o.slot.requires & given), "")

    def _end(self, change: Change, place: Place, cause: EndCause) -> None:
        del self.held[change.child_id][place.opening_id]
        self.done.ended.append(Ended(place.id, cause))
        if place.holds:
            self._count(self._opening(change), place, -1)

    def _count(self, opening: Opening, hours: Hours | Place, by: int) -> None:
        for quota in quotas_held(opening, hours, self.facts):
            quota.delta += by

    # Adding

    def _add(self, unit: list[Change], replaced: list[Change]) -> None:
        for change in [c for c in unit if self._already(c)]:
            unit = [c for c in unit if c is not change]
        if not unit:
            return
        ends = [(c, place) for c in replaced if (place := self._place(c)) is not None]
        no = next((found for c, p in ends if (found := self._why_not_cancel_for_swap(c, p))), None)
        for change, place in ends:
            self._lift(change, place)
        no = no or next((found for change in unit if (found := self._why_not_add(change, unit))), None)
        if no is None:
            no = self._why_no_room(unit)
        if no is None:
            for change, place in ends:
                self.done.ended.append(Ended(place.id, EndCause.CHANGED))
                self._tell(change, Result.CANCELLED)
            for change in unit:
                self._book(change)
            return
        for change, place in ends:
            self._put_back(change, place)
        waits = no.may_wait and all(change.accepts_waiting for change in unit)
        for change in unit:
            if waits:
                self._queue(change)
            else:
                self._refuse(change, no)

    def _already(self, change: Change) -> bool:
        """What a double click or another tab has done is no error; what the other home holds is."""
        place = self._place(change)
        if place is None:
            return False
        if not place.mine:
            self._refuse(change, _No(Why.OTHER_HOME))
            return True
        if place.state is BookingState.WAITING and (self.agent or not change.accepts_waiting):
            return False
        self._tell(change, Result.UNCHANGED)
        return True

    def _why_not_cancel_for_swap(self, change: Change, place: Place) -> _No | None:
        verdict = may_cancel(self._opening(change), place, self._home(change.child_id), self.now)
        if verdict.why is None or self._passes(verdict.why):
            return None
        return _No(
            verdict.why,
            verdict.closes_at,
            other=self._opening(change).slot.name,
            needs_derogation=self._could_pass(verdict.why),
        )

    def _lift(self, change: Change, place: Place) -> None:
        del self.held[change.child_id][place.opening_id]
        if place.holds:
            self._count(self._opening(change), place, -1)

    def _put_back(self, change: Change, place: Place) -> None:
        self.held[change.child_id][place.opening_id] = place
        if place.holds:
            self._count(self._opening(change), place, +1)

    def _why_not_add(self, change: Change, unit: list[Change]) -> _No | None:
        opening = self._opening(change)
        verdict = may_ask(
            opening, self._stay(change.child_id, opening), self._home(change.child_id), self.now
        )
        if verdict.why is not None and not self._passes(verdict.why):
            limit = verdict.opens_at if verdict.why is Why.NOT_YET else verdict.closes_at
            return _No(
                verdict.why, limit, other=opening.reason, needs_derogation=self._could_pass(verdict.why)
            )
        hours = hours_of(opening, change)
        if hours is None:
            return _No(Why.BAD_HOURS)
        asked = {other.opening_id for other in unit}
        if opening.bundle_id and self.facts.bundles.get(opening.bundle_id, frozenset()) - asked:
            return _No(Why.HALF_BUNDLE)
        for place in self.held.get(change.child_id, {}).values():
            other = self.facts.openings[place.opening_id]
            why = clash(opening, hours.starts_at, hours.ends_at, other, place)
            if why is not None:
                name = other.slot.name if why is Why.CONFLICT else other.activity.structure_name
                return _No(why, other=name)
        more = [self._opening(other) for other in unit]
        orphan = self._orphan(change.child_id, opening, more=more)
        return _No(Why.REQUIRES, other=orphan) if orphan else None

    def _why_no_room(self, unit: list[Change]) -> _No | None:
        needed: dict[int, int] = {}
        for change in unit:
            opening = self._opening(change)
            hours = hours_of(opening, change)
            if hours is not None:
                for quota in quotas_held(opening, hours, self.facts):
                    needed[quota.id] = needed.get(quota.id, 0) + 1
        own = {change.child_id for change in unit}
        claimed = self._claims(own) if self.facts.waiters else {}
        for quota_id, count in needed.items():
            quota = self.facts.quotas[quota_id]
            if quota.now_taken + claimed.get(quota_id, 0) + count > quota.capacity:
                if self._passes(Why.FULL):
                    return None
                return _No(Why.FULL, may_wait=True, needs_derogation=self._could_pass(Why.FULL))
        return None

    def _claims(self, own: set[int]) -> dict[int, int]:
        """Places that those who wait could take now: nobody passes the queue, even before it is served."""
        claimed: dict[int, int] = {}
        for waiter in self.facts.waiters:
            if waiter.child_id in own or not self._may_be_placed(waiter):
                continue
            drawn = self._drawn_by(waiter)
            if all(q.now_taken + claimed.get(q.id, 0) < q.capacity for q in drawn):
                for quota in drawn:
                    claimed[quota.id] = claimed.get(quota.id, 0) + 1
        return claimed

    def _book(self, change: Change) -> None:
        opening = self._opening(change)
        hours = hours_of(opening, change) or Hours(opening.starts_at, opening.ends_at)
        stay = self._stay(change.child_id, opening)
        verdict = may_ask(opening, stay, self._home(change.child_id), self.now)
        full = any(q.now_taken >= q.capacity for q in quotas_held(opening, hours, self.facts))
        derogation = self.derogation if verdict.why is not None or full else ""
        asked = opening.activity.booking_mode is BookingMode.VALIDATED and not self.agent
        state = BookingState.REQUESTED if asked else BookingState.BOOKED
        waiting = self._place(change)
        if waiting is not None:
            self.done.placed_for[waiting.id] = derogation
        elif stay is not None:
            self.done.added.append(
                Added(
                    change.child_id,
                    opening,
                    stay.id,
                    hours.starts_at,
                    hours.ends_at,
                    state,
                    verdict.late,
                    derogation,
                )
            )
        self._hold(change.child_id, opening, hours, state)
        result = Result.REQUESTED if asked else Result.BOOKED
        self._tell(change, result, late=verdict.late, limit=verdict.closes_at)

    def _hold(self, child_id: int, opening: Opening, hours: Hours, state: BookingState) -> None:
        self.held.setdefault(child_id, {})[opening.id] = Place(
            id=0, opening_id=opening.id, state=state, starts_at=hours.starts_at, ends_at=hours.ends_at
        )
        if state is not BookingState.WAITING:
            self._count(opening, hours, +1)

    def _queue(self, change: Change) -> None:
        opening = self._opening(change)
        stay = self._stay(change.child_id, opening)
        hours = hours_of(opening, change)
        if stay is None or hours is None:
            self._refuse(change, _No(Why.BAD_HOURS))
            return
        if self._place(change) is None:
            self.done.added.append(
                Added(change.child_id, opening, stay.id, hours.starts_at, hours.ends_at, BookingState.WAITING)
            )
            self._hold(change.child_id, opening, hours, BookingState.WAITING)
        self._tell(change, Result.WAITING)

    def _change_hours(self, change: Change) -> None:
        """Other hours on one opening: the old ones are kept if the new ones cannot be had."""
        place, opening = self._place(change), self._opening(change)
        if not opening.slot.by_hour or place is None or (change.starts is None and change.ends is None):
            return
        hours = hours_of(opening, change)
        if hours is not None and (hours.starts_at, hours.ends_at) == (place.starts_at, place.ends_at):
            return
        no = self._why_not_cancel_for_swap(change, place)
        self._lift(change, place)
        no = no or self._why_not_add(change, [change]) or self._why_no_room([change])
        if no is not None:
            self._put_back(change, place)
            self._refuse(change, no)
            return
        self.done.ended.append(Ended(place.id, EndCause.CHANGED))
        self._book(change)
        self.done.outcomes[-1] = _as_changed(self.done.outcomes[-1])

    # The waiting list

    def _serve(self) -> None:
        """Give what is free to those who wait, in order, while they can still cancel free."""
        for waiter in self.facts.waiters:
            if not self._may_be_placed(waiter):
                continue
            openings = [self.facts.openings[o] for o in waiter.opening_ids]
            if not all(self._can_still_cancel(opening) for opening in openings):
                continue
            if all(quota.now_taken < quota.capacity for quota in self._drawn_by(waiter)):
                self.done.placed.append(waiter)
                for opening in openings:
                    place = self.held[waiter.child_id][opening.id]
                    self._hold(
                        waiter.child_id, opening, Hours(place.starts_at, place.ends_at), BookingState.BOOKED
                    )

    def _may_be_placed(self, waiter: Waiter) -> bool:
        """Still waiting, for openings still to come, with nothing else held at those hours."""
        held = self.held.get(waiter.child_id, {})
        for opening_id in waiter.opening_ids:
            opening, place = self.facts.openings.get(opening_id), held.get(opening_id)
            if opening is None or place is None or place.state is not BookingState.WAITING:
                return False
            if not opening.is_open or opening.starts_at <= self.now:
                return False
            if any(
                clash(opening, place.starts_at, place.ends_at, self.facts.openings[p.opening_id], p)
                for p in held.values()
            ):
                return False
        return True

    def _drawn_by(self, waiter: Waiter) -> list[Quota]:
        held = self.held[waiter.child_id]
        return [
            quota
            for opening_id in waiter.opening_ids
            for quota in quotas_held(self.facts.openings[opening_id], held[opening_id], self.facts)
        ]

    def _can_still_cancel(self, opening: Opening) -> bool:
        window = opening.window(resident=True)
        return window is not None and is_before(self.now, window.cancel_until)

    # Answers

    def _passes(self, why: Why) -> bool:
        return bool(self.derogation) and why in PASSED_BY_DEROGATION

    def _could_pass(self, why: Why) -> bool:
        return self.agent and why in PASSED_BY_DEROGATION

    def _tell(
        self,
        change: Change,
        result: Result,
        *,
        why: Why | None = None,
        late: bool = False,
        limit: datetime | None = None,
    ) -> None:
        self.done.outcomes.append(
            Outcome(
                change,
                result,
                self._opening(change),
                self.facts.names.get(change.child_id, ""),
                why,
                late,
                limit,
            )
        )

    def _refuse(self, change: Change, no: _No) -> None:
        self.done.outcomes.append(
            Outcome(
                change,
                Result.REFUSED,
                self.facts.openings.get(change.opening_id),
                self.facts.names.get(change.child_id, ""),
                no.why,
                limit=no.limit,
                other=no.other,
                may_wait=no.may_wait,
                needs_derogation=no.needs_derogation,
            )
        )


def _as_changed(outcome: Outcome) -> Outcome:
    return Outcome(outcome.change, Result.CHANGED, outcome.opening, outcome.child_name, late=outcome.late)


def _once(changes: Iterable[Change]) -> list[Change]:
    """One change a cell: the last one posted."""
    return list({(change.child_id, change.opening_id): change for change in changes}.values())
