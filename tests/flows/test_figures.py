"""The figures agree with what was booked and ticked, recomputed row by row by the rules alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from random import Random

import pytest

from marelle.activities.models import Opening
from marelle.bookings.models import Absence, Attendance, Booking
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.models import Case, CaseState
from marelle.core.clock import PARIS, instant_at
from marelle.families.models import Member, Residence
from marelle.flows.figures.counting import Key, attended
from marelle.flows.figures.rows import Wanted
from marelle.flows.figures.rules import Hours, Stay, Tally, band_of, home_of, is_late
from marelle.flows.figures.rules import attended as counted
from marelle.flows.figures.uses import places_filled, portal_uses, requests_counted
from marelle.journal.models import Entry
from marelle.journal.verbs import Verb
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

MONTHS = (date(2026, 10, 1), date(2026, 11, 1))
LAST = date(2026, 11, 30)
TODAY = date(2026, 11, 18)
DAYS = [date(2026, 9, 30), *(MONTHS[0] + timedelta(days=n) for n in range(0, 60, 3)), LAST, date(2026, 12, 1)]
CHANGE_OF_HOUR = date(2026, 10, 25)


class Town(Scenario):
    """Children whose band, home or commune changes between two days, in three ways of being looked after."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = Random(seed)
        other = self.structure("Multi-accueil")
        wednesdays, club = self.activity("Mercredis"), self.activity("Espace jeunes", booking_mode="free")
        nursery = self.activity("Accueil", structure=other, kind="childcare")
        self.slots = [
            self.slot(wednesdays, "Matin", "08:00", "12:00"),
            self.slot(wednesdays, "Après-midi", "13:30", "17:15"),
            self.slot(nursery, "Journée", "07:30", "18:30", by_hour=True),
            self.slot(club, "Libre", "16:00", "19:00"),
        ]
        self.structures = (self.the_structure, other)
        self.openings_made = [self.opening(slot, day) for slot in self.slots for day in DAYS]
        night = instant_at(CHANGE_OF_HOUR, datetime.min.time()) + timedelta(hours=1)
        for opening in self.openings_made:  # a night over midnight, and one when the clocks go back
            if opening.slot == self.slots[2] and opening.day in {DAYS[3], CHANGE_OF_HOUR}:
                opening.starts_at, opening.ends_at = night, night + timedelta(hours=9)
                opening.save()
        self._people()
        self._rows()

    def _people(self) -> None:
        far = self.commune("Montreuil")
        durand, petit = self.home("Durand"), self.home("Petit", commune=far)
        nowhere = self.home("Sans", address=False)
        births = (
            date(2020, 11, 5), date(2020, 10, 31), date(2012, 10, 16), date(2008, 11, 30), date(2016, 5, 1),
            None,
        )  # fmt: skip
        self.homes = [(self.child(durand, f"D{n}", born=birth), [durand]) for n, birth in enumerate(births)]
        shared = self.child(durand, "Inès", born=date(2018, 1, 1))
        self.shared(shared, durand, petit)
        gone = self.child(durand, "Parti", born=date(2015, 1, 1))
        Member.objects.filter(person=gone).update(until=date(2026, 10, 20))
        Member.objects.create(family=petit.family, person=gone, kind="child", since=date(2026, 10, 21))
        left = self.child(durand, "Loin", born=date(2015, 1, 1))
        Member.objects.filter(person=left).update(until=date(2026, 10, 20))
        moved = self.home("Moreau")
        Residence.objects.create(
            family=moved.family, street="2 rue", postal_code="21999", city="Montreuil", commune=far,
            since=date(2026, 11, 10), source="facture",
        )  # fmt: skip
        self.homes += [
            (shared, [durand, petit]),
            (gone, [durand, petit]),
            (left, [durand]),
            (self.child(moved, "Milo", born=date(2011, 2, 3)), [moved]),
            (self.child(nowhere, "Noé", born=date(2022, 2, 3)), [nowhere]),
        ]

    def _rows(self) -> None:
        luck = self.random
        activities = {slot.activity for slot in self.slots}
        enrolled = {
            (child.pk, home.family.pk, activity.pk): self.enrolment(child, activity, home)
            for child, homes in self.homes
            for home in homes
            for activity in activities
        }
        states = (BookingState.BOOKED,) * 5 + (BookingState.CANCELLED,) * 2 + (BookingState.WAITING,)
        bookings, seen = [], []
        for opening in self.openings_made:
            for child, homes in self.homes:
                home, state = luck.choice(homes), luck.choice(states)
                own = 0 if opening.slot == self.slots[0] else luck.choice((0, 30, 90))
                starts = opening.starts_at + timedelta(minutes=own)
                if luck.random() < 0.6:
                    ended = starts - timedelta(hours=luck.choice((1, 47, 48, 100)))
                    ends = {
                        "ended_at": ended,
                        "end_cause": luck.choice((EndCause.FAMILY, EndCause.STRUCTURE)),
                        "ended_state": luck.choice(("", BookingState.BOOKED, BookingState.WAITING)),
                    }
                    bookings.append(
                        Booking(
                            opening=opening, child=child, family=home.family, day=opening.day, state=state,
                            enrolment=enrolled[child.pk, home.family.pk, opening.activity_id],
                            starts_at=starts, ends_at=opening.ends_at, created_at=starts, created_by="C",
                            **(ends if state is BookingState.CANCELLED else {}),
                        )
                    )  # fmt: skip
                if luck.random() < 0.6:
                    arrived = luck.choice((None, opening.starts_at + timedelta(seconds=luck.randrange(9999))))
                    left = luck.choice((None, opening.starts_at + timedelta(seconds=luck.randrange(40000))))
                    seen.append(
                        Attendance(
                            opening=opening, child=child, day=opening.day, present=luck.random() < 0.8,
                            arrived_at=arrived, left_at=left, noted_at=starts, noted_by="Samir",
                        )
                    )  # fmt: skip
        Booking.objects.bulk_create(bookings)
        Attendance.objects.bulk_create(seen)
        told = [b for b in Booking.objects.filter(state=BookingState.BOOKED) if luck.random() < 0.2]
        Absence.objects.bulk_create(
            [Absence(booking=b, declared_at=b.starts_at, declared_by="C") for b in told]
        )

    def wanted(self, **given) -> Wanted:
        return Wanted(
            **{
                "structure_ids": tuple(one.pk for one in self.structures),
                "months": MONTHS,
                "last": LAST,
                "today": TODAY,
                **given,
            }
        )


