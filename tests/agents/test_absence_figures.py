"""« Chiffres », the absences of a month: each counted once for when it was told, once for its proof."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client

from marelle.activities.absences import AbsenceGrade, Delay, Told, Unit
from marelle.activities.absences import AbsenceRule as Rule
from marelle.activities.models import Activity, Opening
from marelle.activities.rules import Limit, LimitKind
from marelle.activities.services import absence_rule_set
from marelle.bookings.models import Absence, AbsenceProof, Attendance, Booking
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.files.services import file_make
from marelle.files.sheets import lines as sheet_lines
from marelle.flows.figures.absences import AbsenceTally, together
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 28, 10, tzinfo=PARIS)
LONG_AGO = datetime(2026, 8, 1, tzinfo=PARIS)
FIRST, SECOND = date(2026, 11, 4), date(2026, 11, 11)
PAGE = "/agents/chiffres/absences/"
HEADINGS = [
    "Activité",
    "Absences",
    "Dites à temps",
    "Dites en retard",
    "Sans prévenir",
    "Justifiées dans le premier délai",
    "Justifiées plus tard",
    "Non justifiées",
    "Jours de carence",
]


class Village(Scenario):
    """Wednesdays: told before nine, proved within two days or four, the first day of an absence is due."""

    def __init__(self) -> None:
        super().__init__()
        self.durand: Home = self.home("Durand")
        self.director = Client()
        self.director.force_login(self.staff("direction", Role.DIRECTOR))
        self.wednesdays = self.offered("Mercredis")
        self.there = {day: self.opening(self.wednesdays.slots.get(), day) for day in (FIRST, SECOND)}

    def offered(self, name: str, **where) -> Activity:
        activity = self.activity(name, **where)
        self.slot(activity, "Matin", "10:00", "12:00", capacity=20)
        rule = Rule(
            date(2026, 9, 1),
            None,
            told=Limit(LimitKind.DAYS_BEFORE, n=0, time=time(9)),
            proofs=(Delay(48, Unit.HOURS), Delay(96, Unit.HOURS)),
            waiting_days=1,
        )
        absence_rule_set(actor=SYSTEM, activity_id=activity.pk, slot_id=None, rule=rule, now=LONG_AGO)
        return activity

    def booked(self, opening: Opening) -> Booking:
        child = self.child(self.durand, f"Zoé {Booking.objects.count()}")
        self.enrolment(child, opening.activity, self.durand)
        return self.booking(child, opening)

    def missed(self, opening: Opening, hour: int = 8, proved: int | None = None) -> Booking:
        """Told at an hour of the day, proved so many hours after the start."""
        booking = self.booked(opening)
        told = opening.starts_at.replace(hour=hour)
        proof = None
        if proved is not None:
            proof = AbsenceProof.objects.create(
                family=self.durand.family,
                child=booking.child,
                structure=opening.activity.structure,
                file=file_make(actor=SYSTEM, content=b"%PDF-1.7", name="c.pdf", pages=1, now=told),
                sent_at=opening.starts_at + timedelta(hours=proved),
                sent_by="Camille",
                state="accepted",
            )
        Absence.objects.create(booking=booking, declared_at=told, declared_by="Camille", proof=proof)
        return booking

    def not_seen(self, booking: Booking, *, present: bool = False) -> None:
        Attendance.objects.create(
            opening=booking.opening,
            child=booking.child,
            day=booking.day,
            present=present,
            noted_at=booking.ends_at,
            noted_by="Samir",
        )


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


def test_each_absence_of_the_month_is_counted_by_what_it_is(world):
    there = world.there[FIRST]
    world.missed(there, proved=24)
    world.missed(there, hour=9, proved=72)
    world.missed(there, hour=11, proved=120)
    world.not_seen(world.booked(there))
    world.not_seen(world.missed(there), present=True)
    again = world.missed(there, hour=11)
    day_after = world.booking(again.child, world.there[SECOND])
    world.not_seen(day_after)
    world.booked(there)
    page = world.director.get(PAGE).content.decode()
    told = list(csv.reader(io.StringIO(_file(world, "csv").decode("utf-8-sig")), delimiter=";"))
    assert told == [HEADINGS, ["Mercredis", "6", "2", "2", "2", "1", "1", "4", "5"]]
    sheet = [cells for _number, cells in sheet_lines(_file(world, "xlsx"), most=9)]
    assert sheet == [HEADINGS, ["Mercredis", "6", "2", "2", "2", "1", "1", "4", "5"]]
    assert all(heading in page for heading in HEADINGS)
    assert "Absences de novembre 2026" in page
    assert "Aucune absence connue" in world.director.get(f"{PAGE}?de=10").content.decode()


def _file(world: Village, ending: str) -> bytes:
    return world.director.get(f"{PAGE}fichier/?format={ending}").content


def test_activities_are_told_apart_and_added_up_in_no_more_queries(world, count_queries):
    world.missed(world.there[FIRST])
    world.director.get(PAGE)
    with count_queries() as one:
        world.director.get(PAGE)
    for name in ("Vacances", "Périscolaire"):
        other = world.offered(name)
        opening = world.opening(other.slots.get(), FIRST)
        world.missed(opening)
        world.missed(opening, hour=11)
    world.director.get(PAGE)
    with count_queries(len(one)):
        page = world.director.get(PAGE).content.decode()
    assert page.count('scope="row"') == 4
    assert "Total" in page


def test_those_of_another_structure_are_its_own(world):
    elsewhere = world.structure("Loin")
    world.missed(world.opening(world.offered("Ailleurs", structure=elsewhere).slots.get(), FIRST))
    assert "Ailleurs" not in world.director.get(PAGE).content.decode()
    for where in (PAGE, f"{PAGE}fichier/"):
        assert world.director.get(f"{where}?structure={elsewhere.pk}").status_code == 404
    chief = Client()
    chief.force_login(world.staff("chef", Role.ADMINISTRATOR))
    assert "Ailleurs" in chief.get(f"{PAGE}?structure={elsewhere.pk}").content.decode()
    assert "Ailleurs" not in chief.get(f"{PAGE}?structure=toutes").content.decode()


def test_a_tally_parts_what_it_counts():
    every = [
        AbsenceGrade(told, proof, waiting)
        for told in Told
        for proof in (None, 0, 1, 3)
        for waiting in (True, False)
    ]
    tally = together([AbsenceTally(Counter(every)), AbsenceTally(Counter(every[:1]))])
    assert tally.missed == len(every) + 1
    assert sum(tally.told(when) for when in Told) == tally.missed
    assert tally.first_delay + tally.later_delay + tally.unjustified == tally.missed
    assert (tally.later_delay, tally.waiting) == (12, 13)
