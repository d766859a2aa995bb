"""Bookings that are brought, with what was seen at the door and the absences told.

What another software gave is a place given: no deadline, limit or card is asked about. The place itself is
counted as any other, so that one past the capacity is told, and written where an agent chose so, with why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple

from marelle.activities import models as activities
from marelle.activities.facts import ActivityFacts
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.reading import openings_between, stays_by_id
from marelle.bookings.rules import Home, Opening, Stay, Why
from marelle.bookings.saving.ledger import Change, Facts, Hours, Quota, hours_of
from marelle.bookings.saving.locks import QUOTA, quotas_drawn, quotas_locked, quotas_of_openings, with_parts
from marelle.bookings.saving.places import places_on
from marelle.bookings.saving.standing import Standing
from marelle.bookings.states import HOLDING, LIVE, BookingState
from marelle.core.actor import Actor
from marelle.core.rows import columns
from marelle.core.tabular import plain
from marelle.enrolments.audiences import asked_by, public_read
from marelle.enrolments.models import Enrolment
from marelle.flows.moving.gone_by import openings_to_come
from marelle.flows.moving.lines import SEEN, Said, State
from marelle.flows.moving.names import Names, NotTaken, names_of
from marelle.flows.moving.plans import About, Fate, Plan, Planned, plan_of
from marelle.flows.moving.subjects import Measure

PAST_CAPACITY: Final = "past_capacity"
"""The code of a line that finds no place, unless an agent takes it past the capacity."""

Pair = tuple[int, int]
"""A child and an opening."""


class Live(NamedTuple):
    """A booking that is there. `absent`: whether its absence was told."""

    child_id: int
    opening_id: int
    family_id: int
    state: str
    starts_at: datetime
    ends_at: datetime
    absent: bool | None


LIVE_ROW = columns(
    Live,
    "child_id", "opening_id", "family_id", "state", "starts_at", "ends_at",
    absent="absence__justified",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Brought:
    """What a line adds: its booking where there is none, an absence told, what was seen. `past`: it has a
    place past the capacity."""

    opening: Opening
    label: str
    stay_id: int | None = None
    hours: Hours | None = None
    past: bool = False
    told: bool = False
    seen: bool | None = None
    marks: frozenset[int] = frozenset()


@dataclass(slots=True)
class World:
    """What is known of the days of the lines. `stays`: the enrolments of a child in an activity, with the
    home of each; `live`: the bookings, `seen`: who came, by child and opening."""

    openings: Mapping[tuple[int, int, date], Sequence[Opening]]
    standing: Standing
    stays: Mapping[tuple[int, int], Sequence[tuple[int, Stay]]]
    live: dict[Pair, Live]
    seen: dict[Pair, bool]
    lines: dict[Pair, int] = field(default_factory=dict)


class Planning:
    """Where each line stands among what is there and the lines before it. `past_capacity`: places that lack
    are given all the same."""

    def __init__(
        self,
        names: Names,
        saids: Sequence[Said],
        *,
        past_capacity: bool,
        locked: bool,
        now: datetime,
        day: date,
    ) -> None:
        self.names, self.day, self.past_capacity = names, day, past_capacity
        self.world = _world(names, saids, locked=locked, now=now, day=day)

    def about(self, said: Said) -> About:
        facts = self.names.activity(said, said.day)
        return About(facts.id, facts.name)

    def planned(self, said: Said, about: About) -> Planned:
        facts = self.names.activity(said, said.day)
        child = self.names.child(said.who)
        numbered = self.names.numbered(said.who)
        if said.state is State.CANCELLED or said.day is None:
            return Planned(said, Fate.NOTHING, numbered or child.homes[0], child.id, about)
        if said.state in SEEN and said.day > self.day:
            raise NotTaken("not_yet", "state")
        family_id, stay = self._stay(said, facts, child.id, numbered)
        if family_id in self.names.own:
            raise NotTaken("own_home")
        opening = self._opening(said, facts, stay)
        pair = (child.id, opening.id)
        if pair in self.world.lines:
            raise NotTaken("twice", line=self.world.lines[pair])
        brought, adds = self._brought(said, opening, child.id, family_id, stay, child.label)
        self.world.lines[pair] = said.line
        return Planned(said, Fate.NEW if adds else Fate.SAME, family_id, child.id, about, adds, brought)

    def _stay(
        self, said: Said, facts: ActivityFacts, child_id: int, numbered: int | None
    ) -> tuple[int, Stay]:
        """The home that books and its enrolment, which covers the day. Raises NotTaken."""
        there = self.world.stays.get((child_id, facts.id), ())
        if not there:
            raise NotTaken("not_enrolled", "activity", value=said.who.label, activity=facts.name)
        day = said.day or date.min
        covering = [row for row in there if row[1].first_day <= day <= row[1].last_day]
        covering = [row for row in covering if numbered in (None, row[0])]
        if not covering:
            raise NotTaken("outside_enrolment", "day", value=said.who.label)
        if len({family_id for family_id, _stay in covering}) > 1:
            raise NotTaken("several_homes", "number", value=said.who.label)
        return covering[0]

    def _opening(self, said: Said, facts: ActivityFacts, stay: Stay) -> Opening:
        """Raises NotTaken."""
        day = said.day or date.min
        slots = slots_named(facts, said.slot)
        if not slots:
            raise NotTaken("unknown_slot", "slot", value=said.slot, activity=facts.name)
        found = [opening for slot in slots for opening in self.world.openings.get((facts.id, slot, day), ())]
        group = stay.group_on(day)
        own = [one for one in found if one.group_id in (None, group)] or ([] if group else found)
        if not found:
            raise NotTaken("not_held", "day", value=said.slot)
        if not own:
            raise NotTaken("other_group", "slot", value=said.who.label)
        if not own[0].is_open:
            raise NotTaken("closed", "day", value=own[0].reason)
        return own[0]

    def _brought(
        self, said: Said, opening: Opening, child_id: int, family_id: int, stay: Stay, label: str
    ) -> tuple[Brought, dict[Measure, int]]:
        """Raises NotTaken: what is here and says otherwise stays as it is."""
        pair = (child_id, opening.id)
        adds: Counter[Measure] = Counter()
        seen = self._seen(said, pair)
        if said.state is State.UNBOOKED:
            if seen is not None:
                adds[Measure.PRESENT] += 1
            return Brought(opening, label, seen=seen), dict(adds)
        hours = self._hours(said, opening)
        held = self.world.live.get(pair)
        past, marks = False, frozenset[int]()
        if held is None:
            past, marks = self._placed(opening, child_id, hours)
            adds[Measure.BOOKINGS] += 1
        else:
            self._same(held, family_id, opening, hours)
        told = said.state in (State.TOLD, State.EXCUSED) and (held is None or held.absent is None)
        if seen:
            adds[Measure.PRESENT] += 1
        was_absent = (held is not None and held.absent is not None) or self.world.seen.get(pair) is False
        if (told or seen is False) and not was_absent:
            adds[Measure.ABSENT] += 1
        stay_id = None if held is not None else stay.id
        return Brought(opening, label, stay_id, hours, past, told, seen, marks), dict(adds)

    def _hours(self, said: Said, opening: Opening) -> Hours:
        change = Change(0, opening.id, seen=False, wanted=True, starts=said.starts, ends=said.ends)
        hours = hours_of(opening, change)
        if hours is None:
            raise NotTaken("bad_hours", "starts")
        return hours

    def _seen(self, said: Said, pair: Pair) -> bool | None:
        """Whether the child came, where that is not noted yet. Raises NotTaken."""
        if said.state not in SEEN:
            return None
        present = said.state is not State.ABSENT
        noted = self.world.seen.get(pair)
        if noted is not None and noted is not present:
            raise NotTaken("seen_otherwise", "state")
        return None if noted is present else present

    def _placed(self, opening: Opening, child_id: int, hours: Hours) -> tuple[bool, frozenset[int]]:
        """Give the place; whether it is past the capacity, and which places kept it counts for."""
        standing = self.world.standing
        rival = standing.rival(child_id, opening, hours)
        if rival is not None:
            where = rival[1].slot.name if rival[0] is Why.CONFLICT else rival[1].activity.structure_name
            raise NotTaken("conflict", "slot", value=where)
        marks = standing.marks(child_id, opening)
        lacks = standing.lacks(child_id, opening, hours, marks)
        if lacks is not None and not self.past_capacity:
            raise NotTaken(PAST_CAPACITY, "day", value=opening.slot.name)
        standing.put(child_id, opening, hours, BookingState.BOOKED, marks)
        return lacks is not None, marks

    def _same(self, held: Live, family_id: int, opening: Opening, hours: Hours) -> None:
        if held.family_id != family_id:
            raise NotTaken("other_home", "number")
        if held.state not in HOLDING:
            raise NotTaken("waits_here", "state")
        if opening.slot.by_hour and (held.starts_at, held.ends_at) != (hours.starts_at, hours.ends_at):
            raise NotTaken("other_hours", "starts")


def plan(
    actor: Actor,
    saids: Sequence[Said],
    *,
    past_capacity: bool,
    day: date,
    now: datetime,
) -> Plan:
    """What these lines would do now; a number of queries that does not grow with them."""
    return planning_of(actor, saids, past_capacity=past_capacity, locked=False, day=day, now=now)[0]


def planning_of(
    actor: Actor, saids: Sequence[Said], *, past_capacity: bool, locked: bool, day: date, now: datetime
) -> tuple[Plan, Standing]:
    """The same, with where each place stands afterwards. `locked`: homes and children are held already, and
    the quotas that these lines draw on are locked as they are read."""
    names = names_of(actor, saids, products=False, day=day)
    planning = Planning(names, saids, past_capacity=past_capacity, locked=locked, now=now, day=day)
    found = plan_of(saids, planning.about, planning.planned, lambda said: said.activity)
    return found, planning.world.standing


def days_lacking(names: Names, saids: Sequence[Said], day: date) -> dict[int, set[date]]:
    """The days gone by, by activity, on which a slot of these lines has no opening; one query."""
    wanted = {key for key in _wanted(names, saids) if key[2] <= day}
    there = set(_openings(wanted))
    found: dict[int, set[date]] = {}
    for activity_id, _slot, on in wanted - there:
        found.setdefault(activity_id, set()).add(on)
    return found


def _world(names: Names, saids: Sequence[Said], *, locked: bool, now: datetime, day: date) -> World:
    wanted = _wanted(names, saids)
    children = {child.id for rows in names.children.values() for child in rows}
    openings = _openings(wanted)
    # Once it is written, what lacked is there.
    lacking = {} if locked else days_lacking(names, saids, day)
    to_come = openings_to_come(lacking, {one.id: one for rows in names.activities.values() for one in rows})
    for one in to_come.openings:
        openings.setdefault((one.activity.id, one.slot.id, one.day), []).append(one)
    known = {one.id: one for rows in openings.values() for one in rows}
    ids = {pk for pk in known if pk > 0}
    there = places_on(children, {on for _activity, _slot, on in wanted}, None)
    quotas = quotas_locked(ids) if locked else _quotas_seen(ids, to_come.there)
    drawn = {pk: [one for one in found if one in quotas] for pk, found in quotas_drawn(ids).items()}
    stays, homes = _stays(children, {activity for activity, _slot, _day in wanted}, day)
    facts = Facts(
        openings=there.openings | known,
        quotas_of=there.draws_among(quotas) | drawn | to_come.quotas_of,
        quotas=quotas | to_come.quotas,
        places=there.places,
        homes=_public(homes, {one.activity.id: one.activity for one in known.values()}),
    )
    pairs = {"child__in": children, "opening__in": ids}
    live = LIVE_ROW.of(Booking.objects.filter(**pairs, state__in=LIVE))
    seen = Attendance.objects.filter(**pairs).values_list("child_id", "opening_id", "present")
    return World(
        openings,
        Standing(facts, now),
        stays,
        {(one.child_id, one.opening_id): one for one in live},
        {(child_id, opening_id): present for child_id, opening_id, present in seen},
    )


def _quotas_seen(opening_ids: set[int], others: set[int]) -> dict[int, Quota]:
    """What these openings draw on, and the `others`, without a lock."""
    found = {quota.id: quota for quota in quotas_of_openings(opening_ids, locked=False)}
    more = QUOTA.of(activities.Quota.objects.filter(pk__in=others - found.keys())) if others else ()
    return with_parts([*found.values(), *more])


def _wanted(names: Names, saids: Sequence[Said]) -> set[tuple[int, int, date]]:
    """The activities, slots and days of the lines, of those that name them."""
    found: set[tuple[int, int, date]] = set()
    for said in saids:
        try:
            facts = names.activity(said, said.day)
        except NotTaken:
            continue
        if said.day is not None:
            found.update((facts.id, slot, said.day) for slot in slots_named(facts, said.slot))
    return found


def _openings(wanted: Collection[tuple[int, int, date]]) -> dict[tuple[int, int, date], list[Opening]]:
    found: dict[tuple[int, int, date], list[Opening]] = {}
    days = [day for _activity, _slot, day in wanted]
    if not days:
        return found
    for one in openings_between({activity for activity, _slot, _day in wanted}, min(days), max(days)):
        key = (one.activity.id, one.slot.id, one.day)
        if key in wanted:
            found.setdefault(key, []).append(one)
    return found


def slots_named(facts: ActivityFacts, name: str) -> list[int]:
    """Ids of the slots of that name, `plain`."""
    return [slot.id for slot in facts.slots.values() if plain(slot.name) == plain(name)]


def _stays(
    children: set[int], activities: set[int], day: date
) -> tuple[dict[tuple[int, int], list[tuple[int, Stay]]], dict[int, set[int]]]:
    """The enrolments of these children by child and activity, each with its home; and the children of each
    home."""
    rows = Enrolment.objects.filter(
        person__in=children,
        activity__in=activities,
        state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ENDED),
        family__erased_at=None,
    )
    found = {pk: (person, family) for pk, person, family in rows.values_list("pk", "person_id", "family_id")}
    stays: dict[tuple[int, int], list[tuple[int, Stay]]] = {}
    homes: dict[int, set[int]] = {}
    for pk, stay in stays_by_id(found, today=day).items():
        person, family = found[pk]
        stays.setdefault((person, stay.activity_id), []).append((family, stay))
        homes.setdefault(family, set()).add(person)
    return stays, homes


def _public(homes: Mapping[int, set[int]], activities: Mapping[int, ActivityFacts]) -> dict[int, Home]:
    """Of which audiences each child is, where places are kept for some; no query where none are."""
    asks = asked_by(facts for facts in activities.values() if facts.kept)
    if not asks:
        return {}
    return {
        child: Home(public)
        for family_id, children in homes.items()
        for child, public in public_read(family_id, children, asks).items()
    }
