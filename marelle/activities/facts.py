"""An activity as rules see it: immutable, without the database."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property

from marelle.activities.absences import AbsenceRule
from marelle.activities.audiences import AudienceKind, Offered, Public, is_of
from marelle.activities.bounds import Bound, BoundKind
from marelle.activities.conditions import Condition, ConditionKind
from marelle.activities.generation import DayScope, is_held
from marelle.activities.kept import NO_MARKS, Kept, Marks, marks_of
from marelle.activities.kinds import (
    ActivityKind,
    BookingMode,
    Decider,
    EnrolmentMode,
    Parting,
    Unpaid,
    deciding_structure,
)
from marelle.activities.rules import OpeningFacts, Rule, Window, opens_at, rule_on, window
from marelle.places.rules import CalendarFacts


@dataclass(frozen=True, slots=True)
class SlotThen:
    """What prices read of a slot: its hours, the slots that it is made of (itself where it includes no
    other), whether who comes has come for it, booked or not. `until`: its last day; None: it holds."""

    starts: time
    ends: time
    parts: tuple[int, ...]
    is_free: bool
    until: date | None = None

    @property
    def minutes(self) -> int:
        start, end = (60 * one.hour + one.minute for one in (self.starts, self.ends))
        return end - start


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """A slot. `conflicts` cannot be held with it on one day; `provides` is itself and what it includes.

    It needs one of `requires`, named by `needs`, and `parting` says what becomes of it without;
    `is_required`: another needs what it provides. Ids are those of slots of any activity. `before`: what it
    was until a day, in their order.
    """

    id: int
    name: str
    starts: time
    ends: time
    order: int
    by_hour: bool
    has_meal: bool
    one_off: bool
    conflicts: frozenset[int]
    requires: frozenset[int]
    provides: frozenset[int]
    weekdays: frozenset[int] = frozenset()
    days: DayScope = DayScope.BOTH
    needs: tuple[str, ...] = ()
    parting: Parting = Parting.HOLDS
    is_required: bool = False
    before: tuple[SlotThen, ...] = ()

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among the slots of its activity."""
        return self.order, self.id


