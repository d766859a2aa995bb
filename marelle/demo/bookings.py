"""Fills the year: what each child booked, what was cancelled, who waits, who came.

Places are taken in memory as the services take them: never past a capacity, never a child in two places at
once, so that the counters written equal the bookings that hold a place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils.timezone import localtime

from marelle.activities.generation import half_hours
from marelle.activities.models import Opening, Quota
from marelle.attendance.models import Call
from marelle.bookings.models import Absence, Attendance, Booking, ClosedBooking
from marelle.bookings.states import BookingState, EndCause
from marelle.core.clock import instant_at, universal
from marelle.demo.openings import BATCH, Openings
from marelle.demo.people_rows import Joined
from marelle.demo.plans import ActivityPlan, SlotPlan, WorldPlan
from marelle.demo.year import SchoolYear
from marelle.families.rules import custody_on

HORIZON = timedelta(days=38)
CANCELLED_BY_FAMILY = 0.03
PRESENT, TOLD_ABSENT = 0.92, 0.05
STILL_WAITING = timedelta(days=2)
"""Nobody waits any more for a day as near as that."""


@dataclass
class Filling:
    plan: WorldPlan
    year: SchoolYear
    openings: Openings
    joined: list[Joined]
    random: Random
    busy: dict[int, dict[date, list[tuple[datetime, datetime]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    bookings: list[Booking] = field(default_factory=list)
    counted: set[tuple[int, int]] = field(default_factory=set)
    """Children who are on a quota, by its `id()`: once, whatever they book."""

    held: dict[tuple[int, date], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Keys of the slots held, by enrolment and day."""

    days: dict[tuple[str, int | None], dict[date, list[Opening]]] = field(default_factory=dict)
    weeks_seen: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def fill(self) -> None:
        """All the bookings of the year, in memory; `write` then stores them."""
        by_activity: dict[str, list[Joined]] = defaultdict(list)
        for one in self.joined:
            by_activity[one.plan.activity].append(one)
        for activity in self.plan.activities:
            for one in by_activity[activity.key]:
                self._fill_stay(activity, one)

    def write(self) -> None:
        Booking.objects.bulk_create(self.bookings, batch_size=BATCH)
        ClosedBooking.objects.bulk_create(
            ClosedBooking(closure=one.opening.closure, booking=one, state=BookingState.BOOKED.value)
            for one in self.bookings
            if one.end_cause == EndCause.STRUCTURE
        )
        self._write_what_was_seen()

    def _fill_stay(self, activity: ActivityPlan, one: Joined) -> None:
        last = min(one.plan.until or date.max, self._horizon(activity))
        for day, openings in self._days(activity, one.group_id).items():
            if not one.row.starts_on <= day <= last or not self._is_open(activity, day):
                continue
            if not custody_on(one.custody, day, self.year.calendar):
                continue
            slots = one.plan.week.get(day.weekday(), ())
            if day in activity.busy_days and not one.plan.is_told:
                slots = (*slots, *activity.busy_slots)
            wanted = [
                o for o in openings if self.openings.slot_keys[o.slot_id] in slots and self._was_open(o)
            ]
            if not wanted or not self._comes(activity, one, day):
                continue
            bundles = {o.bundle_id for o in wanted if o.bundle_id is not None}
            for bundle_id in bundles - self.weeks_seen[one.row.pk]:
                self.weeks_seen[one.row.pk].add(bundle_id)
                self._book_bundle(activity, one, bundle_id)
            alone = [o for o in wanted if o.bundle_id is None]
            for opening in sorted(alone, key=lambda o: bool(self._slot(activity, o).requires)):
                self._book(activity, one, opening)

    def _days(self, activity: ActivityPlan, group_id: int | None) -> dict[date, list[Opening]]:
        if (activity.key, group_id) not in self.days:
            days: dict[date, list[Opening]] = defaultdict(list)
            for opening in self.openings.by_activity[activity.key]:
                if opening.group_id in (None, group_id):
                    days[opening.day].append(opening)
            self.days[activity.key, group_id] = days
        return self.days[activity.key, group_id]

    def _was_open(self, opening: Opening) -> bool:
        return opening.state == Opening.State.OPEN or id(opening) in self.openings.cancelled

    def _slot(self, activity: ActivityPlan, opening: Opening) -> SlotPlan:
        return activity.slot(self._key(opening))

    def _key(self, opening: Opening) -> str:
        return self.openings.slot_keys[opening.slot_id]

    def _horizon(self, activity: ActivityPlan) -> date:
        """Nobody has booked further yet; who books by whole periods has, once they are open."""
        by_period = any(rule.opens for rule in activity.rules)
        return self.plan.last_day if by_period else self.year.today + HORIZON

    def _is_open(self, activity: ActivityPlan, day: date) -> bool:
        """Whether bookings of `day` were open this morning for everybody; some periods are not yet."""
        for rule in activity.rules:
            if rule.since <= day and (rule.until is None or day <= rule.until):
                return all(universal(at) < universal(self.year.morning) for at in rule.opens)
        return False

    def _comes(self, activity: ActivityPlan, one: Joined, day: date) -> bool:
        return day in activity.busy_days or self.random.random() < one.plan.regularity

    def _span(self, one: Joined, opening: Opening) -> tuple[datetime, datetime]:
        if one.plan.hours is None:
            return opening.starts_at, opening.ends_at
        return instant_at(opening.day, one.plan.hours[0]), instant_at(opening.day, one.plan.hours[1])

    def _quotas(self, one: Joined, opening: Opening) -> list[Quota]:
        """Those on which the child would take a place."""
        drawn = self.openings.quotas[id(opening)]
        quotas = [quota for quota in drawn if (one.row.person_id, id(quota)) not in self.counted]
        if one.plan.hours is None:
            return quotas
        parts = set(half_hours(*one.plan.hours))
        return [quota for quota in quotas if quota.part in parts]

    def _is_free(self, child_id: int, opening: Opening, span: tuple[datetime, datetime]) -> bool:
        return all(span[1] <= start or end <= span[0] for start, end in self.busy[child_id][opening.day])

    def _book(self, activity: ActivityPlan, one: Joined, opening: Opening) -> None:
        span, slot = self._span(one, opening), self._slot(activity, opening)
        held = self.held[one.row.pk, opening.day]
        if not self._is_free(one.row.person_id, opening, span):
            return
        if slot.requires and held.isdisjoint(slot.requires):
            return
        if id(opening) in self.openings.cancelled:
            self._add(one, opening, span, BookingState.CANCELLED, EndCause.STRUCTURE)
            return
        if self.random.random() < CANCELLED_BY_FAMILY and not one.plan.is_told:
            self._add(one, opening, span, BookingState.CANCELLED, EndCause.FAMILY)
            return
        quotas = self._quotas(one, opening)
        if all(quota.taken < quota.capacity for quota in quotas):
            self._take(one, opening, span, quotas)
            held.add(slot.key)
        elif opening.day > self.year.today + STILL_WAITING and not slot.requires:
            self._add(one, opening, span, BookingState.WAITING, None)

    def _book_bundle(self, activity: ActivityPlan, one: Joined, bundle_id: int) -> None:
        days = [o for o in self.openings.by_activity[activity.key] if o.bundle_id == bundle_id]
        days = [o for o in days if o.group_id in (None, one.group_id)]
        spans = [self._span(one, opening) for opening in days]
        quotas = [self._quotas(one, opening) for opening in days]
        if days[0].day < one.row.starts_on or not all(
            quota.taken < quota.capacity for rows in quotas for quota in rows
        ):
            return
        if all(self._is_free(one.row.person_id, o, span) for o, span in zip(days, spans, strict=True)):
            for opening, span, rows in zip(days, spans, quotas, strict=True):
                self._take(one, opening, span, rows)

    def _take(
        self, one: Joined, opening: Opening, span: tuple[datetime, datetime], quotas: list[Quota]
    ) -> None:
        for quota in quotas:
            quota.taken += 1
            self.counted.add((one.row.person_id, id(quota)))
        self.busy[one.row.person_id][opening.day].append(span)
        self._add(one, opening, span, BookingState.BOOKED, None)

    def _add(
        self,
        one: Joined,
        opening: Opening,
        span: tuple[datetime, datetime],
        state: BookingState,
        cause: EndCause | None,
    ) -> None:
        speaker = one.plan.home.speaker
        asked = self._evening(min(opening.day, self.year.today), self.random.randrange(9, 40))
        asked = max(asked, one.row.decided_at or asked, key=universal)
        ended = max(asked, self._evening(min(opening.day, self.year.today), 2), key=universal)
        self.bookings.append(
            Booking(
                opening=opening,
                child_id=one.row.person_id,
                family_id=one.row.family_id,
                enrolment=one.row,
                day=opening.day,
                starts_at=span[0],
                ends_at=span[1],
                state=state.value,
                queued_at=asked if state is BookingState.WAITING else None,
                created_at=asked,
                created_by=speaker,
                ended_at=ended if cause else None,
                ended_by="" if cause is None else speaker if cause is EndCause.FAMILY else "Nadège Courtin",
                end_cause=cause.value if cause else "",
            )
        )

    def _evening(self, day: date, days_before: int) -> datetime:
        hour = time(self.random.randrange(18, 23), self.random.randrange(60), self.random.randrange(60))
        return instant_at(day - timedelta(days=days_before), hour)

    def _write_what_was_seen(self) -> None:
        """Attendance and absences of the days gone by; a few absences told for the days to come."""
        absences: list[Absence] = []
        attendances: list[Attendance] = []
        for booking in self.bookings:
            if booking.state != BookingState.BOOKED:
                continue
            luck = self.random.random()
            told = PRESENT <= luck < PRESENT + TOLD_ABSENT
            if booking.day < self.year.today:
                attendances.append(self._attendance(booking, present=luck < PRESENT))
            if told and booking.day <= self.year.today:
                absences.append(
                    Absence(
                        booking=booking,
                        declared_at=self._evening(booking.day, 1),
                        declared_by=booking.created_by,
                        justified=self.random.random() < 0.5,
                    )
                )
        attendances.extend(self._free_access())
        Absence.objects.bulk_create(absences, batch_size=BATCH)
        Attendance.objects.bulk_create(attendances, batch_size=BATCH)
        Call.objects.bulk_create(self._closed(attendances), batch_size=BATCH)

    def _closed(self, attendances: Iterable[Attendance]) -> Iterator[Call]:
        """The calls of the months gone by; of this one they are for the visitor to close."""
        days = {one.opening_id: one.day for one in attendances}
        for opening_id, day in days.items():
            if day < self.year.today.replace(day=1):
                yield Call(
                    opening_id=opening_id,
                    state=Call.State.CLOSED,
                    closed_at=instant_at(day, time(18, 45)),
                    closed_by="Samir Lenoir",
                )

    def _attendance(self, booking: Booking, *, present: bool) -> Attendance:
        return Attendance(
            opening_id=booking.opening_id,
            child_id=booking.child_id,
            day=booking.day,
            present=present,
            arrived_at=booking.starts_at if present else None,
            left_at=booking.ends_at if present else None,
            noted_at=booking.ends_at,
            noted_by="Samir Lenoir",
        )

    def _free_access(self) -> Iterator[Attendance]:
        """Who walked into the youth club: seen at the door without a booking."""
        for one in self.joined:
            if one.plan.activity != "jeunes":
                continue
            for opening in self.openings.by_activity["jeunes"]:
                if one.row.starts_on <= opening.day < self.year.today and self.random.random() < 0.4:
                    arrival = localtime(opening.starts_at) + timedelta(minutes=self.random.randrange(0, 90))
                    yield Attendance(
                        opening=opening,
                        child_id=one.row.person_id,
                        day=opening.day,
                        present=True,
                        arrived_at=arrival,
                        left_at=opening.ends_at,
                        noted_at=arrival,
                        noted_by="Samir Lenoir",
                    )
