"""An activity copied to the next year: all that defines it, once; the source stays as it was."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from marelle.activities.absences import AbsenceRule, Delay, Unit
from marelle.activities.catalogue import activity_facts
from marelle.activities.models import Activity, BookingRule, Bundle, Opening, Question, Slot, SlotGauge
from marelle.activities.rules import Limit, LimitKind
from marelle.activities.services import CopyRefused
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.flows.year.next_year import Wanted, activities_copy, copies_preview
from marelle.flows.year.year_ahead import calendar_read, requests_open, year_ahead
from marelle.journal.edits import NotPossible
from marelle.papers.models import PaperNeed, PaperType
from marelle.places.calendars import library_spans
from marelle.places.models import CalendarSpan
from tests.scenario import Scenario
from tests.standing import built_once
from tests.waves import waves

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TUESDAY_BEFORE = Limit(LimitKind.WEEK_BEFORE, n=1, weekday=1, time=time(23, 59))


GRADED = AbsenceRule(
    date(2020, 1, 1), None, proofs=(Delay(0, Unit.HOURS), Delay(3, Unit.OPENED)), waiting_days=2
)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.known(2026)
        self.wednesdays = self.activity(
            "Mercredis 2026-2027",
            first_day=date(2026, 9, 2),
            last_day=date(2027, 6, 30),
            age_day=date(2026, 12, 31),
            unpaid="bookings",
            closes_when_full=True,
        )
        self.wednesdays.schools.add(self.the_school)
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.room = self.gauge("Salle", 24)
        self.morning = self.slot(self.wednesdays, "Matin", gauges=[self.room])
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30", has_meal=True)
        self.whole = self.slot(self.wednesdays, "Journée", "08:00", "18:00")
        self.draws(self.meal, self.gauge("Réfectoire", 60), self.small)
        self.meal.requires.set([self.morning])
        self.whole.excludes.set([self.morning])
        self.whole.includes.set([self.meal])
        self.outings = self.slot(self.wednesdays, "Sortie", weekdays=(), one_off=True)
        self.opening(self.outings, date(2026, 12, 9), title="Minigolf")
        opens = waves(datetime(2026, 9, 7, 7, tzinfo=PARIS), datetime(2026, 9, 14, 7, tzinfo=PARIS))
        self.rule(self.wednesdays, book=TUESDAY_BEFORE, waves=opens)
        self.rule(self.wednesdays, slot=self.meal, since=date(2026, 11, 4), until=date(2026, 12, 16))
        self.absence_rule(self.wednesdays, GRADED, slot=self.meal)
        Question.objects.create(
            activity=self.wednesdays, text="Quel car ?", kind="choice", choices=["Ligne 1", "Ligne 2"]
        )
        self.insurance = PaperType.objects.create(
            authority=self.the_authority, title="Assurance", why="Pour les sorties.", about="child"
        )
        PaperNeed.objects.create(
            activity=self.wednesdays,
            paper_type=self.insurance,
            effect="blocks_bookings",
            bookings_from=date(2026, 11, 4),
        )

    def known(self, year: int) -> None:
        CalendarSpan.objects.bulk_create(
            CalendarSpan(
                calendar=self.the_calendar,
                kind=span.kind,
                name=span.name,
                first_day=span.first_day,
                last_day=span.last_day,
            )
            for span in library_spans("A", year)
        )

    def copy(self, actor=SYSTEM, **dates):
        (preview,) = copies_preview(actor, [self.wednesdays.pk])
        key = f"activity-{self.wednesdays.pk}-"
        given = {line.key: line.after for line in preview.dates}
        given |= {key + name: value for name, value in dates.items()}
        wanted = [Wanted(self.wednesdays.pk, preview.name, given)]
        return activities_copy(actor=actor, wanted=wanted, now=NOW)[0]


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


@pytest.mark.parametrize("first", ["shuttles", "wednesdays"])
def test_slots_of_two_activities_are_linked_again_once_both_are_copied(world, first):
    shuttles = world.activity("Navettes 2026-2027", first_day=date(2026, 9, 2), last_day=date(2027, 6, 30))
    shuttle = world.slot(shuttles, "Navette", "07:00", "08:00", parting="goes")
    shuttle.requires.set([world.morning])
    shuttle.excludes.set([world.outings])
    ids = [shuttles.pk, world.wednesdays.pk]
    for pk in ids if first == "shuttles" else ids[::-1]:
        (preview,) = copies_preview(SYSTEM, [pk])
        given = {line.key: line.after for line in preview.dates}
        activities_copy(actor=SYSTEM, wanted=[Wanted(pk, preview.name, given)], now=NOW)
    copied = Slot.objects.get(name="Navette", activity__copied_from=shuttles)
    named = Slot.objects.filter(activity__copied_from=world.wednesdays)
    assert list(copied.requires.all()) == [named.get(name="Matin")]
    assert list(copied.excludes.all()) == [named.get(name="Sortie")]
    assert copied.parting == "goes"
    assert list(shuttle.requires.all()) == [world.morning]
    facts = activity_facts(dict(Activity.objects.values_list("pk", "revision")))
    assert facts[copied.activity_id].slots[copied.pk].needs == ("Matin",)
    assert facts[named[0].activity_id].slots[named.get(name="Matin").pk].is_required


def test_a_copy_alone_is_linked_to_nothing_of_the_year_before(world):
    shuttles = world.activity("Navettes 2026-2027", first_day=date(2026, 9, 2), last_day=date(2027, 6, 30))
    world.slot(shuttles, "Navette", "07:00", "08:00").requires.set([world.morning])
    (preview,) = copies_preview(SYSTEM, [shuttles.pk])
    given = {line.key: line.after for line in preview.dates}
    activities_copy(actor=SYSTEM, wanted=[Wanted(shuttles.pk, preview.name, given)], now=NOW)
    assert not Slot.objects.get(activity__copied_from=shuttles).requires.exists()


def test_all_that_defines_it_is_copied_and_nothing_that_happened(world):
    world.known(2027)
    home = world.home("Durand")
    world.enrolment(world.child(home, "Zoé"), world.wednesdays, home, group=world.small)
    made = world.copy(actor_for(world.staff("direction", Role.DIRECTOR))).activity
    assert (made.name, made.first_day, made.last_day) == (
        "Mercredis 2027-2028",
        date(2027, 9, 1),
        date(2028, 6, 28),
    )
    assert made.age_day == date(2027, 12, 31)
    assert (made.unpaid, made.closes_when_full, made.copied_from) == ("bookings", True, world.wednesdays)
    assert made.revision != world.wednesdays.revision
    assert list(made.schools.all()) == [world.the_school]
    assert list(made.groups.values_list("name", flat=True)) == ["3–5 ans", "6–12 ans"]
    slots = {slot.name: slot for slot in made.slots.all()}
    assert set(slots) == {"Matin", "Repas", "Journée", "Sortie"}
    assert list(slots["Repas"].requires.all()) == [slots["Matin"]]
    assert list(slots["Journée"].excludes.all()) == [slots["Matin"]]
    assert list(slots["Matin"].excludes.all()) == [slots["Journée"]]
    assert list(slots["Journée"].includes.all()) == [slots["Repas"]]
    draws = SlotGauge.objects.filter(slot__activity=made).order_by("slot__order")
    assert [(draw.slot.name, draw.group and draw.group.name, draw.gauge.name) for draw in draws] == [
        ("Matin", None, "Salle"),
        ("Repas", "3–5 ans", "Réfectoire"),
    ]
    assert all(draw.group is None or draw.group.activity_id == made.pk for draw in draws)
    rules = list(made.booking_rules.order_by("since"))
    assert [(row.slot, row.since, row.until) for row in rules] == [
        (None, date(2027, 9, 1), None),
        (slots["Repas"], date(2027, 11, 10), date(2027, 12, 15)),
    ]
    assert rules[0].as_rule().book == TUESDAY_BEFORE
    assert rules[0].as_rule().waves == waves(
        datetime(2027, 9, 6, 7, tzinfo=PARIS), datetime(2027, 9, 13, 7, tzinfo=PARIS)
    )
    assert rules[1].as_rule().waves == ()
    absence = made.absence_rules.get()
    assert (absence.slot, absence.since, absence.until) == (slots["Repas"], date(2027, 9, 1), None)
    assert absence.as_rule() == replace(GRADED, since=date(2027, 9, 1))
    need = made.paper_needs.get()
    assert (need.paper_type, need.effect, need.bookings_from) == (
        world.insurance,
        "blocks_bookings",
        date(2027, 11, 10),
    )
    question = made.questions.get()
    assert (question.text, question.choices) == ("Quel car ?", ["Ligne 1", "Ligne 2"])
    assert world.wednesdays.questions.count() == 1
    assert not made.enrolments.exists()
    assert not made.openings.filter(slot__one_off=True).exists()


def test_openings_are_made_by_the_calendar_of_the_year_or_later_with_it(world):
    made = world.copy()
    assert made.openings is None
    assert not made.activity.openings.exists()
    office = actor_for(world.staff("guichet", Role.OFFICE))
    day = NOW.date()
    assert [line.known for line in year_ahead(office, day=day).calendars] == [False]
    with pytest.raises(NotYours):
        calendar_read(
            actor=actor_for(world.staff("direction", Role.DIRECTOR)),
            calendar_id=world.the_calendar.pk,
            day=day,
            now=NOW,
        )
    before = set(world.wednesdays.openings.values_list("pk", flat=True))
    calendar_read(actor=office, calendar_id=world.the_calendar.pk, day=day, now=NOW)
    assert [line.known for line in year_ahead(office, day=day).calendars] == [True]
    assert set(world.wednesdays.openings.values_list("pk", flat=True)) == before, "this year is left alone"
    days = set(made.activity.openings.values_list("day", flat=True))
    assert date(2027, 9, 1) in days
    assert date(2027, 10, 27) not in days, "Toussaint"
    opening = made.activity.openings.filter(slot__name="Matin").first()
    assert opening.quotas.get().gauge == world.room


def test_a_bundle_takes_the_openings_that_stand_for_its_own(world):
    world.known(2027)
    days = [date(2026, 12, 2), date(2026, 12, 9)]
    openings = [world.opening(world.morning, day, group=world.small) for day in days]
    world.bundle(world.wednesdays, "Stage 2026", openings)
    Bundle.objects.update(alone_at=datetime(2026, 11, 25, 8, tzinfo=PARIS))
    world.bundle(world.wednesdays, "Vide", [])
    made = world.copy()
    bundle = made.activity.bundles.get(name="Stage 2027")
    assert list(bundle.openings.order_by("day").values_list("day", "group__name")) == [
        (date(2027, 12, 1), "3–5 ans"),
        (date(2027, 12, 8), "3–5 ans"),
    ]
    moved = bundle.openings.order_by("day").first().day - days[0]
    assert bundle.alone_at == datetime(2026, 11, 25, 8, tzinfo=PARIS) + moved
    assert made.activity.bundles.get(name="Vide 2027-2028").alone_at is None
    assert made.bundles_short == ("Vide 2027-2028",)


def test_twice_the_same_is_refused_and_leads_to_the_copy(world):
    made = world.copy().activity
    assert copies_preview(SYSTEM, [world.wednesdays.pk])[0].there == made
    Activity.objects.filter(pk=made.pk).update(name="Autre nom")
    with pytest.raises(CopyRefused) as refused:
        world.copy()
    assert refused.value.code == "already_copied"
    assert refused.value.data == {
        "copy_id": made.pk,
        "name": "Autre nom",
        "activity_id": world.wednesdays.pk,
    }
    assert Activity.objects.count() == 2


def test_several_at_once_are_all_there_or_none(world):
    other = world.activity("Vacances 2026-2027", first_day=date(2026, 10, 17), last_day=date(2027, 7, 30))
    both = [world.wednesdays.pk, other.pk]
    with pytest.raises(NotPossible):
        activities_copy(
            actor=SYSTEM,
            wanted=[
                Wanted(world.wednesdays.pk, "Mercredis 2027-2028", {}),
                Wanted(other.pk, "V", {f"activity-{other.pk}-last_day": date(2027, 9, 2)}),
            ],
            now=NOW,
        )
    assert Activity.objects.count() == 2
    made = activities_copy(actor=SYSTEM, wanted=[Wanted(pk, f"A {pk}", {}) for pk in both], now=NOW)
    assert [row.activity.first_day for row in made] == [date(2027, 9, 1), date(2027, 10, 23)]


def test_dates_that_make_no_sense_and_who_is_not_in_charge(world):
    with pytest.raises(CopyRefused) as refused:
        world.copy(first_day=date(2027, 5, 1))
    assert refused.value.code == "not_next_year"
    elsewhere = world.structure("Loin", authority=world.authority("Mairie"))
    for actor in (
        world.home("Martin").actor,
        actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)),
        actor_for(world.staff("animation", Role.ANIMATOR)),
    ):
        with pytest.raises(NotYours):
            world.copy(actor)
    assert Activity.objects.count() == 1
    assert Slot.objects.count() == 4
    assert BookingRule.objects.count() == 2
    assert Opening.objects.count() == 1


def test_requests_open_on_a_day_for_several(world):
    made = world.copy().activity
    opens_at = datetime(2027, 6, 1, 9, tzinfo=PARIS)
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    assert requests_open(actor=director, activity_ids=[made.pk], opens_at=opens_at, now=NOW) == 1
    assert Activity.objects.get(pk=made.pk).requests_open_at == opens_at
    with pytest.raises(NotYours):
        requests_open(actor=world.home("Martin").actor, activity_ids=[made.pk], opens_at=opens_at, now=NOW)
    found = year_ahead(director, day=NOW.date())
    assert (found.current, found.copied, found.coming) == (1, 1, (made,))
