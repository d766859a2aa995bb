"""What a save does: pure. A ledger of facts, a list of wishes; outcomes and effects come out.

The service locks, reads the ledger, asks `settle`, and writes the effects: nothing here knows a database, so
that the whole of it is tested over any facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from marelle.activities.bounds import Reached
from marelle.activities.facts import ActivityFacts
from marelle.activities.kinds import BookingMode, Parting
from marelle.bookings.rules import Place, Verdict, Why, is_own_work, may_ask, may_cancel
from marelle.bookings.saving.amounts import Amounts
from marelle.bookings.saving.ledger import (
    Added,
    Change,
    Ended,
    Facts,
    Hours,
    Outcome,
    Result,
    Settled,
    hours_of,
)
from marelle.bookings.saving.queueing import Claimed, Claims, Queue
from marelle.bookings.saving.refusing import (
    PASSED_BY_DEROGATION,
    SETTLED_LAST,
    No,
    Passed,
    given_back,
)
from marelle.bookings.saving.standing import Standing
from marelle.bookings.saving.together import Held, Parted, alone_on, circles, cuts, onto, part
from marelle.bookings.saving.wishes import Unit, wishes
from marelle.bookings.states import BookingState, EndCause


def settle(
    facts: Facts,
    changes: Iterable[Change],
    *,
    now: datetime,
    agent: bool = False,
    in_charge: Callable[[ActivityFacts], bool] = lambda _activity: True,
    derogation: str = "",
    past_capacity: bool = False,
) -> Settled:
    """Decide each change by itself: what is possible is kept, what is not says why.

    `agent`: an agent acts in the family's name, and `derogation`, when it gives one, passes what
    `PASSED_BY_DEROGATION` lists, in the activities that it is `in_charge` of; elsewhere it can do what the
    family can. A capacity is passed by who says so as well (`past_capacity`). Order: what is taken back,
    then what is added, then the waiting list. What makes no sense alone (a bundle, Matin for Journée, other
    hours) is done as a whole, or not at all.
    """
    return _Saving(facts, now, agent, in_charge, derogation, past_capacity).run(changes)


class _Saving:
    def __init__(
        self,
        facts: Facts,
        now: datetime,
        agent: bool,
        in_charge: Callable[[ActivityFacts], bool],
        derogation: str,
        past_capacity: bool,
    ) -> None:
        self.facts = facts
        self.now = now
        self.agent = agent
        self.in_charge = in_charge
        self.derogation = derogation if agent else ""
        self.past_capacity = past_capacity
        self.standing = Standing(facts, now)
        self.queue = Queue(self.standing)
        self.amounts = Amounts(self.standing)
        self.done = Settled()

    def run(self, changes: Iterable[Change]) -> Settled:
        asked = wishes(changes, self.standing, agent=self.agent)
        for change in asked.unknown:
            self._refuse(change, No(Why.UNKNOWN))
        for change in asked.of_other_home:
            self._refuse(change, No(Why.OTHER_HOME))
        for change in asked.done:
            self._tell(change, Result.UNCHANGED)
        self._do(asked.units)
        if self.facts.serve:
            self.done.placed = self.queue.serve()
        self.done.left = self.queue.left
        given = {pk for waiter in self.done.placed for pk in waiter.booking_ids}
        gone = given | {one.booking_id for one in self.done.ended} | set(self.queue.left)
        self.done.passed = {pk: short for pk, short in self.queue.passed.items() if pk not in gone}
        return self.done

    def _do(self, pending: list[Unit]) -> None:
        while pending:
            later: list[tuple[Unit, No]] = []
            for unit in pending:
                no = self._try(unit)
                if no is not None and no.why in SETTLED_LAST:
                    later.append((unit, no))
                elif no is not None:
                    self._say_no(unit, no)
            if len(later) == len(pending):
                later = self._do_with_others(later)
            pending = [unit for unit, _no in later]

    def _do_with_others(self, stuck: list[tuple[Unit, No]]) -> list[tuple[Unit, No]]:
        """Do those that can be with one another, or with what goes along, and leave the others to try again;
        none: say no."""
        done = [
            unit
            for circle in circles(self.standing, (unit for unit, _no in stuck))
            if self._try(Unit(adds=[change for unit in circle for change in unit.adds])) is None
            for unit in circle
        ]
        if done:
            return [(unit, no) for unit, no in stuck if not any(unit is one for one in done)]
        left = [(unit, no) for unit, _no in stuck if (no := self._try(unit, along=True)) is not None]
        if len(left) < len(stuck):
            return left
        for unit, no in left:
            self._say_no(unit, no)
        return []

    # Doing it

    def _try(self, unit: Unit, *, along: bool = False) -> No | None:
        """Do the whole unit, or nothing of it and say why. `along`: with what requires what it takes back."""
        mark = self.standing.mark
        days = {
            (change.child_id, self.standing.opening(change).day) for change in (*unit.cancels, *unit.adds)
        }
        before = alone_on(self.standing, days)
        left = [(change, place) for change in unit.cancels if (place := self._place(change)) is not None]
        bookings: list[Passed] = []
        no = next((found for change in unit.adds if (found := self._why_not_ask(change, unit))), None)
        no = no or next(
            (found for change, place in left if (found := self._why_stay(change, place, unit))), None
        )
        claims = self._claims(unit) if no is None else Claims({})
        for change, _place in left:
            self.standing.lift(change.child_id, change.opening_id)
        comes = onto(self.standing, unit) if claims.lacking else frozenset()
        for change in unit.adds if no is None else ():
            placed = self._placed(change, unit, claims.claimed)
            if isinstance(placed, No):
                no = placed
                break
            bookings.append(placed)
        apart = not unit.adds and any(self.amounts.breaks_run(change, unit) for change in unit.cancels)
        no, parted = no or self._why_apart(unit, apart), Parted()
        if no is None:
            why_not = self._why_not_parted if along else self._why_required
            parted, no = part(self.standing, days, before, lambda held: why_not(held, unit))
        if no is not None:
            self.standing.back_to(mark)
            return no
        self.queue.pass_by(claims.lacking, {change.opening_id for change in unit.adds}, comes)
        self._keep(unit, left, bookings, apart=apart)
        self._keep_parted(parted)
        return None

    def _why_stay(self, change: Change, place: Place, unit: Unit) -> No | None:
        """Why a booking cannot be left."""
        opening = self.standing.opening(change)
        if cuts(self.standing, self.queue, place, unit):
            return No(Why.TOGETHER, other=opening.slot.name)
        verdict = may_cancel(opening, place, self.now)
        if verdict.why is not None and not self._passes(verdict.why, change):
            return No(
                verdict.why,
                verdict.closes_at,
                other=opening.slot.name,
                needs_derogation=self._could_pass(verdict.why, change),
            )
        if unit.other_hours or opening.bundle_at(self.now) is None:
            return None
        together = {
            other.id
            for other, held in self.standing.held_by(change.child_id)
            if other.bundle_id == opening.bundle_id and held.mine
        }
        return No(Why.HALF_BUNDLE) if together - {other.opening_id for other in unit.cancels} else None

    def _verdict(self, change: Change) -> Verdict:
        opening = self.standing.opening(change)
        stay, home = self.standing.stay(change.child_id, opening), self.standing.home(change.child_id)
        return may_ask(opening, stay, home, self.now)

    def _why_not_ask(self, change: Change, unit: Unit) -> No | None:
        if cuts(self.standing, self.queue, self._place(change), unit):
            return No(Why.TOGETHER, other=self.standing.opening(change).slot.name)
        verdict = self._verdict(change)
        if verdict.why in (None, Why.QUEUE_ONLY) or self._passes(verdict.why, change):
            return None
        limit = verdict.opens_at if verdict.why is Why.NOT_YET else verdict.closes_at
        reason = self.standing.opening(change).reason
        return No(verdict.why, limit, other=reason, needs_derogation=self._could_pass(verdict.why, change))

    def _placed(self, change: Change, unit: Unit, claimed: Claimed) -> Passed | No:
        """Put the child on an opening that it may ask for, or say why not."""
        opening, verdict = self.standing.opening(change), self._verdict(change)
        hours = hours_of(opening, change)
        if hours is None:
            return No(Why.BAD_HOURS)
        if self._is_half_bundle(change, unit):
            return No(Why.HALF_BUNDLE)
        rival = self.standing.rival(change.child_id, opening, hours)
        if rival is not None:
            name = rival[1].slot.name if rival[0] is Why.CONFLICT else rival[1].activity.structure_name
            return No(rival[0], other=name)
        reached = self.amounts.past(change, unit.adds)
        if reached is not None and not self._passes(Why.AT_MOST, change):
            return self._too_much(change, reached)
        apart = self.amounts.breaks_run(change, unit)
        if apart and not self._passes(Why.IN_A_RUN, change):
            return No(Why.IN_A_RUN, needs_derogation=self._could_pass(Why.IN_A_RUN, change))
        no_entry = self.amounts.lacks_entry(change, unit.adds)
        if no_entry and not self._passes(Why.NO_ENTRY, change):
            return No(Why.NO_ENTRY, needs_derogation=self._could_pass(Why.NO_ENTRY, change))
        marks = self.standing.marks(change.child_id, opening)
        lacks = self.standing.lacks(change.child_id, opening, hours, marks, claimed)
        waited = self._place(change)
        self.standing.put(change.child_id, opening, hours, self._state(change), marks)
        past_limit = verdict.why is Why.QUEUE_ONLY and not self._passes(Why.QUEUE_ONLY, change)
        if past_limit or (lacks is not None and not self._passes(lacks, change)):
            # Nobody waits for what could not be had without another slot.
            if opening.id in self.standing.orphans(change.child_id, opening.day):
                return No(Why.REQUIRES, other=opening.slot.name)
            why = lacks if lacks is not None and not past_limit else Why.QUEUE_ONLY
            return No(
                why,
                verdict.closes_at if past_limit else None,
                other=opening.slot.name,
                may_wait=not unit.other_hours,
                needs_derogation=self._could_pass(why, change),
            )
        passed = self._passed(verdict.why, change)
        passed += (Why.AT_MOST,) if reached is not None else ()
        passed += (Why.IN_A_RUN,) if apart else ()
        passed += (Why.NO_ENTRY,) if no_entry else ()
        passed += (lacks,) if lacks is not None else ()
        return Passed(change, hours, verdict, passed, waited)

    def _place(self, change: Change) -> Place | None:
        return self.standing.place(change.child_id, change.opening_id)

    def _why_apart(self, unit: Unit, apart: bool) -> No | None:
        """Why what is only taken back is not: it would leave a hole."""
        if not apart or all(self._passes(Why.IN_A_RUN, change) for change in unit.cancels):
            return None
        may = all(self._could_pass(Why.IN_A_RUN, change) for change in unit.cancels)
        return No(Why.IN_A_RUN, needs_derogation=may)

    def _too_much(self, change: Change, reached: Reached) -> No:
        could_pass = self._could_pass(Why.AT_MOST, change)
        return No(Why.AT_MOST, needs_derogation=could_pass, reached=reached)

    def _is_half_bundle(self, change: Change, unit: Unit) -> bool:
        opening = self.standing.opening(change)
        bundle = opening.bundle_at(self.now)
        if bundle is None or unit.other_hours:
            return False
        whole = self.facts.bundles.get((bundle, opening.group_id), frozenset())
        asked = {other.opening_id for other in unit.adds}
        held = {other.id for other, place in self.standing.held_by(change.child_id) if place.holds}
        return bool(whole - asked - held)

    def _why_required(self, held: Held, unit: Unit) -> No:
        """A slot would be held without the one that it requires, and was not before."""
        _child_id, opening, _place = held
        asked = opening.id in {change.opening_id for change in unit.adds}
        return No(Why.REQUIRES if asked else Why.REQUIRED, other=opening.slot.name)

    def _why_not_parted(self, held: Held, unit: Unit) -> No | None:
        """Why a slot may neither go along with what the unit takes back, nor stay without."""
        child_id, opening, place = held
        name = opening.slot.name
        if opening.id in {change.opening_id for change in unit.adds}:
            return No(Why.REQUIRES, other=name)
        if opening.slot.parting is Parting.HOLDS or not place.id:
            return No(Why.REQUIRED, other=name)
        if opening.slot.parting is Parting.STAYS:
            return None
        change = given_back(child_id, opening)
        alone = Unit([change])
        no = self._why_stay(change, place, alone)
        no = no or self._why_apart(alone, self.amounts.breaks_run(change, alone))
        return no and No(Why.GOES_NOT, no.limit, other=name, needs_derogation=no.needs_derogation)

    def _keep_parted(self, parted: Parted) -> None:
        for child_id, opening, place in parted.go:
            change, limit = given_back(child_id, opening), may_cancel(opening, place, self.now)
            self.done.ended.append(Ended(place.id, EndCause.FAMILY))
            self.done.along.add(opening.id)
            passed = self._passed(limit.why, change)
            self._tell(change, Result.CANCELLED, why=Why.WITHOUT, limit=limit.closes_at, passed=passed)
        for child_id, opening, place in parted.stay:
            self.done.alone.append(place.id)
            kept = Change(child_id, opening.id, seen=True, wanted=True)
            self._tell(kept, Result.UNCHANGED, why=Why.WITHOUT)

    def _claims(self, unit: Unit) -> Claims:
        """Taken before the unit's own places are left: who changes Matin for Journée frees no morning."""
        wanted = {change.opening_id for change in unit.adds}
        if not wanted or not self.facts.waiters:
            return Claims({})
        quotas = {pk for opening_id in wanted for pk in self.facts.quotas_of.get(opening_id, ())}
        return self.queue.claims(quotas, unit.adds[0].child_id, wanted)

    def _state(self, change: Change) -> BookingState:
        validated = self.standing.opening(change).activity.booking_mode is BookingMode.VALIDATED
        return BookingState.REQUESTED if validated and not self._decides(change) else BookingState.BOOKED

    def _keep(
        self, unit: Unit, left: list[tuple[Change, Place]], bookings: list[Passed], *, apart: bool
    ) -> None:
        for change, place in left:
            self.done.ended.append(Ended(place.id, EndCause.CHANGED if bookings else EndCause.FAMILY))
            if not unit.other_hours:
                limit = may_cancel(self.standing.opening(change), place, self.now)
                self._tell(
                    change,
                    Result.CANCELLED if place.holds else Result.LEFT_QUEUE,
                    limit=limit.closes_at,
                    passed=self._passed(limit.why, change) + ((Why.IN_A_RUN,) if apart else ()),
                )
        for booking in bookings:
            self._write_down(booking)
            state = self._state(booking.change)
            result = Result.REQUESTED if state is BookingState.REQUESTED else Result.BOOKED
            self._tell(
                booking.change,
                Result.CHANGED if unit.other_hours else result,
                late=booking.verdict.late,
                limit=booking.verdict.closes_at,
                passed=booking.passed,
            )

    def _write_down(self, booking: Passed) -> None:
        change = booking.change
        opening = self.standing.opening(change)
        stay = self.standing.stay(change.child_id, opening)
        if stay is None:
            raise LookupError("A booking needs the enrolment that `may_ask` has checked.")
        if booking.waited is not None:
            self.done.ended.append(Ended(booking.waited.id, EndCause.CHANGED))
            waiter = self.queue.waiter_of(booking.waited.id)
            if waiter is not None:
                self.queue.leave_others(waiter)
        self.done.added.append(
            Added(
                change.child_id,
                opening,
                stay.id,
                booking.hours.starts_at,
                booking.hours.ends_at,
                self._state(change),
                booking.verdict.late,
                self.derogation if booking.passed else "",
                booking.passed,
                self.standing.marks(change.child_id, opening),
            )
        )

    # Saying no

    def _say_no(self, unit: Unit, no: No) -> None:
        waits = no.may_wait and bool(unit.adds) and all(change.accepts_waiting for change in unit.adds)
        if unit.other_hours:
            self._refuse(unit.adds[0], no)
            return
        for change in unit.adds:
            stops, passed = self._waiting(change, unit.adds) if waits else (None, ())
            if stops is not None:
                self._refuse(change, stops)
            elif waits:
                self._queue(change, no.why, passed)
            else:
                self._refuse(change, no)
        for change in unit.cancels:
            if unit.adds:
                self._tell(change, Result.UNCHANGED, why=Why.KEPT)
            else:
                self._refuse(change, no)

    def _waiting(self, change: Change, adds: list[Change]) -> tuple[No | None, tuple[Why, ...]]:
        """Why a change may not even wait, where what it was to replace is kept meanwhile and counts; else
        what it passes by derogation."""
        passed: tuple[Why, ...] = ()
        reached = self.amounts.past(change, adds)
        if reached is not None:
            if not self._passes(Why.AT_MOST, change):
                return self._too_much(change, reached), ()
            passed += (Why.AT_MOST,)
        if self.amounts.lacks_entry(change, adds):
            if not self._passes(Why.NO_ENTRY, change):
                return No(Why.NO_ENTRY, needs_derogation=self._could_pass(Why.NO_ENTRY, change)), ()
            passed += (Why.NO_ENTRY,)
        return None, passed

    def _queue(self, change: Change, why: Why, passed: tuple[Why, ...]) -> None:
        opening = self.standing.opening(change)
        stay, hours = self.standing.stay(change.child_id, opening), hours_of(opening, change)
        if self._place(change) is None and stay is not None and hours is not None:
            marks = self.standing.marks(change.child_id, opening)
            self.done.added.append(
                Added(
                    change.child_id,
                    opening,
                    stay.id,
                    hours.starts_at,
                    hours.ends_at,
                    BookingState.WAITING,
                    derogation=self.derogation if passed else "",
                    passed=passed,
                    kept=marks,
                )
            )
            self.standing.put(change.child_id, opening, hours, BookingState.WAITING, marks)
        shown = None if why is Why.FULL else why
        self._tell(change, Result.WAITING, why=shown, passed=passed)

    # Answers

    def _decides(self, change: Change) -> bool:
        """Whether an agent in charge of the activity is at work."""
        return self.agent and self.in_charge(self.standing.opening(change).activity)

    def _passes(self, why: Why, change: Change) -> bool:
        if self._is_own_work(why, change):
            return True
        given = bool(self.derogation) and (why is not Why.FULL or self.past_capacity)
        return given and self._could_pass(why, change)

    def _is_own_work(self, why: Why | None, change: Change) -> bool:
        """Whether an agent does what only agents do: where the structure books, until the child is there."""
        return is_own_work(why, self.standing.opening(change), self.now) and self._decides(change)

    def _passed(self, why: Why | None, change: Change) -> tuple[Why, ...]:
        """What the derogation was for, of what stood in the way: an agent's own work needs none."""
        return () if why is None or self._is_own_work(why, change) else (why,)

    def _could_pass(self, why: Why, change: Change) -> bool:
        return why in PASSED_BY_DEROGATION and self._decides(change)

    def _tell(
        self,
        change: Change,
        result: Result,
        *,
        why: Why | None = None,
        late: bool = False,
        limit: datetime | None = None,
        passed: tuple[Why, ...] = (),
    ) -> None:
        opening, place = self.standing.opening(change), self._place(change)
        chosen = Hours(place.starts_at, place.ends_at) if place and opening.slot.by_hour else None
        self.done.outcomes.append(
            Outcome(
                change,
                result,
                opening,
                self.facts.names[change.child_id],
                why,
                late,
                limit,
                derogation=self.derogation if passed else "",
                passed=passed,
                hours=chosen,
            )
        )

    def _refuse(self, change: Change, no: No) -> None:
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
                reached=no.reached,
            )
        )
