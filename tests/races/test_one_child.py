"""One child, two homes, one instant: it is in one place, once."""

from __future__ import annotations

from collections import Counter

import pytest

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Result
from marelle.families.models import Member
from tests.offer import LONG_AGO
from tests.races.crowd import WEDNESDAY, Parent
from tests.races.together import together
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def a_child_of_two_homes(*, same_place: bool) -> tuple[list[Opening], Parent, Parent]:
    """Openings on several Wednesdays, by pairs: what one home wants, and what the other does."""
    world = Scenario()
    martin, petit = world.home("Martin"), world.home("Petit")
    child = world.child(martin, "Lou")
    Member.objects.create(family=petit.family, person=child, kind=Member.Kind.CHILD, since=LONG_AGO)
    world.guardian(petit.adult, child, link="father")
    here = world.activity("Mercredis")
    there = here if same_place else world.activity("Judo", structure=world.structure("Dojo"))
    world.slot(here, "Matin", "08:00", "12:00", capacity=5)
    if not same_place:
        world.slot(there, "Cours", "11:00", "13:00", capacity=5)
    openings: list[Opening] = []
    last_day = WEDNESDAY.replace(day=30)
    for activity in dict.fromkeys((here, there)):
        world.rule(activity)
        openings += world.openings(activity, WEDNESDAY, last_day)
        world.enrolment(child, activity, martin)
        world.enrolment(child, activity, petit)
    return openings, Parent(martin, child, martin.actor), Parent(petit, child, petit.actor)


def test_both_homes_book_the_same_places_and_each_goes_to_one() -> None:
    openings, martin, petit = a_child_of_two_homes(same_place=True)
    calls = [parent.books(*chosen) for parent in (martin, petit) for chosen in (openings, openings[::-1])]
    answers = [answer for outcomes in together(calls) for answer in outcomes]
    counters_hold()
    assert Booking.objects.count() == len(openings)
    results = Counter(answer.result for answer in answers)
    assert results[Result.BOOKED] == len(openings)
    refused = {answer.why for answer in answers if answer.result is Result.REFUSED}
    assert refused == {Why.OTHER_HOME}


def test_two_places_at_the_same_hours_from_two_homes_and_one_wins() -> None:
    openings, martin, petit = a_child_of_two_homes(same_place=False)
    structures = sorted({opening.activity.structure_id for opening in openings})
    here, there = ([o for o in openings if o.activity.structure_id == pk] for pk in structures)
    answers = [
        answer for outcomes in together([martin.books(*here), petit.books(*there)]) for answer in outcomes
    ]
    counters_hold()
    results = Counter(answer.result for answer in answers)
    assert results == {Result.BOOKED: len(here), Result.REFUSED: len(there)}
    assert {answer.why for answer in answers if answer.result is Result.REFUSED} == {Why.ELSEWHERE}
    days = [booking.day for booking in Booking.objects.holding()]
    assert sorted(days) == sorted(opening.day for opening in here)


def test_one_home_books_while_the_other_takes_back() -> None:
    openings, martin, petit = a_child_of_two_homes(same_place=True)
    martin.books(*openings)()
    booked, left = together([petit.books(*openings), martin.cancels(*openings)])
    counters_hold()
    assert {answer.result for answer in left} == {Result.CANCELLED}
    # Petit finds each place still held by the other home, or free: one or the other, and told so.
    theirs = {answer.change.opening_id for answer in booked if answer.result is Result.BOOKED}
    assert {answer.why for answer in booked if answer.result is Result.REFUSED} <= {Why.OTHER_HOME}
    assert set(Booking.objects.holding().values_list("opening_id", flat=True)) == theirs
    assert not Booking.objects.holding().filter(family=martin.home.family).exists()