@dataclass(frozen=True)
class ActivityFacts:
    """An activity with all that its rules need; immutable, shared between requests."""

    id: int
    name: str
    kind: ActivityKind
    order: int
    structure_id: int
    structure_name: str
    authority_id: int
    enrolment_mode: EnrolmentMode
    booking_mode: BookingMode
    first_day: date
    last_day: date
    slots: Mapping[int, SlotFacts]
    groups: Mapping[int, str]
    calendar: CalendarFacts
    residents: frozenset[int]
    rules: tuple[Rule, ...]
    slot_rules: Mapping[int, tuple[Rule, ...]]
    decided_by: Decider = Decider.STRUCTURE
    agreement: frozenset[int] = frozenset()
    bounds: tuple[Bound, ...] = ()
    conditions: tuple[Condition, ...] = ()
    kept: tuple[Kept, ...] = ()
    asks_card: bool = False
    unpaid: Unpaid = Unpaid.NOTHING
    absence_rules: tuple[AbsenceRule, ...] = ()
    slot_absence_rules: Mapping[int, tuple[AbsenceRule, ...]] = field(default_factory=dict)
    windows: dict[tuple[int, OpeningFacts], Window | None] = field(default_factory=dict, compare=False)

    @property
    def in_order(self) -> list[SlotFacts]:
        """Its slots, as they are told."""
        return sorted(self.slots.values(), key=lambda slot: slot.place)

    def rule_for(self, slot_id: int, day: date) -> Rule | None:
        """The rule of an opening: the slot's own, else the activity's."""
        own = rule_on(self.slot_rules.get(slot_id, ()), day, self.last_day)
        return own or rule_on(self.rules, day, self.last_day)

    def absence_rule_for(self, slot_id: int, day: date) -> AbsenceRule | None:
        """What an absence from an opening is: the slot's own rule, else the activity's."""
        own = rule_on(self.slot_absence_rules.get(slot_id, ()), day, self.last_day)
        return own or rule_on(self.absence_rules, day, self.last_day)

    def is_held(self, day: date) -> bool:
        """Whether its slots and its calendar hold it on `day`; outings are dated one by one."""
        return any(self.holds_slot(slot, day) for slot in self.slots.values())

    def holds_slot(self, slot: SlotFacts, day: date) -> bool:
        if not self.first_day <= day <= self.last_day:
            return False
        return is_held(slot.weekdays, slot.days, day, self.calendar)

    def window_of(self, slot_id: int, opening: OpeningFacts) -> Window | None:
        """The window of an opening; None when no rule holds on its day, and nothing may be booked."""
        key = (slot_id, opening)
        if key not in self.windows:
            rule = self.rule_for(slot_id, opening.day)
            self.windows[key] = None if rule is None else window(rule, opening, self.calendar)
        return self.windows[key]

    def opens_at(self, window: Window, public: Public) -> datetime | None:
        """When it opens to this child and its home; see `rules.opens_at`."""
        return opens_at(window, lambda audience, day: is_of(public, audience, self.offered, day))

    def bounds_on(self, slot_id: int, day: date, kind: BoundKind) -> tuple[Bound, ...]:
        """How much may be booked of an opening and of what is counted with it."""
        return tuple(one for one in self.bounds if one.kind is kind and one.holds(slot_id, day))

    def conditions_of(self, slot_id: int, day: date) -> tuple[Condition, ...]:
        """What is asked of who books a slot on a day."""
        return tuple(one for one in self.conditions if one.holds(slot_id, day))

    def marks_of(self, public: Public, day: date) -> Marks:
        """For which of the places kept a child counts."""
        return marks_of(self.kept, public, self.offered, day) if self.kept else NO_MARKS

    @property
    def deciding_structure_id(self) -> int | None:
        return deciding_structure(self.structure_id, self.decided_by)

    @cached_property
    def parts(self) -> Mapping[int, tuple[int, ...]]:
        """By slot, those that it is made of; itself where it includes no other."""
        return {slot.id: self._parts(slot) for slot in self.slots.values()}

    def then(self, slot_id: int, day: date) -> SlotThen:
        """What a slot was on `day`, for its price."""
        for one in self.slots[slot_id].before:
            if one.until is not None and day <= one.until:
                return one
        return self.now[slot_id]

    def era(self, day: date) -> int:
        """Two days of one era have the same slots."""
        return bisect_left(self._untils, day)

    @cached_property
    def now(self) -> Mapping[int, SlotThen]:
        """What prices read of each slot from today on."""
        is_free = self.booking_mode is BookingMode.FREE
        return {pk: SlotThen(one.starts, one.ends, self.parts[pk], is_free) for pk, one in self.slots.items()}

    @cached_property
    def _untils(self) -> list[date]:
        return sorted({one.until for slot in self.slots.values() for one in slot.before if one.until})

    def _parts(self, slot: SlotFacts) -> tuple[int, ...]:
        own = (pk for pk in slot.provides if pk != slot.id)
        known = self.slots
        return tuple(sorted(pk for pk in own if pk not in known or known[pk].provides == {pk})) or (slot.id,)

    @cached_property
    def offered(self) -> Offered:
        return Offered(self.structure_id, self.authority_id, self.residents, self.agreement)

    @cached_property
    def asks(self) -> frozenset[AudienceKind | ConditionKind]:
        """Which kinds of audience its rules tell apart, and what its conditions ask."""
        every = (*self.rules, *(rule for rules in self.slot_rules.values() for rule in rules))
        found = {wave.audience.kind for rule in every for wave in rule.waves}
        found |= {one.audience.kind for one in self.kept}
        asked = (one.asks for one in self.conditions)
        return frozenset(found - {AudienceKind.ALL}).union(*asked)
