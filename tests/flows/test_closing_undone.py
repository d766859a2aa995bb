"""A closing is undone: what it took lives again where it can; what cannot is told and kept."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.effects import facts_of
from marelle.activities.models import Activity, Opening, Quota
from marelle.activities.rules import Counting, Limit, LimitKind, OpeningFacts
from marelle.activities.services import openings_generate
from marelle.agents.activities.closings.words import undone_text
from marelle.bookings.models import Absence, Booking, BookingRequest, ClosedBooking
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS, instant_at
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import ClosingRefused, Part, Target, parts_of
from marelle.flows.catalogue.closing.undoing import closing_undo
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.relay.models import Childminder, Visit, VisitChild
from tests.bounds import bound_given
from tests.races.truth import counters_hold, held_on, queue_of
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
DAY = date(2026, 12, 2)
NEXT = DAY + timedelta(days=7)


class Village(Scenario):
    """Two Wednesdays. Zoé and Léo hold Matin, in that order; Inès waits for it; Zoé holds the meal too."""

    def __init__(self, **fields) -> None:
        super().__init__()
        self.durand, self.martin = self.home("Durand", "Camille"), self.home("Martin", "Julie")
        self.zoe, self.leo = self.child(self.durand, "Zoé"), self.child(self.durand, "Léo")
        self.ines = self.child(self.martin, "Inès")
        self.wednesdays = self.activity("Mercredis", **fields)
        self.room = self.gauge("Salle à manger", 1)
        morning = self.slot(self.wednesdays, "Matin", capacity=2)
        meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30", gauges=[self.room])
        meal.requires.add(morning)
        self.rule(self.wednesdays)
        self.morning, self.meal = self.openings(self.wednesdays, DAY)
        self.next_morning, self.next_meal = self.openings(self.wednesdays, NEXT)
        for child, home in ((self.zoe, self.durand), (self.leo, self.durand), (self.ines, self.martin)):
            self.enrolment(child, self.wednesdays, home)
        for opening in (self.morning, self.meal, self.next_morning, self.next_meal):
            self.booking(self.zoe, opening)
        self.booking(self.leo, self.morning)
        self.booking(self.ines, self.morning, state=BookingState.WAITING)
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def closes(self, last_day=DAY, part=None, part_id=0):
        target = Target(self.the_structure.pk, DAY, last_day, part, part_id)
        return closing_make(actor=self.director, target=target, reason="Neige", now=NOW).closure

    def undoes(self, closure, **changed):
        return closing_undo(**{"actor": self.director, "closure_id": closure.pk, "now": NOW, **changed})

    def why(self) -> dict[tuple[str, str], str]:
        """Child and slot of what did not come back, with the reason."""
        rows = ClosedBooking.objects.exclude(why="").select_related(
            "booking__child", "booking__opening__slot"
        )
        return {(row.booking.child.first_name, row.booking.opening.slot.name): row.why for row in rows}


@pytest.fixture
def world() -> Village:
    return Village()


def test_all_of_it_lives_again_as_new_rows(world):
    before = set(Booking.objects.live().values_list("child_id", "opening_id", "state", "created_at"))
    closure = world.closes()
    cancelled = set(Booking.objects.filter(state=BookingState.CANCELLED).values_list("pk", flat=True))
    undone = world.undoes(closure)
    assert (undone.openings, undone.children, undone.missing) == (2, 3, 0)
    assert set(Booking.objects.live().values_list("child_id", "opening_id", "state", "created_at")) == before
    assert set(Booking.objects.filter(state=BookingState.CANCELLED).values_list("pk", flat=True)) == cancelled
    assert held_on(world.morning) == {world.zoe.pk, world.leo.pk}
    assert queue_of(world.morning) == [world.ines.pk]
    counters_hold()
    closure.refresh_from_db()
    assert (closure.undone_at, closure.undone_by) == (NOW, world.director.label)


def test_the_openings_are_as_they_were_and_generating_again_keeps_them(world):
    before = list(Opening.objects.order_by("pk").values())
    world.undoes(world.closes())
    assert list(Opening.objects.order_by("pk").values()) == before
    booked = [world.morning.pk, world.meal.pk]
    openings_generate(actor=SYSTEM, activity_id=world.wednesdays.pk, booked=booked, from_day=DAY, now=NOW)
    assert Opening.objects.filter(day=DAY, state="open").count() == 2


def test_each_home_is_told_once_and_the_journal_says_who(world):
    world.undoes(world.closes())
    mails = Message.objects.filter(kind="bookings/day_reopened")
    texts = {mail.to: mail.text for mail in mails}
    assert len(mails) == 2
    assert "Zoé, mercredi 2 décembre : Matin, Repas" in texts[world.durand.adult.email]
    assert "Léo, mercredi 2 décembre : Matin" in texts[world.durand.adult.email]
    assert "Matin (de nouveau en liste d’attente)" in texts[world.martin.adult.email]
    assert Entry.objects.filter(verb="booking.restored").count() == 3
    assert Entry.objects.get(verb="structure.closing_undone").actor_label == world.director.label


def test_twice_is_once(world):
    closure = world.closes()
    world.undoes(closure)
    with pytest.raises(ClosingRefused) as refused:
        world.undoes(closure)
    assert refused.value.code == "undone"
    assert Message.objects.filter(kind="bookings/day_reopened").count() == 2
    counters_hold()


def test_a_place_taken_meanwhile_stays_with_who_has_it(world):
    """The club shares the dining room: its child took the meal's place."""
    club = world.activity("Jeunes", structure=world.structure("Espace jeunes"))
    lunch = world.opening(world.slot(club, "Déjeuner", "12:00", "13:30", gauges=[world.room]), DAY)
    world.rule(club)
    world.enrolment(world.ines, club, world.martin)
    closure = world.closes()
    world.booking(world.ines, lunch)
    assert world.undoes(closure).missing == 1
    assert world.why() == {("Zoé", "Repas"): Why.FULL}
    assert held_on(world.morning) == {world.zoe.pk, world.leo.pk}
    told = Message.objects.get(kind="bookings/day_reopened", to=world.durand.adult.email).text
    assert "Matin, Repas (n’a pas pu être rétabli)" in told
    counters_hold()


