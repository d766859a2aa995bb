"""Facts for the pure rules: a centre's Wednesday, from Matin to Journée, and what surrounds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from marelle.activities.facts import ActivityFacts, SlotFacts
from marelle.activities.kinds import ActivityKind, BookingMode, EnrolmentMode
from marelle.activities.rules import Limit, LimitKind, Rule
from marelle.bookings.cards import Card
from marelle.bookings.keeping import KeptPart
from marelle.bookings.rules import Home, Opening, Place, Stay
from marelle.bookings.saving.ledger import (
    Change,
    Facts,
    Outcome,
    Quota,
    Result,
    Settled,
    Waiter,
    quotas_held,
)
from marelle.bookings.saving.settling import settle
from marelle.bookings.states import BookingState
from marelle.core.clock import PARIS, instant_at
from marelle.places.rules import FOUR_DAY_WEEK, CalendarFacts

YEAR = (date(2026, 9, 1), date(2027, 8, 31))
WEDNESDAY, NEXT_WEDNESDAY = date(2026, 9, 9), date(2026, 9, 16)
NOW = datetime(2026, 9, 7, 10, 0, tzinfo=PARIS)
"""Two days before: all is open until the day before at noon."""
TOO_LATE = datetime(2026, 9, 8, 12, 1, tzinfo=PARIS)
PAST = datetime(2026, 9, 9, 19, 0, tzinfo=PARIS)

ZOE, LEO = 1, 2
MORNING, MEAL, AFTERNOON, DAY, BY_HOUR, OUTING = 1, 2, 3, 4, 5, 6
CENTRE, ELSEWHERE = 1, 2

DAY_BEFORE = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(12))
RULE = Rule(YEAR[0], None, DAY_BEFORE, DAY_BEFORE)
CALENDAR = CalendarFacts(FOUR_DAY_WEEK, ())

HOURS = {
    MORNING: ("Matin", 8, 12),
    MEAL: ("Repas", 12, 14),
    AFTERNOON: ("Après-midi", 14, 18),
    DAY: ("Journée", 8, 18),
    BY_HOUR: ("Accueil", 8, 18),
    OUTING: ("Sortie", 9, 17),
}
PARTS = {MORNING, MEAL, AFTERNOON}
LINKS = ("conflicts", "requires", "provides")


def slot(slot_id: int, **fields: Any) -> SlotFacts:
    name, start, end = HOURS[slot_id]
    conflicts = {DAY} if slot_id in PARTS else PARTS if slot_id == DAY else set()
    return SlotFacts(
        **{
            "id": slot_id,
            "name": name,
            "starts": time(start),
            "ends": time(end),
            "order": slot_id,
            "by_hour": slot_id == BY_HOUR,
            "has_meal": slot_id in {MEAL, DAY},
            "one_off": slot_id == OUTING,
            "conflicts": frozenset(conflicts),
            "requires": frozenset({MEAL, DAY}) if slot_id == AFTERNOON else frozenset(),
            "provides": frozenset(PARTS | {DAY}) if slot_id == DAY else frozenset({slot_id}),
            **fields,
        }
    )


def _slot_of(activity_id: int, slot_id: int) -> SlotFacts:
    """No two activities have a slot of one id, whatever it is asked by."""
    one, more = slot(slot_id), 100 * (activity_id - CENTRE)
    links = {name: frozenset(pk + more for pk in getattr(one, name)) for name in LINKS}
    return replace(one, id=slot_id + more, **links)


def activity(activity_id: int = CENTRE, **fields: Any) -> ActivityFacts:
    return ActivityFacts(
        **{
            "id": activity_id,
            "name": f"Activité {activity_id}",
            "kind": ActivityKind.WEDNESDAY,
            "order": activity_id,
            "structure_id": activity_id,
            "structure_name": f"Structure {activity_id}",
            "authority_id": 1,
            "enrolment_mode": EnrolmentMode.ASKED,
            "booking_mode": BookingMode.PARENT,
            "first_day": YEAR[0],
            "last_day": YEAR[1],
            "slots": {slot_id: _slot_of(activity_id, slot_id) for slot_id in HOURS},
            "groups": {},
            "calendar": CALENDAR,
            "residents": frozenset(),
            "rules": (RULE,),
            "slot_rules": {},
            **fields,
        }
    )


def opening(
    opening_id: int,
    slot_id: int = MORNING,
    *,
    day: date = WEDNESDAY,
    of: ActivityFacts | None = None,
    **fields: Any,
) -> Opening:
    facts = of or activity()
    own = facts.slots[slot_id]
    return Opening(
        **{
            "id": opening_id,
            "activity": facts,
            "slot": own,
            "group_id": None,
            "day": day,
            "starts_at": instant_at(day, own.starts),
            "ends_at": instant_at(day, own.ends),
            "is_open": True,
            **fields,
        }
    )


def place(on: Opening, state: BookingState = BookingState.BOOKED, *, pk: int = 1, **fields: Any) -> Place:
    return Place(
        **{
            "id": pk,
            "opening_id": on.id,
            "state": state,
            "starts_at": on.starts_at,
            "ends_at": on.ends_at,
            **fields,
        }
    )


def stay(activity_id: int = CENTRE, **fields: Any) -> Stay:
    return Stay(
        **{"id": activity_id, "activity_id": activity_id, "first_day": YEAR[0], "last_day": YEAR[1], **fields}
    )


def tick(on: Opening, child: int = ZOE, **fields: Any) -> Change:
    return Change(child, on.id, seen=False, wanted=True, **fields)


def untick(on: Opening, child: int = ZOE, **fields: Any) -> Change:
    return Change(child, on.id, seen=True, wanted=False, **fields)


class Ledger:
    """Facts as they build up. Zoé and Léo are of the home that asks, and enrolled everywhere."""

    def __init__(self, *children: int) -> None:
        self.children = children or (ZOE, LEO)
        self.openings: dict[int, Opening] = {}
        self.quotas: dict[int, Quota] = {}
        self.quotas_of: dict[int, list[int]] = {}
        self.places: dict[int, list[Place]] = {}
        self.homes: dict[int, Home] = {}
        self.waiters: list[Waiter] = []
        self.bundles: dict[tuple[int, int | None], frozenset[int]] = {}
        self.stays: dict[int, list[Stay]] | None = None
        self.cards: dict[int, list[Card]] = {}

    def quota(self, capacity: int, taken: int = 0, *, part: int = -1) -> int:
        pk = len(self.quotas) + 1
        self.quotas[pk] = Quota(pk, part, capacity, taken, max(0, taken - capacity))
        return pk

    def open(
        self,
        slot_id: int = MORNING,
        *,
        quotas: Iterable[int] = (),
        capacity: int | None = None,
        **fields: Any,
    ) -> Opening:
        """`capacity` makes a quota of its own."""
        one = opening(len(self.openings) + 1, slot_id, **fields)
        self.openings[one.id] = one
        own = () if capacity is None else (self.quota(capacity),)
        self.quotas_of[one.id] = [*quotas, *own]
        if one.bundle_id is not None:
            key = (one.bundle_id, one.group_id)
            self.bundles[key] = self.bundles.get(key, frozenset()) | {one.id}
        return one

    def hold(
        self, child: int, on: Opening, state: BookingState = BookingState.BOOKED, **fields: Any
    ) -> Place:
        """A live booking; what holds a place is counted, a child once on each quota, and of what is kept."""
        pk = 100 + sum(len(found) for found in self.places.values())
        one = place(on, state, pk=pk, **fields)
        counted, marked = self.drawn_by(child), self.marked_by(child)
        self.places.setdefault(child, []).append(one)
        if one.holds:
            for quota in self.drawn(on, one):
                if quota.id not in counted:
                    quota.taken += 1
                    quota.overdraft = max(quota.overdraft, quota.taken - quota.capacity)
        for part in (part for quota in self.quotas.values() for part in quota.parts):
            part.taken += part.id in self.marked_by(child) - marked
        return one

    def keep(self, quota_id: int, kept_id: int, places: int, until: datetime = TOO_LATE) -> KeptPart:
        """Places of a quota kept for those marked by `kept_id`."""
        quota = self.quotas[quota_id]
        part = KeptPart(100 * quota_id + kept_id, quota_id, kept_id, places, 0, until)
        quota.parts, quota.kept = (*quota.parts, part), quota.kept + places
        return part

    def marked_by(self, child: int) -> set[int]:
        """Ids of the parts kept of which the child has a place."""
        held = [one for one in self.places.get(child, ()) if one.holds]
        return {
            part.id
            for one in held
            for quota in self.drawn(self.openings[one.opening_id], one)
            for part in quota.parts
            if part.kept_id in one.kept
        }

    def drawn_by(self, child: int) -> set[int]:
        """Ids of the quotas that the child is on."""
        held = [one for one in self.places.get(child, ()) if one.holds]
        return {quota.id for one in held for quota in self.drawn(self.openings[one.opening_id], one)}

    def wait(self, child: int, *on: Opening, family: int = 9, **fields: Any) -> Waiter:
        places = [self.hold(child, one, BookingState.WAITING, **fields) for one in on]
        waiter = Waiter(child, family, tuple(p.id for p in places), tuple(o.id for o in on))
        self.waiters.append(waiter)
        return waiter

    def drawn(self, on: Opening, hours: Place) -> list[Quota]:
        return quotas_held(on, hours, self.facts())

    def facts(self, *, serve: bool = False) -> Facts:
        activities = {one.activity.id for one in self.openings.values()}
        stays = {child: [stay(pk) for pk in activities] for child in self.children}
        return Facts(
            openings=self.openings,
            quotas_of=self.quotas_of,
            quotas=self.quotas,
            places=self.places,
            stays=stays if self.stays is None else self.stays,
            homes=self.homes,
            names={child: f"Enfant {child}" for child in self.children},
            bundles=self.bundles,
            waiters=self.waiters,
            opened=list(self.openings.values()),
            cards=self.cards,
            serve=serve,
        )

    def settle(
        self,
        *changes: Change,
        now: datetime = NOW,
        agent: bool = False,
        derogation: str = "",
        past_capacity: bool = False,
        serve: bool = False,
    ) -> Settled:
        return settle(
            self.facts(serve=serve),
            changes,
            now=now,
            agent=agent,
            derogation=derogation,
            past_capacity=past_capacity,
        )

    def taken(self, on: Opening) -> list[int]:
        """Places taken on each of its quotas once settled."""
        return [self.quotas[pk].now_taken for pk in self.quotas_of[on.id]]


def said(done: Settled) -> dict[tuple[int, int], str]:
    """The answer of each cell, as "booked" or, when it is a "no", the reason."""
    return {(o.change.child_id, o.change.opening_id): _said(o) for o in done.outcomes}


def _said(outcome: Outcome) -> str:
    if outcome.result is Result.REFUSED and outcome.why is not None:
        return outcome.why.value
    return outcome.result.value


def with_rules(facts: ActivityFacts, **fields: Any) -> ActivityFacts:
    return replace(facts, rules=(replace(RULE, **fields),), windows={})
