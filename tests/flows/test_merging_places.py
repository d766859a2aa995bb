"""Two files made one: places, enrolments, papers and changes that were there twice are there once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from marelle.activities.bounds import Whose
from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import Parting
from marelle.activities.models import Activity, BookingBound, Quota
from marelle.bookings.models import Absence, Booking
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.models import Case, CaseState
from marelle.cases.services import open_case
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.families.models import ChangeRequest, Person
from marelle.flows.home.merging.preview import merge_preview
from marelle.papers.models import Paper, PaperType
from marelle.papers.services.sending import subject_of
from marelle.relay.models import Visit, VisitChild
from tests.bounds import bound_given
from tests.flows.twice import NOW, WEDNESDAY, Twice

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine: Any) -> Twice:
    time_machine.move_to(NOW, tick=False)
    return Twice()


def test_a_place_held_twice_is_held_once_and_the_counter_is_right(world):
    world.both_enrolled()
    kept = world.booking(world.ines, world.first_wednesday)
    other = world.booking(world.twin, world.first_wednesday)
    Absence.objects.create(booking=other, declared_at=NOW, declared_by="Amina")
    assert world.taken() == 2
    world.merge()
    assert world.taken() == 1
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.state, other.state, other.end_cause) == ("booked", "cancelled", EndCause.CHANGED)
    assert Absence.objects.get().booking == kept


def test_the_surest_of_two_places_is_kept(world):
    world.both_enrolled()
    waiting = world.booking(world.ines, world.first_wednesday, state=BookingState.WAITING)
    booked = world.booking(world.twin, world.first_wednesday)
    world.merge()
    assert set(Booking.objects.live()) == {booked}
    assert Booking.objects.get(pk=booked.pk).child == world.ines
    assert Booking.objects.get(pk=waiting.pk).state == "cancelled"
    assert world.taken() == 1


def test_a_child_is_not_in_two_structures_at_the_same_hours(world):
    elsewhere = world.activity("Ailleurs", structure=world.structure("Ailleurs"))
    world.slot(elsewhere, "Matin", "09:00", "11:00", capacity=5)
    (there,) = world.openings(elsewhere, WEDNESDAY)
    world.enrolment(world.ines, world.wednesdays, world.kept)
    world.enrolment(world.twin, elsewhere, world.left)
    here = world.booking(world.ines, world.first_wednesday)
    world.booking(world.twin, there)
    world.merge()
    assert list(Booking.objects.live()) == [here]
    assert Quota.objects.get(openings=there).taken == 0


def test_the_place_given_back_goes_to_who_waits(world, django_capture_on_commit_callbacks):
    Quota.objects.filter(openings=world.first_wednesday).update(capacity=2)
    world.both_enrolled()
    world.booking(world.ines, world.first_wednesday)
    world.booking(world.twin, world.first_wednesday)
    martin = world.home("Martin")
    tom = world.child(martin, "Tom")
    world.enrolment(tom, world.wednesdays, martin)
    world.rule(world.wednesdays)
    queued = world.booking(tom, world.first_wednesday, state=BookingState.WAITING)
    with django_capture_on_commit_callbacks(execute=True):
        world.merge()
    queued.refresh_from_db()
    assert queued.state == BookingState.BOOKED
    assert world.taken() == 2


def test_of_two_enrolments_in_one_activity_one_stays_with_all_its_bookings(world):
    world.both_enrolled()
    first, second = Enrolment.objects.order_by("pk")
    Enrolment.objects.filter(pk=second.pk).update(ends_on=date(2027, 9, 30))
    later = world.openings(world.wednesdays, WEDNESDAY + timedelta(days=7))[0]
    world.booking(world.twin, later)
    end = EndRequest.objects.create(
        enrolment=second, last_day=date(2027, 1, 1), requested_at=NOW, requested_by="Amina"
    )
    world.merge()
    first.refresh_from_db()
    second.refresh_from_db()
    end.refresh_from_db()
    assert (first.state, first.ends_on, second.state) == ("accepted", date(2027, 9, 30), "ended")
    assert Booking.objects.get().enrolment == first
    assert end.enrolment == first


def test_a_demand_beside_an_accepted_enrolment_is_withdrawn_with_its_case(world):
    world.enrolment(world.ines, world.wednesdays, world.kept)
    asked = world.enrolment(world.twin, world.wednesdays, world.left, state="requested")
    case = world.case("enrolment", asked.pk, world.left)
    world.merge()
    asked.refresh_from_db()
    case.refresh_from_db()
    assert (asked.state, case.state) == ("withdrawn", CaseState.WITHDRAWN)


def test_of_two_papers_that_wait_the_last_one_does_and_the_other_can_still_be_read(world):
    kind = PaperType.objects.create(authority=world.the_authority, title="Assurance", why="", about="child")
    papers = []
    for child, home, hours in ((world.ines, world.kept, 1), (world.twin, world.left, 0)):
        paper = Paper.objects.create(
            paper_type=kind,
            family=home.family,
            person=child,
            sent_at=NOW + timedelta(hours=hours),
            sent_by="A",
        )
        open_case(
            actor=home.actor, kind="paper", subject=subject_of(paper), family_id=home.family.pk, now=NOW
        )
        papers.append(paper)
    world.merge()
    assert [Paper.objects.get(pk=paper.pk).state for paper in papers] == ["received", "replaced"]
    assert Case.objects.open().get().subject_id == papers[0].pk
    assert {paper.person_id for paper in Paper.objects.all()} == {world.ines.pk}


def test_of_two_changes_of_one_field_the_last_one_waits(world):
    changes = []
    for home, hours in ((world.kept, 0), (world.left, 1)):
        change = ChangeRequest.objects.create(
            kind="field",
            family=home.family,
            field="home.regime",
            asked_at=NOW + timedelta(hours=hours),
            asked_by="A",
        )
        world.case("change", change.pk, home)
        changes.append(change)
    world.merge()
    assert [ChangeRequest.objects.get(pk=one.pk).state for one in changes] == ["replaced", "open"]
    assert Case.objects.open().get().subject_id == changes[1].pk


def test_of_two_visits_to_one_morning_one_stays_with_each_child_once(world):
    morning = world.activity("Matinée", kind="relay", booking_mode="accompanied")
    slot = world.slot(morning, "Matinée", capacity=6)
    here = world.opening(slot, WEDNESDAY)
    for home, children in ((world.kept, [world.ines]), (world.left, [world.twin, world.sami])):
        visit = Visit.objects.create(
            opening=here,
            family=home.family,
            adult_name="A",
            seats=len(children),
            booked_at=NOW,
            booked_by="A",
        )
        for child in children:
            VisitChild.objects.create(visit=visit, child=child, first_name=child.first_name)
    Quota.objects.filter(openings=here).update(taken=3)
    world.merge()
    visit = Visit.objects.get(cancelled_at=None)
    assert (visit.family, visit.seats) == (world.kept.family, 2)
    assert set(visit.children.values_list("child_id", flat=True)) == {world.ines.pk, world.sami.pk}
    assert Quota.objects.get(openings=here).taken == 2


def passed(world: Twice) -> list[tuple[int | None, int]]:
    """By child, how much the one home would have past a bound."""
    homes = {"kept_id": world.kept.family.pk, "left_id": world.left.family.pk}
    found = merge_preview(actor=world.office, **homes, now=NOW).passed
    return [(one.child_id, one.reached.count) for one in found]


def test_how_much_may_be_booked_is_told_where_the_one_home_has_more_than_either_had(world):
    world.both_enrolled()
    thursday, friday = (world.opening(world.morning, WEDNESDAY + timedelta(days=n)) for n in (1, 2))
    world.booking(world.ines, world.first_wednesday)
    other = world.booking(world.twin, thursday)
    assert passed(world) == []
    bound = bound_given(world.wednesdays, 1)
    assert passed(world) == [(world.ines.pk, 2)]
    Booking.objects.filter(pk=other.pk).update(opening=world.first_wednesday, day=WEDNESDAY)
    assert passed(world) == [], "booked twice, of which one stays"
    Booking.objects.filter(pk=other.pk).update(opening=thursday, day=thursday.day)
    world.booking(world.twin, friday)
    assert passed(world) == [(world.ines.pk, 3)], "one of the two had more already, and less"
    Booking.objects.filter(child=world.ines).update(state=BookingState.CANCELLED)
    assert passed(world) == [], "no more than one had by itself"
    BookingBound.objects.filter(pk=bound.pk).update(whose=Whose.HOME, n=2)
    definition_changed(Activity.objects.all())
    world.enrolment(world.child(world.kept, "Ana"), world.wednesdays, world.kept)
    world.booking(Person.objects.get(first_name="Ana"), world.first_wednesday)
    assert passed(world) == [(None, 3)]
    world.merge()
    assert Booking.objects.live().count() == 3, "nothing is cancelled for it"


def test_how_much_is_counted_of_whole_weeks_and_told_of_those_to_come(world):
    world.both_enrolled()
    bound_given(world.wednesdays, 1)
    monday, today, past = (world.opening(world.morning, date(2026, 11, day)) for day in (23, 25, 18))
    again = world.opening(world.morning, date(2026, 11, 19))
    for child, opening in ((world.ines, past), (world.twin, again), (world.ines, monday)):
        world.booking(child, opening)
    assert passed(world) == []
    world.booking(world.twin, today)
    assert passed(world) == [(world.ines.pk, 2)]


@pytest.mark.parametrize("parting", list(Parting))
def test_what_is_left_without_the_slot_that_goes_with_it_is_asked_of_an_agent(world, parting):
    """The whole day of one record takes the place of the other's morning, and the shuttle went with that."""
    world.both_enrolled()
    whole = world.slot(world.wednesdays, "Journée", "08:00", "18:00", capacity=9)
    whole.excludes.add(world.morning)
    shuttle = world.slot(world.wednesdays, "Navette", "07:00", "08:00", capacity=9, parting=parting)
    shuttle.requires.add(world.morning)
    world.booking(world.ines, world.opening(whole, WEDNESDAY))
    world.booking(world.twin, world.first_wednesday)
    seat = world.booking(world.twin, world.opening(shuttle, WEDNESDAY))
    later = world.opening(shuttle, WEDNESDAY + timedelta(days=7))
    world.booking(world.twin, later, derogation="Convenu")
    definition_changed(Activity.objects.all())
    world.merge()
    assert set(Booking.objects.live().values_list("opening__slot__name", flat=True)) == {"Journée", "Navette"}
    (case,) = Case.objects.open().filter(kind="alone")
    assert (case.subject_id, case.family_id) == (seat.pk, world.kept.family.pk)
