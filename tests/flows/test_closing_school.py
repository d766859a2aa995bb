"""A school goes out for the day, and the canteen serves two: only its pupils lose their places."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta

import pytest

from marelle.activities.models import Opening
from marelle.bookings.models import Booking, ClosedBooking
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import Schooling
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import ClosingRefused, Part, Target, parts_of
from marelle.flows.catalogue.closing.undoing import closing_undo
from marelle.mail.models import Message
from marelle.places.models import Closure
from marelle.places.rules import school_year_of
from tests.races.truth import counters_hold, held_on, queue_of
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
DAY = date(2026, 12, 2)
NEXT = DAY + timedelta(days=7)


class Village(Scenario):
    """A canteen of two schools, with three places. Zoé goes to Les Tilleuls; Léo did last year; of Inès
    nobody knows. All three eat; Ugo of Les Tilleuls waits, then Tom of Les Aulnes. Zoé eats next week too."""

    def __init__(self, day: date = DAY) -> None:
        super().__init__()
        self.aulnes = self.school("École des Aulnes")
        self.canteen = self.activity("Cantine")
        self.canteen.schools.set([self.the_school, self.aulnes])
        self.slot(self.canteen, "Repas", "12:00", "13:30", capacity=3, weekdays=range(7))
        self.rule(self.canteen)
        (self.meal,) = self.openings(self.canteen, day)
        (self.next_meal,) = self.openings(self.canteen, day + timedelta(days=7))
        self.year = school_year_of(day)
        self.durand, self.martin = self.home("Durand", "Camille"), self.home("Martin", "Julie")
        self.zoe, self.leo = self.child(self.durand, "Zoé"), self.child(self.durand, "Léo")
        self.ines, self.tom, self.ugo = (self.child(self.martin, name) for name in ("Inès", "Tom", "Ugo"))
        for child, school in (
            (self.zoe, self.the_school),
            (self.leo, self.aulnes),
            (self.tom, self.aulnes),
            (self.ugo, self.the_school),
        ):
            self.goes(child, school)
        self.goes(self.zoe, self.aulnes, self.year - 1)
        self.goes(self.leo, self.the_school, self.year - 1)
        for child in (self.zoe, self.leo):
            self.enrolment(child, self.canteen, self.durand)
        for child in (self.ines, self.tom, self.ugo):
            self.enrolment(child, self.canteen, self.martin)
        for child in (self.zoe, self.leo, self.ines):
            self.booking(child, self.meal)
        for child, since in ((self.ugo, 2), (self.tom, 1)):
            queued_at = NOW - timedelta(days=since)
            self.booking(child, self.meal, state=BookingState.WAITING, queued_at=queued_at)
        self.booking(self.zoe, self.next_meal)
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))

    def goes(self, child, school, year: int = 0) -> None:
        Schooling.objects.create(child=child, school=school, school_year=year or self.year, level="CP")

    def goes_out(self, *, last_day=DAY, school=None, **changed):
        school = school or self.the_school
        target = Target(self.the_structure.pk, DAY, last_day, Part.SCHOOL, school.pk)
        asked = {"actor": self.director, "target": target, "reason": "Sortie scolaire", "now": NOW}
        return closing_make(**{**asked, **changed})

    def undoes(self, closure, **changed):
        return closing_undo(**{"actor": self.director, "closure_id": closure.pk, "now": NOW, **changed})


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def test_only_its_pupils_of_this_year_are_touched_and_who_waits_comes(
    world, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        closed = world.goes_out()
    assert (closed.openings, closed.children, closed.closure.part) == (0, 2, str(world.the_school))
    ended = Booking.objects.exclude(end_cause="").values_list("child_id", "state", "end_cause", "opening_id")
    assert set(ended) == {
        (child.pk, BookingState.CANCELLED, EndCause.STRUCTURE, world.meal.pk)
        for child in (world.zoe, world.ugo)
    }
    assert held_on(world.meal) == {world.leo.pk, world.ines.pk, world.tom.pk}
    assert held_on(world.next_meal) == {world.zoe.pk}
    assert not Opening.objects.exclude(state="open").exists()
    counters_hold()


def test_the_mail_tells_its_homes_alone_that_it_may_be_booked_again(world):
    world.goes_out()
    texts = {mail.to: mail.text for mail in Message.objects.filter(kind="bookings/day_closed")}
    assert set(texts) == {world.durand.adult.email, world.martin.adult.email}
    told = texts[world.durand.adult.email]
    assert "Zoé, mercredi 2 décembre : Repas" in told
    assert "Raison donnée : Sortie scolaire" in told
    assert "se réserve de nouveau" in told
    assert "Léo" not in told
    assert "Inès" not in texts[world.martin.adult.email]


def test_a_child_who_stays_is_booked_again_and_undoing_does_not_double_it(world):
    Booking.objects.get(child=world.tom).delete()
    closure = world.goes_out().closure
    change = Change(world.zoe.pk, world.meal.pk, seen=False, wanted=True)
    (outcome,) = bookings_save(actor=world.durand.actor, changes=[change], now=NOW)
    assert outcome.result is Result.BOOKED
    undone = world.undoes(closure)
    assert (undone.children, undone.missing) == (1, 0), "Ugo waits again"
    assert Booking.objects.live().filter(child=world.zoe, opening=world.meal).count() == 1
    counters_hold()


def test_undone_everybody_is_back_where_it_stood_once(world):
    before = set(Booking.objects.live().values_list("child_id", "opening_id", "state", "created_at"))
    openings = list(Opening.objects.order_by("pk").values())
    closure = world.goes_out().closure
    undone = world.undoes(closure)
    assert (undone.openings, undone.children, undone.missing) == (0, 2, 0)
    assert set(Booking.objects.live().values_list("child_id", "opening_id", "state", "created_at")) == before
    assert queue_of(world.meal) == [world.ugo.pk, world.tom.pk]
    assert list(Opening.objects.order_by("pk").values()) == openings
    closure.refresh_from_db()
    assert closure.undone_at == NOW
    assert "accueillera finalement Zoé" in Message.objects.get(
        kind="bookings/day_reopened", to=world.durand.adult.email
    ).text.replace("\n", " ")
    with pytest.raises(ClosingRefused) as refused:
        world.undoes(closure)
    assert refused.value.code == "undone"
    counters_hold()


def test_a_place_gone_meanwhile_is_said(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        closure = world.goes_out().closure
    assert world.undoes(closure).missing == 1
    assert ClosedBooking.objects.exclude(why="").get().why == Why.FULL
    assert world.zoe.pk not in held_on(world.meal)
    told = Message.objects.get(kind="bookings/day_reopened", to=world.durand.adult.email).text
    assert "Repas (n’a pas pu être rétabli)" in told
    counters_hold()


def test_one_day_is_undone_then_the_other(world):
    closure = world.goes_out(last_day=NEXT).closure
    assert not Booking.objects.live().filter(child=world.zoe).exists()
    world.undoes(closure, day=NEXT)
    assert held_on(world.next_meal) == {world.zoe.pk}
    assert world.zoe.pk not in held_on(world.meal)
    with pytest.raises(ClosingRefused):
        world.undoes(closure, day=NEXT)
    closure.refresh_from_db()
    assert closure.undone_at is None
    world.undoes(closure)
    closure.refresh_from_db()
    assert closure.undone_at == NOW
    assert world.zoe.pk in held_on(world.meal)


def test_what_has_begun_by_then_is_not_undone(world):
    closure = world.goes_out().closure
    with pytest.raises(ClosingRefused) as refused:
        world.undoes(closure, now=datetime(2026, 12, 2, 12, 30, tzinfo=PARIS))
    assert refused.value.code == "undone"
    assert world.zoe.pk not in held_on(world.meal)


def test_the_school_is_that_of_the_day_when_the_year_changes_meanwhile(world):
    """Zoé went to Les Aulnes until the summer: 31 August is still of that year."""
    slot = world.meal.slot
    august, september = (world.opening(slot, day) for day in (date(2026, 8, 31), date(2026, 9, 1)))
    for opening in (august, september):
        world.booking(world.zoe, opening)
        world.booking(world.leo, opening)
    target = Target(world.the_structure.pk, august.day, september.day, Part.SCHOOL, world.aulnes.pk)
    world.goes_out(target=target, now=datetime(2026, 8, 25, 9, tzinfo=PARIS))
    assert held_on(august) == {world.leo.pk}
    assert held_on(september) == {world.zoe.pk}


def test_what_serves_every_school_is_shared_and_what_serves_it_alone_closes(world):
    world.canteen.schools.clear()
    evenings = world.activity("Garderie")
    evenings.schools.set([world.the_school])
    evening = world.opening(world.slot(evenings, "Soir", "16:30", "18:00"), DAY)
    for child, home in ((world.ines, world.martin), (world.zoe, world.durand)):
        world.enrolment(child, evenings, home)
        world.booking(child, evening)
    closed = world.goes_out()
    assert (closed.openings, closed.children) == (1, 3)
    assert set(Opening.objects.filter(state="closed")) == {evening}
    assert held_on(world.meal) == {world.leo.pk, world.ines.pk}
    texts = {mail.to: mail.text for mail in Message.objects.filter(kind="bookings/day_closed")}
    assert "Zoé, mercredi 2 décembre : Repas, Soir" in texts[world.durand.adult.email]
    assert world.undoes(closed.closure).openings == 1
    assert held_on(evening) == {world.ines.pk, world.zoe.pk}
    assert world.zoe.pk in held_on(world.meal)
    counters_hold()


def test_schools_served_and_those_of_the_children_enrolled_are_offered(world):
    world.school("École d’ailleurs")
    target = Target(world.the_structure.pk, DAY, DAY)

    def offered() -> list[str]:
        return [choice.name for choice in parts_of(target) if choice.part is Part.SCHOOL]

    assert offered() == ["École des Aulnes", "École des Tilleuls"]
    world.canteen.schools.clear()
    assert offered() == ["École des Aulnes", "École des Tilleuls"]
    Schooling.objects.filter(school=world.aulnes, school_year=2026).delete()
    assert offered() == ["École des Tilleuls"]


def test_a_school_without_anybody_booked_and_a_list_that_moved(world):
    for school, shown, code in (
        (world.school("École d’ailleurs"), None, "no_pupil"),
        (None, "another", "moved"),
    ):
        with pytest.raises(ClosingRefused) as refused:
            world.goes_out(school=school, shown=shown)
        assert refused.value.code == code
    assert not Closure.objects.exists()
    world.goes_out()
    with pytest.raises(ClosingRefused) as refused:
        world.goes_out()
    assert refused.value.code == "no_pupil"


def test_a_hundred_pupils_take_as_many_queries_as_one(world, count_queries):
    def out_and_back() -> tuple[int, int]:
        with count_queries() as out:
            closure = world.goes_out().closure
        with count_queries() as back:
            world.undoes(closure)
        return len(out), len(back)

    out_and_back()
    few = out_and_back()
    world.meal.quotas.update(capacity=200)
    for number in range(100):
        home = world.home(f"Famille{number}", address=False)
        child = world.child(home, f"Enfant{number}")
        world.goes(child, world.the_school)
        world.booking(child, world.meal, enrolment=world.enrolment(child, world.canteen, home))
    many = out_and_back()
    assert max(n - m for n, m in zip(many, few, strict=True)) < 10, "a long insert is cut in a few"
    counters_hold()