def test_who_went_elsewhere_or_left_does_not_come_back_nor_does_what_needs_it(world):
    club = world.activity("Jeunes", structure=world.structure("Espace jeunes"))
    outing = world.opening(world.slot(club, "Sortie", "08:00", "11:00"), DAY)
    world.enrolment(world.zoe, club, world.durand)
    closure = world.closes()
    world.booking(world.zoe, outing)
    Enrolment.objects.filter(person=world.leo).update(ends_on=DAY - timedelta(days=1))
    world.undoes(closure)
    assert world.why() == {
        ("Zoé", "Matin"): Why.ELSEWHERE,
        ("Zoé", "Repas"): Why.REQUIRES,
        ("Léo", "Matin"): Why.OUTSIDE_ENROLMENT,
    }
    assert not held_on(world.morning)
    counters_hold()


def test_who_waits_gets_the_place_of_who_does_not_come_back(world, django_capture_on_commit_callbacks):
    closure = world.closes()
    Enrolment.objects.filter(person=world.leo).update(ends_on=DAY - timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        world.undoes(closure)
    assert held_on(world.morning) == {world.zoe.pk, world.ines.pk}
    counters_hold()


def test_past_a_lowered_capacity_the_first_booked_come_first(world):
    closure = world.closes()
    Quota.objects.filter(openings=world.morning).update(capacity=1)
    world.undoes(closure)
    assert held_on(world.morning) == {world.zoe.pk}
    assert world.why() == {("Léo", "Matin"): Why.FULL}
    counters_hold()


def test_a_derogation_still_holds(world):
    Booking.objects.filter(child=world.leo).update(derogation="Urgence familiale", passed="full")
    closure = world.closes()
    Quota.objects.filter(openings=world.morning).update(capacity=1)
    assert world.undoes(closure).missing == 0
    assert held_on(world.morning) == {world.zoe.pk, world.leo.pk}
    assert Booking.objects.filter(child=world.leo).latest("pk").passed == "full"
    counters_hold()


def test_a_child_moved_to_another_group_does_not_come_back():
    world = Village()
    little, big = (
        world.group(world.wednesdays, name, ages) for name, ages in (("P", (3, 5)), ("G", (6, 11)))
    )
    Opening.objects.filter(pk=world.morning.pk).update(group=little)
    Enrolment.objects.get(person=world.leo).groups.create(group=big, since=DAY)
    Enrolment.objects.get(person=world.zoe).groups.create(group=little, since=DAY)
    world.undoes(world.closes(part=Part.GROUP, part_id=little.pk))
    assert world.why()["Léo", "Matin"] == Why.OTHER_GROUP
    assert held_on(world.morning) == {world.zoe.pk}


def test_an_absence_declared_before_still_is(world):
    booking = Booking.objects.get(child=world.leo, state=BookingState.BOOKED)
    Absence.objects.create(booking=booking, declared_at=NOW, declared_by="Camille")
    world.undoes(world.closes())
    assert Absence.objects.get().booking.state == BookingState.BOOKED


def test_a_request_waits_again_for_its_agent():
    world = Village(booking_mode="validated")
    Booking.objects.live().delete()
    Quota.objects.update(taken=0)
    change = Change(world.zoe.pk, world.morning.pk, seen=False, wanted=True)
    bookings_save(actor=world.durand.actor, changes=[change], now=NOW)
    world.undoes(world.closes())
    assert Booking.objects.live().get().state == BookingState.REQUESTED
    assert BookingRequest.objects.count() == 2
    assert Case.objects.open().filter(kind="booking").count() == 1
    counters_hold()


def test_one_day_of_a_week_then_the_rest(world):
    closure = world.closes(NEXT)
    assert not Booking.objects.live().exists()
    assert world.undoes(closure, day=NEXT).openings == 2
    assert held_on(world.next_morning) == {world.zoe.pk}
    assert not held_on(world.morning)
    closure.refresh_from_db()
    assert closure.undone_at is None
    openings_generate(actor=SYSTEM, activity_id=world.wednesdays.pk, booked=(), from_day=DAY, now=NOW)
    assert Opening.objects.filter(day=NEXT, state="open").count() == 2, "opened by hand, it stays"
    assert world.undoes(closure).openings == 2
    closure.refresh_from_db()
    assert closure.undone_at == NOW
    counters_hold()


def test_what_has_begun_by_then_stays_closed(world):
    closure = world.closes()
    undone = world.undoes(closure, now=datetime.combine(DAY, time(9), tzinfo=PARIS))
    assert undone.openings == 1
    assert not held_on(world.morning)
    assert world.why() == {("Zoé", "Repas"): Why.REQUIRES}


def test_what_was_booked_anew_meanwhile_is_not_doubled(world):
    first = world.closes(part=Part.SLOT, part_id=world.morning.slot_id)
    world.undoes(first)
    second = world.closes()
    world.undoes(second)
    assert Booking.objects.live().filter(opening=world.morning).count() == 3
    counters_hold()


def test_only_who_answers_for_the_structure_undoes(world):
    closure = world.closes()
    elsewhere = world.structure("Ailleurs")
    for actor in (
        actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)),
        actor_for(world.staff("animation", Role.ANIMATOR)),
        world.durand.actor,
    ):
        with pytest.raises(NotYours):
            world.undoes(closure, actor=actor)
    assert not Booking.objects.live().filter(day=DAY).exists()


