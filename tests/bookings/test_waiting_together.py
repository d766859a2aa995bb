"""What a home waits for together, and of which one is enough: said, given, passed, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.activities.models import Opening
from marelle.bookings.models import Booking, Passing
from marelle.bookings.offers.cases import offer_cases_follow
from marelle.bookings.offers.services import offer_accept, offer_decline, offers_expire, place_offer
from marelle.bookings.offers.undoing import place_undo
from marelle.bookings.refusals import OfferImpossible, WaitingRefused
from marelle.bookings.saving.room import with_room
from marelle.bookings.saving.services import bookings_save, waiting_served
from marelle.bookings.states import BookingState
from marelle.bookings.waiting.joining import (
    waiting_apart,
    waiting_for_one,
    waiting_leave,
    waiting_together,
    waits_of,
)
from marelle.bookings.waiting.moves import waiting_place, waiting_remove
from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.refusals import NotYours
from marelle.families.models import Guardianship, Person
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Structure
from tests.bookings.world import (
    NOW,
    TOO_LATE,
    WEDNESDAY,
    assert_counters_equal_bookings,
    said,
    tick,
    untick,
)
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db


@dataclass
class Hut:
    """Two activities of two places each, in two structures: `here` on a Wednesday, `there` on the next one.
    Two children of one home wait, then one of another; both places here are taken.
    """

    made: Scenario
    here: Opening
    there: Opening
    same_time: Opening
    home: Home
    lea: Person
    tom: Person
    other: Home
    zoe: Person
    holders: list[tuple[Home, Person]]

    def waits(self, child: Person, on: Opening, days: int) -> Booking:
        queued = NOW - timedelta(days=days)
        return self.made.booking(child, on, state=BookingState.WAITING, queued_at=queued)

    def leaves(self, number: int, on: Opening) -> None:
        home, child = self.holders[number]
        bookings_save(actor=home.actor, changes=[untick(child, on)], now=NOW)

    def freed(self, on: Opening, places: int) -> None:
        """So many come free, and nobody has been given them."""
        held = Booking.objects.filter(opening=on, child__in=[child for _home, child in self.holders[:places]])
        held.update(state=BookingState.CANCELLED)
        on.quotas.update(taken=2 - places)


@pytest.fixture
def hut() -> Hut:
    made = Scenario()
    elsewhere = made.structure("Ludothèque")
    activities = [made.activity("Mercredis"), made.activity("Jeux", structure=elsewhere)]
    openings = []
    for activity in activities:
        made.slot(activity, capacity=2)
        made.rule(activity)
        openings += made.openings(activity, WEDNESDAY, WEDNESDAY + timedelta(days=7))
    here, _later, same_time, there = openings
    home, other = made.home("Martin"), made.home("Petit")
    kids = [made.child(home, "Léa"), made.child(home, "Tom"), made.child(other, "Zoé")]
    holders = []
    for number in range(2):
        holder = made.home(f"Autre{number}")
        holders.append((holder, made.child(holder, f"Ana{number}")))
    for child, whose in [*zip(kids, (home, home, other), strict=True), *((c, h) for h, c in holders)]:
        for activity in activities:
            made.enrolment(child, activity, whose)
    for _home, child in holders:
        made.booking(child, here)
    return Hut(made, here, there, same_time, home, *kids[:2], other, kids[2], holders)


def states(*rows: Booking) -> list[str]:
    return [Booking.objects.get(pk=row.pk).state for row in rows]


def together(hut: Hut, *rows: Booking, actor: Actor | None = None) -> None:
    waiting_together(actor=actor or hut.home.actor, booking_ids=[row.pk for row in rows], now=NOW)


@pytest.fixture
def pair(hut):
    rows = hut.waits(hut.lea, hut.here, 3), hut.waits(hut.tom, hut.here, 2)
    together(hut, *rows)
    return rows


def test_one_place_goes_past_two_who_keep_their_rank_and_read_why(hut, pair):
    alone = hut.waits(hut.zoe, hut.here, 1)
    hut.leaves(0, hut.here)
    assert states(*pair, alone) == ["waiting", "waiting", "booked"]
    passed = Passing.objects.order_by("booking_id")
    assert [(one.booking_id, one.needed, one.left, one.at) for one in passed] == [
        (row.pk, 2, 1, NOW) for row in pair
    ]
    (unit,) = waits_of(hut.home.actor, now=NOW)
    assert [(one.rank, one.short.needed, one.short.left) for one in unit.waited] == [(1, 2, 1), (2, 2, 1)]
    hut.leaves(1, hut.here)
    assert states(*pair) == ["waiting"] * 2
    assert with_room(NOW) == [], "room for one is none for two: no worker holds locks for it"
    bookings_save(actor=hut.other.actor, changes=[untick(hut.zoe, hut.here)], now=NOW)
    assert states(*pair) == ["booked"] * 2
    given = Message.objects.filter(kind="bookings/place_given", family_id=hut.home.family.pk)
    assert sorted("Léa" in mail.text for mail in given) == [False, True]
    assert_counters_equal_bookings()


def test_who_asks_past_two_for_whom_there_is_no_room_makes_them_passed(hut, pair):
    hut.freed(hut.here, 1)
    (answer,) = bookings_save(actor=hut.other.actor, changes=[tick(hut.zoe, hut.here)], now=NOW)
    assert said((answer,)) == ["booked"]
    assert Passing.objects.filter(booking__in=pair, needed=2, left=1).count() == 2


def test_they_wait_from_when_the_last_was_asked(hut):
    early, late = hut.waits(hut.lea, hut.here, 3), hut.waits(hut.tom, hut.here, 1)
    between = hut.waits(hut.zoe, hut.here, 2)
    together(hut, early, late)
    assert set(Booking.objects.filter(pk__in=[early.pk, late.pk]).values_list("queued_at", flat=True)) == {
        NOW - timedelta(days=1)
    }
    assert [row.pk for row in Booking.objects.waiting()] == [between.pk, early.pk, late.pk]
    assert set(
        Entry.objects.filter(verb="booking.waits_together").values_list("subject_label", flat=True)
    ) == {
        "Léa",
        "Tom",
    }


def test_part_of_it_is_not_taken_back_alone_all_of_it_is(hut, pair):
    (answer,) = bookings_save(actor=hut.home.actor, changes=[untick(hut.lea, hut.here)], now=NOW)
    assert said((answer,)) == ["together"]
    assert states(*pair) == ["waiting"] * 2
    changes = [untick(hut.lea, hut.here), untick(hut.tom, hut.here)]
    assert said(bookings_save(actor=hut.home.actor, changes=changes, now=NOW)) == ["left_queue"] * 2


def test_part_of_it_is_not_booked_alone(hut, pair):
    hut.freed(hut.here, 1)
    assert said(bookings_save(actor=hut.home.actor, changes=[tick(hut.lea, hut.here)], now=NOW)) == [
        "together"
    ]


def test_apart_again_each_is_given_what_is_free(hut, pair, django_capture_on_commit_callbacks):
    hut.leaves(0, hut.here)
    assert states(*pair) == ["waiting"] * 2
    with django_capture_on_commit_callbacks(execute=True):
        waiting_apart(actor=hut.home.actor, booking_id=pair[1].pk, now=NOW)
    assert states(*pair) == ["booked", "waiting"]


def test_they_leave_the_list_together(hut, pair):
    waiting_leave(actor=hut.home.actor, booking_id=pair[0].pk, now=NOW)
    assert states(*pair) == ["cancelled"] * 2


def test_what_is_said_of_others_or_makes_no_sense_is_refused_and_nothing_changes(hut):
    lea, tom = hut.waits(hut.lea, hut.here, 3), hut.waits(hut.tom, hut.here, 2)
    zoe, elsewhere = hut.waits(hut.zoe, hut.here, 1), hut.waits(hut.lea, hut.same_time, 1)
    with pytest.raises(NotYours):
        together(hut, lea, zoe)
    with pytest.raises(WaitingRefused, match="join_two"):
        together(hut, lea)
    with pytest.raises(WaitingRefused, match="join_clash"):
        together(hut, lea, elsewhere)
    with pytest.raises(WaitingRefused, match="same_children"):
        waiting_for_one(actor=hut.home.actor, order={lea.pk: 1, tom.pk: 2}, now=NOW)
    with pytest.raises(WaitingRefused, match="same_rank"):
        waiting_for_one(actor=hut.home.actor, order={lea.pk: 1, elsewhere.pk: 1}, now=NOW)
    Booking.objects.filter(pk=tom.pk).update(priority=1)
    with pytest.raises(WaitingRefused, match="join_order"):
        together(hut, lea, tom)
    assert not Booking.objects.exclude(waits_with=None, one_of=None).exists()


@pytest.fixture
def choice(hut):
    """Léa waits for both, the other activity first; both are full."""
    here, there = hut.waits(hut.lea, hut.here, 3), hut.waits(hut.lea, hut.there, 2)
    for _home, child in hut.holders:
        hut.made.booking(child, hut.there)
    waiting_for_one(actor=hut.home.actor, order={there.pk: 1, here.pk: 2}, now=NOW)
    return there, here


def test_of_those_of_which_one_is_enough_the_first_given_ends_the_others(hut, choice):
    hut.leaves(0, hut.here)
    assert states(*choice) == ["cancelled", "booked"]
    gone = Booking.objects.get(pk=choice[0].pk)
    assert (gone.end_cause, gone.ended_by) == ("one_enough", SYSTEM.label), "nothing of who freed it"
    assert_counters_equal_bookings()


def test_where_both_come_free_at_once_it_is_the_preferred_one(hut, choice):
    home, child = hut.holders[0]
    bookings_save(actor=home.actor, changes=[untick(child, hut.here), untick(child, hut.there)], now=NOW)
    assert states(*choice) == ["booked", "cancelled"]


@pytest.fixture
def offered(hut, choice):
    """The second choice is offered, and then a place of the first comes free."""
    agent = actor_for(hut.made.staff("direction", Role.DIRECTOR))
    hut.freed(hut.here, 1)
    place_offer(actor=agent, opening_id=hut.here.pk, until=TOO_LATE + timedelta(hours=3), now=TOO_LATE)
    hut.freed(hut.there, 1)
    return choice


def test_while_one_is_offered_the_others_sleep_and_wake_when_it_is_left(hut, offered):
    assert with_room(TOO_LATE) == []
    assert waiting_served(now=TOO_LATE) == 0
    assert states(*offered) == ["waiting", "offered"]
    with pytest.raises(WaitingRefused, match="answer_first"):
        waiting_apart(actor=hut.home.actor, booking_id=offered[0].pk, now=TOO_LATE)
    offer_decline(actor=hut.home.actor, booking_id=offered[1].pk, now=TOO_LATE)
    assert waiting_served(now=TOO_LATE) == 1
    assert states(*offered) == ["booked", "cancelled"]


def test_an_offer_that_is_accepted_ends_the_others_better_ones_too(hut, offered):
    offer_accept(actor=hut.home.actor, booking_id=offered[1].pk, now=TOO_LATE)
    assert states(*offered) == ["cancelled", "booked"]
    assert waiting_served(now=TOO_LATE) == 0


def test_a_place_given_and_taken_back_within_its_minute_puts_all_choices_back(hut, choice):
    office = actor_for(hut.made.staff("guichet", Role.OFFICE))
    hut.freed(hut.here, 1)
    offer_cases_follow(now=TOO_LATE)
    waiting_place(actor=office, booking_id=choice[1].pk, derogation="", now=TOO_LATE)
    assert states(*choice) == ["cancelled", "booked"]
    place_undo(actor=office, opening_id=hut.here.pk, decided_at=TOO_LATE, now=TOO_LATE)
    assert states(*choice) == ["waiting", "waiting"]


def test_what_is_of_two_authorities_or_of_a_child_for_whom_one_does_not_book_is_not_joined(hut):
    lea, tom = hut.waits(hut.lea, hut.here, 3), hut.waits(hut.tom, hut.there, 2)
    Guardianship.objects.filter(child=hut.tom).update(may_book=False)
    with pytest.raises(WaitingRefused, match="not_all_yours"):
        together(hut, lea, tom)
    Guardianship.objects.filter(child=hut.tom).update(may_book=True)
    town = hut.made.authority("Ville")
    Structure.objects.filter(pk=hut.there.activity.structure_id).update(authority=town)
    with pytest.raises(WaitingRefused, match="join_authorities"):
        together(hut, lea, tom)


def test_an_offer_to_two_is_one_offer(hut, pair):
    agent = actor_for(hut.made.staff("direction", Role.DIRECTOR))
    hut.freed(hut.here, 2)
    until = TOO_LATE + timedelta(hours=3)
    waiter = place_offer(actor=agent, opening_id=hut.here.pk, until=until, now=TOO_LATE)
    assert waiter.child_name == "Léa et Tom"
    assert Message.objects.filter(kind="bookings/place_offered").count() == 2
    offer_accept(actor=hut.home.actor, booking_id=pair[1].pk, now=TOO_LATE)
    assert states(*pair) == ["booked"] * 2
    with pytest.raises(OfferImpossible):
        offer_decline(actor=hut.home.actor, booking_id=pair[0].pk, now=TOO_LATE)


def test_an_offer_to_two_that_nobody_answers_ends_for_both(hut, pair):
    agent = actor_for(hut.made.staff("direction", Role.DIRECTOR))
    hut.freed(hut.here, 2)
    place_offer(actor=agent, opening_id=hut.here.pk, until=TOO_LATE + timedelta(hours=1), now=TOO_LATE)
    assert offers_expire(now=TOO_LATE + timedelta(hours=2)) == 2
    assert states(*pair) == ["cancelled"] * 2
    assert_counters_equal_bookings()


def test_an_agent_gives_a_group_its_places_takes_that_back_or_takes_it_off_the_list(hut, pair):
    agent = actor_for(hut.made.staff("guichet", Role.OFFICE))
    placed = waiting_place(
        actor=agent, booking_id=pair[0].pk, derogation="fratrie", past_capacity=True, now=NOW
    )
    assert set(placed.booking_ids) == {row.pk for row in pair}
    assert states(*pair) == ["booked"] * 2
    assert_counters_equal_bookings()
    Booking.objects.filter(pk__in=[row.pk for row in pair]).update(state="waiting")
    hut.here.quotas.update(taken=2, overdraft=0)
    waiting_remove(actor=agent, booking_id=pair[1].pk, reason="doublon", now=NOW)
    assert states(*pair) == ["refused"] * 2


def test_a_group_that_was_offered_and_taken_back_waits_as_before(hut, pair):
    agent = actor_for(hut.made.staff("direction", Role.DIRECTOR))
    hut.freed(hut.here, 2)
    offer_cases_follow(now=TOO_LATE)
    place_offer(actor=agent, opening_id=hut.here.pk, until=TOO_LATE + timedelta(hours=3), now=TOO_LATE)
    place_undo(actor=agent, opening_id=hut.here.pk, decided_at=TOO_LATE, now=TOO_LATE)
    assert states(*pair) == ["waiting"] * 2
    assert_counters_equal_bookings()


def test_two_places_offered_in_two_structures_are_taken_back_together(hut):
    rows = hut.waits(hut.lea, hut.here, 3), hut.waits(hut.tom, hut.there, 2)
    together(hut, *rows)
    hut.freed(hut.here, 1)
    office = actor_for(hut.made.staff("guichet", Role.OFFICE))
    offer_cases_follow(now=TOO_LATE)
    until = TOO_LATE + timedelta(hours=3)
    place_offer(actor=office, opening_id=hut.here.pk, until=until, now=TOO_LATE)
    assert states(*rows) == ["offered"] * 2
    place_undo(actor=office, opening_id=hut.here.pk, decided_at=TOO_LATE, now=TOO_LATE)
    assert states(*rows) == ["waiting"] * 2
    assert_counters_equal_bookings()


def test_a_director_gives_nothing_where_it_does_not_answer(hut):
    """Léa waits here and Tom elsewhere, together: who answers for one alone neither offers nor gives it."""
    rows = hut.waits(hut.lea, hut.here, 3), hut.waits(hut.tom, hut.there, 2)
    together(hut, *rows)
    hut.freed(hut.here, 1)
    director = actor_for(hut.made.staff("direction", Role.DIRECTOR))
    until = TOO_LATE + timedelta(hours=3)
    with pytest.raises(WaitingRefused, match="elsewhere_too"):
        waiting_place(actor=director, booking_id=rows[0].pk, derogation="x", past_capacity=True, now=NOW)
    with pytest.raises(WaitingRefused, match="elsewhere_too"):
        waiting_remove(actor=director, booking_id=rows[0].pk, reason="x", now=NOW)
    with pytest.raises(OfferImpossible, match="elsewhere_too"):
        place_offer(actor=director, opening_id=hut.here.pk, until=until, now=TOO_LATE)
    assert states(*rows) == ["waiting"] * 2


def test_what_is_offered_to_two_passes_nobody_in_either_list(hut):
    """Zoé waits for the only place elsewhere before the two do."""
    zoe = hut.waits(hut.zoe, hut.there, 9)
    rows = hut.waits(hut.lea, hut.here, 3), hut.waits(hut.tom, hut.there, 2)
    together(hut, *rows)
    hut.freed(hut.here, 1)
    hut.there.quotas.update(capacity=1)
    office = actor_for(hut.made.staff("guichet", Role.OFFICE))
    with pytest.raises(OfferImpossible, match="nobody_waits"):
        place_offer(actor=office, opening_id=hut.here.pk, until=TOO_LATE + timedelta(hours=3), now=TOO_LATE)
    assert states(zoe, *rows) == ["waiting"] * 3


def queries_of(actor: Actor, child: Person, on: Opening) -> int:
    with CaptureQueriesContext(connection) as found:
        bookings_save(actor=actor, changes=[untick(child, on)], now=NOW)
    return len(found)


def test_a_choice_costs_two_queries_of_the_save_that_serves_it_and_who_has_none_pays_none(hut, choice):
    """The counts of who uses none of it are those of `test_services`, which have not moved."""
    noe = hut.made.child(hut.other, "Noé")
    hut.made.enrolment(noe, hut.here.activity, hut.other)
    hut.waits(hut.zoe, hut.here, 9)
    hut.waits(noe, hut.here, 1)
    (first, ana), (second, mia) = hut.holders
    queries_of(first.actor, ana, hut.here)
    with_a_choice = queries_of(second.actor, mia, hut.here)
    alone = queries_of(hut.other.actor, hut.zoe, hut.here)
    assert states(choice[1]) == ["booked"]
    assert noe.bookings.get().state == "booked"
    assert with_a_choice - alone == 2, "the others of the choice are read, and end"