def epoch(instant: datetime | None) -> int | None:
    """As Python counts it, where the figures leave it to the database."""
    return None if instant is None else int(instant.timestamp() // 1)


def hours_of(row: Booking | Opening) -> Hours:
    return Hours(epoch(row.starts_at), epoch(row.ends_at))


def keys_by_day(held: Collection[Booking]) -> Callable[[Booking | Attendance], Key]:
    """What each row is counted in, by the homes that booked on its day and where they lived."""
    stays, lived, homes = defaultdict(list), defaultdict(list), defaultdict(list)
    for m in Member.objects.filter(kind="child"):
        stays[m.person_id].append(Stay(m.family_id, m.since, m.until))
    for residence in Residence.objects.order_by("since"):
        lived[residence.family_id].append(residence)
    for b in held:
        homes[b.opening.activity_id, b.child_id, b.day].append(b.family_id)

    def key(row: Booking | Attendance) -> Key:
        booked_by = min(homes[row.opening.activity_id, row.child_id, row.day], default=None)
        home = home_of(stays[row.child_id], row.day, booked_by=booked_by)
        communes = [one.commune_id for one in lived[home] if one.since <= row.day]
        return Key(
            row.opening.activity_id,
            row.day.replace(day=1),
            band_of(row.child.birth_date, row.day),
            communes[-1] if communes else None,
        )

    return key


def slowly(wanted: Wanted) -> dict[Key, Tally]:
    """Row by row, with the rules alone."""

    def counts(row: Booking | Attendance) -> bool:
        activity = row.opening.activity
        mine = activity.structure_id in wanted.structure_ids and wanted.activity_id in {None, activity.pk}
        return mine and wanted.first <= row.day <= wanted.last

    rows = Booking.objects.select_related("opening__activity", "child", "absence")
    bookings = [b for b in rows if counts(b)]
    held = {(b.opening_id, b.child_id): b for b in bookings if b.state == BookingState.BOOKED}
    key = keys_by_day(held.values())
    found: dict[Key, Tally] = defaultdict(Tally)
    days: dict[str, set[tuple[object, ...]]] = {"booked": set(), "present": set()}
    for b in bookings:
        tally = found[key(b)]
        if b.state == BookingState.BOOKED:
            tally.booked += 1
            tally.due += b.day <= wanted.today
            tally.booked_seconds += hours_of(b).seconds
            tally.told += hasattr(b, "absence")
            days["booked"].add((key(b), b.child_id, b.day))
        elif b.end_cause == EndCause.FAMILY and b.ended_state != BookingState.WAITING:
            tally.late += is_late(epoch(b.ended_at), epoch(b.starts_at))
    for a in Attendance.objects.select_related("opening__activity", "opening__slot", "child"):
        if counts(a):
            booking = held.get((a.opening_id, a.child_id))
            seen_at_the_door(found[key(a)], a, booking)
            if a.present:
                days["present"].add((key(a), a.child_id, a.day))
    for one, _child, _day in days["booked"]:
        found[one].booked_days += 1
    for one, _child, _day in days["present"]:
        found[one].present_days += 1
    return {one: tally for one, tally in found.items() if tally != Tally()}


def seen_at_the_door(tally: Tally, one: Attendance, booking: Booking | None) -> None:
    if not one.present:
        tally.absent += booking is not None
        return
    tally.present += 1
    tally.unbooked += booking is None
    tally.present_seconds += counted(
        hours_of(booking or one.opening),
        by_hour=one.opening.slot.by_hour,
        arrived=epoch(one.arrived_at),
        left=epoch(one.left_at),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_are_those_of_each_row(seed):
    town = Town(seed)
    by_structure = {"structure_ids": (town.the_structure.pk,)}
    one_activity = {**by_structure, "activity_id": town.slots[0].activity_id}
    one_month = {"months": MONTHS[:1], "last": date(2026, 10, 31)}
    for asked in ({}, one_month, by_structure, one_activity):
        wanted = town.wanted(**asked)
        found = {key: tally for key, tally in attended(wanted).cells.items() if tally != Tally()}
        assert found == slowly(wanted)
        assert len(found) > 3
    everything = attended(town.wanted())
    assert len({key.band for key in everything.cells}) == 5
    assert {*everything.communes.values()} == {"Arelle", "Montreuil"}
    assert any(key.commune_id is None for key in everything.cells)


def test_openings_too_many_to_be_named_are_counted_the_same():
    town = Town(3)
    assert attended(town.wanted(), named_at_most=3).cells == attended(town.wanted()).cells


def test_queries_are_as_many_for_a_few_children_as_for_many(django_assert_num_queries):
    town = Town(4)
    with django_assert_num_queries(11):
        attended(town.wanted())
    Booking.objects.filter(child__in=[child for child, _homes in town.homes[2:]]).delete()
    with django_assert_num_queries(11):
        attended(town.wanted())


def test_a_span_without_anything_is_empty_at_once(django_assert_num_queries):
    world = Scenario()
    wanted = Wanted((world.the_structure.pk,), MONTHS, LAST, TODAY)
    with django_assert_num_queries(1):
        assert attended(wanted).cells == {}


def test_places_are_those_of_open_days_alone():
    world = Scenario()
    slot = world.slot(world.activity(), "Matin", capacity=10)
    home = world.home("Durand")
    noe = world.child(home, "Noé")
    open_day, closed_day = (world.opening(slot, day) for day in (date(2026, 11, 4), date(2026, 11, 11)))
    world.enrolment(noe, slot.activity, home)
    world.booking(noe, open_day)
    closed_day.state = Opening.State.CLOSED
    closed_day.save()
    (gauge,) = places_filled(Wanted((world.the_structure.pk,), MONTHS, LAST, TODAY))
    assert (gauge.days, gauge.taken, gauge.offered, gauge.rate) == (1, 1, 10, 10)


def test_requests_are_received_and_decided_each_in_its_month():
    world = Scenario()

    def case(number: int, opened: date, decided: date | None, state: CaseState, **where) -> None:
        place = {"structure_id": world.the_structure.pk, "authority_id": world.the_authority.pk, **where}
        Case.objects.create(
            kind="enrolment", subject_kind="enrolment", subject_id=number, label="X", opened_by="X",
            state=state, opened_at=instant_at(opened, datetime.min.time()),
            decided_at=decided and instant_at(decided, datetime.min.time()), **place,
        )  # fmt: skip

    case(1, date(2026, 9, 30), date(2026, 10, 2), CaseState.ACCEPTED)
    case(2, date(2026, 10, 1), date(2026, 10, 11), CaseState.REFUSED)
    case(3, date(2026, 11, 30), date(2026, 12, 1), CaseState.ACCEPTED)
    case(4, date(2026, 11, 2), date(2026, 11, 3), CaseState.WITHDRAWN)
    case(5, date(2026, 11, 2), None, CaseState.OPEN, structure_id=None)
    wanted = Wanted((world.the_structure.pk,), MONTHS, LAST, TODAY)
    (mine,) = requests_counted(wanted)
    assert (mine.received, mine.decided, mine.median) == (3, 2, 2.0)
    (office,) = requests_counted(wanted, authority_ids=[world.the_authority.pk])
    assert (office.received, office.decided) == (4, 2)


def test_the_portal_is_used_by_parents_or_by_agents_for_them():
    world = Scenario()
    slot = world.slot(world.activity(), "Matin")
    durand, petit = world.home("Durand"), world.home("Petit")
    petit.user.is_active = False
    petit.user.save()
    openings = [world.opening(slot, date(2026, 11, day)) for day in (4, 11)]
    for home in (durand, petit):
        child = world.child(home, "Noé")
        world.enrolment(child, slot.activity, home)
        for opening in openings:
            world.booking(child, opening, family=home.family)
    mine = Booking.objects.filter(family=durand.family).order_by("day")
    Booking.objects.exclude(pk=mine[0].pk).update(by_family=False)
    for at in (datetime(2026, 10, 1, tzinfo=PARIS), datetime(2026, 12, 1, tzinfo=PARIS)):
        Entry.objects.create(
            at=at, verb=Verb.ACCOUNT_ACTIVATED, subject_kind="account", subject_id=durand.user.pk
        )
    uses = portal_uses(Wanted((world.the_structure.pk,), MONTHS, LAST, TODAY))
    assert (uses.homes, uses.connected, uses.opened, uses.bookings, uses.by_parents) == (2, 1, 1, 4, 1)