def test_a_school_closes_alone_and_what_serves_others_stays_open():
    world = Village()
    school = world.the_school
    world.wednesdays.schools.set([school])
    shared = world.activity("Cantine")
    shared.schools.set([school, world.school("Autre école")])
    common = world.opening(world.slot(shared, "Repas", "12:00", "13:30"), DAY)
    offered = {(choice.part, choice.name) for choice in parts_of(Target(world.the_structure.pk, DAY, DAY))}
    assert {name for part, name in offered if part is Part.SCHOOL} == {str(school), "Autre école"}
    assert {name for part, name in offered if part is Part.ACTIVITY} == {"Mercredis", "Cantine"}
    closure = world.closes(part=Part.SCHOOL, part_id=school.pk)
    assert closure.part == str(school)
    assert set(Opening.objects.filter(state="open", day=DAY)) == {common}


def test_a_morning_of_the_relais_is_cancelled_told_and_back(world):
    mornings = world.activity("Matinées", booking_mode="accompanied")
    morning = world.opening(world.slot(mornings, "Matinée", "09:30", "11:30", capacity=5), DAY)
    visit = Visit.objects.create(
        opening=morning,
        family=world.martin.family,
        adult_name="Julie",
        seats=1,
        booked_at=NOW,
        booked_by="Julie",
    )
    VisitChild.objects.create(visit=visit, child=world.ines, first_name="Inès")
    Quota.objects.filter(openings=morning).update(taken=1)
    target = Target(world.the_structure.pk, DAY, DAY, Part.ACTIVITY, mornings.pk)
    closed = closing_make(actor=world.director, target=target, reason="Neige", now=NOW)
    assert (closed.visits, closed.children) == (1, 0)
    assert Quota.objects.get(openings=morning).taken == 0
    told = Message.objects.get(kind="relay/morning_closed")
    assert told.to == world.martin.adult.email
    assert "Julie avec Inès" in told.text
    assert world.undoes(closed.closure).visits == 1
    back = Visit.objects.get(cancelled_at=None)
    assert [child.first_name for child in back.children.all()] == ["Inès"]
    assert Quota.objects.get(openings=morning).taken == 1
    assert Message.objects.filter(kind="relay/morning_reopened").count() == 1


