"""What homes have on some days, of every authority: what is booked, what was seen, what was missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from django.db.models import QuerySet

from marelle.activities.absences import AbsenceGrade
from marelle.activities.models import Opening
from marelle.bookings.absences.grading import graded_rows
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.reading import OPENING, PLACE, PLACED, OpeningRow, Placed, openings_of, placed
from marelle.bookings.rules import Opening as OpeningFacts
from marelle.bookings.states import LIVE, TAKEN
from marelle.core.clock import universal
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns
from marelle.families.models import Member
from marelle.families.rules import custody_on
from marelle.families.selectors import custody_rows
from marelle.flows.prices.held import MINUTE, Earlier, HeldSlot
from marelle.flows.prices.situations import Situation
from marelle.flows.prices.spans import Days, days_before


class _Seen(NamedTuple):
    child_id: int
    present: bool
    arrived_at: datetime | None
    left_at: datetime | None
    opening: OpeningRow


SEEN = columns(_Seen, "child_id", "present", "arrived_at", "left_at", opening=OPENING.through("opening"))


def slots_held(
    situations: Mapping[int, Situation], days: Days, authority_id: int | None = None
) -> Mapping[int, list[HeldSlot]]:
    """By home, what each has and what its children were seen on. Three queries, with three more where
    something was missed, and two where a child came without a booking.

    `authority_id`: at that one alone, for many homes: a query more, and a third of the time.
    """
    child_ids = rounded({pk for one in situations.values() for pk in one.child_ids})
    if not child_ids:
        return {family_id: [] for family_id in situations}
    if authority_id is None:
        booked, ticks = list(_booked(child_ids, *days)), list(_seen(child_ids, *days))
    else:
        booked, ticks = _at(authority_id, child_ids, *days)
    seen = {(row.child_id, row.opening.id): row for row in ticks}
    opened = {row.opening.id: row.opening for row in booked} | {row.opening.id: row.opening for row in ticks}
    openings = openings_of(opened.values())
    grades, fetched = _grades(booked, seen), _fetched(booked, ticks, openings)
    found: dict[int, list[HeldSlot]] = defaultdict(list)
    for row in booked:
        place = row.place
        if place.family_id in situations and place.state in TAKEN:
            opening = openings[place.opening_id]
            tick = seen.get((place.child_id, place.opening_id))
            found[place.family_id].append(
                HeldSlot(
                    place.child_id, opening.activity, opening.slot, opening.day, place.starts_at,
                    place.ends_at, place.late, grades.get(place.id),
                    seen_minutes=tick and _minutes(tick), booking_id=place.id, opening_id=opening.id,
                    fetched=fetched.get((place.child_id, opening.id), 0),
                )
            )  # fmt: skip
    taken = {(row.place.child_id, row.place.opening_id) for row in booked}
    alone = [row for key, row in seen.items() if row.present and key not in taken]
    for family_id, held in _unbooked(situations, alone, openings):
        late = fetched.get((held.child_id, held.opening_id), 0)
        found[family_id].append(replace(held, fetched=late) if late else held)
    return {family_id: found.get(family_id, []) for family_id in situations}


@prepared
def _booked(child_ids: Collection[int], first: date, last: date) -> QuerySet[Booking, Placed]:
    """Of whichever home: what another has booked is not seen without a booking."""
    rows = Booking.objects.filter(state__in=LIVE, child_id__in=child_ids, day__gte=first, day__lte=last)
    return PLACED.of(rows.order_by("day", "starts_at", "pk"))


@prepared
def _seen(child_ids: Collection[int], first: date, last: date) -> QuerySet[Attendance, _Seen]:
    rows = Attendance.objects.filter(child_id__in=child_ids, day__gte=first, day__lte=last)
    return SEEN.of(rows.order_by("day", "pk"))


def _at(
    authority_id: int, child_ids: Collection[int], first: date, last: date
) -> tuple[list[Placed], list[_Seen]]:
    """What `_booked` and `_seen` read, of one authority: an opening is read once, not with each row."""
    at = {"activity__structure__authority_id": authority_id}
    within = {f"opening__{name}": value for name, value in at.items()}
    days = {"day__gte": first, "day__lte": last}
    openings = {row.id: row for row in OPENING.of(Opening.objects.filter(**at, **days))}
    places = Booking.objects.filter(state__in=LIVE, child_id__in=child_ids, **days, **within)
    ticks = Attendance.objects.filter(child_id__in=child_ids, **days, **within)
    noted = ticks.order_by("day", "pk").values_list(
        "child_id", "present", "arrived_at", "left_at", "opening_id"
    )
    return (
        [
            Placed(place, openings[place.opening_id])
            for place in PLACE.of(places.order_by("day", "starts_at", "pk"))
            if place.opening_id in openings
        ],
        [
            _Seen(child_id, present, arrived_at, left_at, openings[opening_id])
            for child_id, present, arrived_at, left_at, opening_id in noted
            if opening_id in openings
        ],
    )


def earlier_of(situation: Situation, days: Days) -> Earlier:
    """What a home had in the school year before `days`; read once, as `slots_held`, if it is asked."""

    @cache
    def read() -> Sequence[HeldSlot]:
        before = days_before(days)
        if before[0] > before[1]:
            return ()
        return slots_held({situation.family_id: situation}, before)[situation.family_id]

    return lambda authority_id: (row for row in read() if row.activity.authority_id == authority_id)


def _fetched(
    booked: Iterable[Placed], ticks: Iterable[_Seen], openings: Mapping[int, OpeningFacts]
) -> Mapping[tuple[int, int], int]:
    """By child and opening, how many minutes after its end a child was fetched: of its last slot of the day
    in the structure alone, since from another it went on to the next, whichever home had booked that."""
    there = {(row.place.child_id, row.place.opening_id) for row in booked if row.place.state in TAKEN}
    there |= {(row.child_id, row.opening.id) for row in ticks if row.present}
    last: dict[tuple[int, int, date], OpeningFacts] = {}
    for child_id, opening_id in there:
        opening = openings[opening_id]
        key = child_id, opening.activity.structure_id, opening.day
        if key not in last or _ends(last[key]) < _ends(opening):
            last[key] = opening
    fetched = {}
    for row in ticks:
        opening = openings[row.opening.id]
        late = _late(row, opening)
        if late and last[row.child_id, opening.activity.structure_id, opening.day] is opening:
            fetched[row.child_id, opening.id] = late
    return fetched


def _ends(opening: OpeningFacts) -> tuple[datetime, int]:
    return universal(opening.ends_at), opening.id


def _late(row: _Seen, opening: OpeningFacts) -> int:
    """Minutes begun since its end, whose own minute is not late."""
    if not row.present or row.left_at is None:
        return 0
    late = universal(row.left_at) - universal(opening.ends_at)
    return 0 if late < MINUTE else -(-late // MINUTE)


def _grades(booked: Iterable[Placed], seen: Mapping[tuple[int, int], _Seen]) -> Mapping[int, AbsenceGrade]:
    """Of each booking that was missed, what it is; no query where none may have been."""
    asked = []
    for row in booked:
        place = row.place
        tick = seen.get((place.child_id, place.opening_id))
        if place.justified is not None or (tick is not None and not tick.present):
            asked.append(row)
    return {one.place.id: one.grade for one in graded_rows(placed(asked, None))} if asked else {}


def seen_of_nobody(children: Collection[int], days: Days) -> list[tuple[int, OpeningFacts]]:
    """What these children were seen on without a booking, on days that no pattern says to be of one of their
    homes: with the child. One query where each has one home."""
    several = [pk for pk, homes in _homes_of(children).items() if len(homes) > 1]
    if not several:
        return []
    child_ids = rounded(several)
    taken = {(row.place.child_id, row.place.opening_id) for row in _booked(child_ids, *days)}
    ticks = [
        row for row in _seen(child_ids, *days) if row.present and (row.child_id, row.opening.id) not in taken
    ]
    openings = openings_of([row.opening for row in ticks])
    return [(row.child_id, openings[row.opening.id]) for row, home in _whose(ticks, openings) if home is None]


def _unbooked(
    situations: Mapping[int, Situation], alone: Collection[_Seen], openings: Mapping[int, OpeningFacts]
) -> Iterable[tuple[int, HeldSlot]]:
    """What was seen without a booking is of the home whose day it is."""
    for row, family_id in _whose(alone, openings):
        if family_id is not None and family_id in situations:
            yield family_id, _seen_alone(row, openings[row.opening.id])


def _whose(
    alone: Collection[_Seen], openings: Mapping[int, OpeningFacts]
) -> Iterable[tuple[_Seen, int | None]]:
    """By the home whose day it is. Where no pattern says whose, it is nobody's: an agent is told."""
    if not alone:
        return
    homes = _homes_of({row.child_id for row in alone})
    patterns = custody_rows([one.pk for members in homes.values() if len(members) > 1 for one in members])
    for row in alone:
        opening = openings[row.opening.id]
        there = [one for one in homes[row.child_id] if _is_there(one, opening.day)]
        if len(there) > 1:
            there = [
                one
                for one in there
                if one.pk in patterns and custody_on(patterns[one.pk], opening.day, opening.activity.calendar)
            ]
        yield row, there[0].family_id if len(there) == 1 else None


def _homes_of(child_ids: Collection[int]) -> Mapping[int, list[Member]]:
    homes: dict[int, list[Member]] = defaultdict(list)
    for member in Member.objects.filter(person_id__in=child_ids, kind=Member.Kind.CHILD).order_by("pk"):
        homes[member.person_id].append(member)
    return homes


def _is_there(member: Member, day: date) -> bool:
    return member.since <= day and (member.until is None or day <= member.until)


def _seen_alone(row: _Seen, opening: OpeningFacts) -> HeldSlot:
    minutes = _minutes(row)
    if minutes is None:
        minutes = (universal(opening.ends_at) - universal(opening.starts_at)) // MINUTE
    return HeldSlot(
        row.child_id, opening.activity, opening.slot, opening.day, opening.starts_at, opening.ends_at,
        booked=False, seen_minutes=minutes, opening_id=opening.id,
    )  # fmt: skip


def _minutes(row: _Seen) -> int | None:
    """How long it was there, where both hours were noted: part of a minute is one begun."""
    if not row.present or row.arrived_at is None or row.left_at is None:
        return None
    return max(0, -((universal(row.arrived_at) - universal(row.left_at)) // MINUTE))