@pytest.mark.parametrize(
    ("comes_in", "to"), [(False, "liste@accueil.example"), (True, "odile@accueil.example")]
)
def test_a_childminder_is_told_where_her_account_is_written_to(world, comes_in, to):
    mornings = world.activity("Matinées", booking_mode="accompanied")
    morning = world.opening(world.slot(mornings, "Matinée", "09:30", "11:30", capacity=5), DAY)
    odile = Childminder.objects.create(
        authority=world.the_authority, name="Odile", email="liste@accueil.example"
    )
    if comes_in:
        world.minder("odile", odile)
    visit = Visit.objects.create(
        opening=morning, childminder=odile, adult_name="Odile", seats=1, booked_at=NOW, booked_by="Odile"
    )
    VisitChild.objects.create(visit=visit, first_name="Lou")
    Quota.objects.filter(openings=morning).update(taken=1)
    target = Target(world.the_structure.pk, DAY, DAY, Part.ACTIVITY, mornings.pk)
    closing_make(actor=world.director, target=target, reason="Neige", now=NOW)
    told = Message.objects.get(kind="relay/morning_closed")
    assert (told.to, "/matinees/" in told.text) == (to, comes_in)


def test_three_hundred_bookings_take_as_many_queries_as_three(world, count_queries):
    def closing_and_undoing() -> tuple[int, int]:
        with count_queries() as closed:
            closure = world.closes()
        with count_queries() as undone:
            world.undoes(closure)
        return len(closed), len(undone)

    closing_and_undoing()
    few = closing_and_undoing()
    for number in range(100):
        home = world.home(f"Famille{number}", address=False)
        child = world.child(home, f"Enfant{number}")
        enrolment = world.enrolment(child, world.wednesdays, home)
        for opening in (world.morning, world.meal, world.next_morning):
            world.booking(child, opening, enrolment=enrolment)
    Quota.objects.update(capacity=200, overdraft=0)
    many = closing_and_undoing()
    assert max(n - m for n, m in zip(many, few, strict=True)) < 10, "a long insert is cut in a few"
    assert Booking.objects.live().filter(day=DAY).count() == 204
    counters_hold()


def test_what_comes_back_past_how_much_may_be_booked_is_told(world):
    """It was promised before: it is back, and whoever undid the closing knows."""
    bound_given(world.wednesdays, 1, unit="slots", each="month")
    booked = Counter(Booking.objects.live().values_list("child_id", flat=True))
    more = {child for child, count in booked.items() if count > 1}
    undone = world.undoes(world.closes())
    assert 0 < undone.past == len(more) < undone.children
    assert Counter(Booking.objects.live().values_list("child_id", flat=True)) == booked
    assert "dépasse" in undone_text(undone)
    world.wednesdays.bounds.update(n=max(booked.values()))
    definition_changed(Activity.objects.filter(pk=world.wednesdays.pk))
    undone = world.undoes(world.closes())
    assert undone.past == 0
    assert "dépasse" not in undone_text(undone)


def closed_days(world: Village) -> set[date]:
    """Of the two Wednesdays, those that rules are counted with as closed."""
    world.wednesdays.refresh_from_db()
    facts = facts_of(world.wednesdays)
    found = {day for day in (DAY, NEXT) if facts.calendar.closure(day)}
    assert {day for day in (DAY, NEXT) if not facts.is_held(day)} == found
    assert {day for day in (DAY, NEXT) if not facts.calendar.is_working_day(day)} == found
    return found


def test_limits_and_proofs_know_the_days_that_an_agent_closes(world):
    assert closed_days(world) == set()
    closure = world.closes(last_day=NEXT)
    assert closed_days(world) == {DAY, NEXT}
    eve = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(12), counting=Counting.WORKING)
    world.wednesdays.booking_rules.all().delete()
    world.rule(world.wednesdays, book=eve, cancel=eve)
    definition_changed(Activity.objects.all())
    world.wednesdays.refresh_from_db()
    after = OpeningFacts(NEXT + timedelta(days=1), *(instant_at(NEXT + timedelta(days=1), time(8)),) * 2)
    window = facts_of(world.wednesdays).window_of(world.morning.slot_id, after)
    assert window.closes_at == instant_at(DAY - timedelta(days=1), time(12)), "all days between are closed"
    world.undoes(closure, day=NEXT)
    assert closed_days(world) == {DAY}
    world.undoes(closure)
    assert closed_days(world) == set()


def test_days_gone_by_stay_closed_when_the_rest_is_undone(world):
    closure = world.closes(last_day=NEXT)
    world.undoes(closure, now=NOW + timedelta(days=10))
    assert closed_days(world) == {DAY}


def test_a_part_that_closes_closes_no_day(world):
    world.closes(part=Part.ACTIVITY, part_id=world.wednesdays.pk)
    assert closed_days(world) == set()
