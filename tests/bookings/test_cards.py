"""Cards of entries: each booking uses one, and what has none is refused, on the page as in the save."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.accounts.models import User
from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, Opening
from marelle.bookings.cards import Card, lacks_entry, served
from marelle.bookings.cells import Cell, CellState
from marelle.bookings.giving_cards import CardRefused, card_end, card_give, card_lines
from marelle.bookings.models import Booking, EntryCard
from marelle.bookings.planning import planning
from marelle.bookings.rules import Why
from marelle.bookings.saving.services import bookings_preview
from marelle.bookings.states import BookingState
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family
from marelle.families.refusals import HomeGone
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.models import Post
from tests.bookings.facts import DAY, LEO, MEAL, MORNING, ZOE, Ledger, activity, opening
from tests.bookings.facts import said as said_of
from tests.bookings.facts import tick as ticked
from tests.bookings.facts import untick as unticked
from tests.bookings.world import NOW, TOO_LATE, WEDNESDAY, World, made_world, said, tick, untick

DAYS = [WEDNESDAY + timedelta(days=n) for n in range(6)]
OPENINGS = [opening(n + 1, MORNING, day=day) for n, day in enumerate(DAYS)]


def card(pk: int, entries: int, first: int = 0, last: int = 5, child: int | None = None) -> Card:
    return Card(pk, entries, DAYS[first], DAYS[last], child)


def test_the_card_that_ends_first_is_used_first_and_the_child_s_own_before_the_home_s():
    booked = [(ZOE, on) for on in OPENINGS[:3]]
    assert list(served([card(1, 9), card(2, 2, last=4)], booked).values()) == [2, 2, 1]
    assert list(served([card(1, 1), card(2, 9, child=ZOE)], booked).values()) == [2, 2, 2]
    assert served([card(1, 9, child=LEO)], booked) == {}
    assert list(served([card(1, 9, first=1, last=1)], booked)) == [(ZOE, OPENINGS[1].id)]


def test_what_had_no_entry_may_stay_so_and_no_more():
    rows = [(ZOE, on) for on in OPENINGS]
    assert lacks_entry([card(1, 1)], rows[1:2], rows[:1], rows[:1])
    assert not lacks_entry([card(1, 1)], rows[1:2], [], rows[:1])
    assert not lacks_entry([], rows[2:3], rows[:1], rows[:2]), "exchanged"
    assert lacks_entry([], rows[2:4], rows[:1], rows[:2])
    assert not lacks_entry([card(1, 1)], rows[:1], rows[:1], rows[:1]), "already there"


def test_what_frees_an_entry_is_done_before_what_needs_it():
    """Matin and Repas become Journée, which leaves an entry for another day, whichever comes first."""
    ledger, of = Ledger(), activity(asks_card=True)
    morning, meal, whole = (ledger.open(slot, of=of) for slot in (MORNING, MEAL, DAY))
    *parts, other = (ledger.open(slot, of=of, day=DAYS[1]) for slot in (MORNING, MEAL, DAY))
    ledger.cards = {of.id: [card(1, 3)]}
    for on in (morning, meal, other):
        ledger.hold(ZOE, on)
    grows = [unticked(other), *(ticked(on) for on in parts)]
    shrinks = [unticked(morning), unticked(meal), ticked(whole)]
    for changes in ([*grows, *shrinks], [*shrinks, *grows]):
        assert "no_entry" not in said_of(ledger.settle(*changes)).values()


def test_what_the_other_home_has_uses_no_entry_of_this_one():
    ledger, of = Ledger(), activity(asks_card=True)
    here, there = (ledger.open(MORNING, of=of, day=day) for day in DAYS[:2])
    ledger.cards = {of.id: [card(1, 1)]}
    ledger.hold(ZOE, here, mine=False)
    assert said_of(ledger.settle(ticked(there))) == {(ZOE, there.id): "booked"}


cards = st.lists(
    st.builds(
        lambda entries, ends, child: (entries, min(ends), max(ends), child),
        st.integers(1, 3),
        st.tuples(st.integers(0, 5), st.integers(0, 5)),
        st.sampled_from([None, ZOE, LEO]),
    ),
    max_size=4,
).map(lambda rows: [card(pk, *row) for pk, row in enumerate(rows, 1)])
booked = st.lists(
    st.tuples(st.sampled_from([ZOE, LEO]), st.sampled_from(OPENINGS)),
    max_size=8,
    unique_by=lambda c: (c[0], c[1].id),
)


@given(cards, booked)
def test_no_card_serves_more_than_it_has_nor_whom_it_may_not(given_cards, rows):
    by_id = {one.id: one for one in given_cards}
    uses = served(given_cards, rows)
    for pk, one in by_id.items():
        assert sum(card_id == pk for card_id in uses.values()) <= one.entries
    for child, on in rows:
        if (child, on.id) in uses:
            used = by_id[uses[child, on.id]]
            assert used.first <= on.day <= used.last
            assert used.child_id in (None, child)
        else:
            assert all(
                sum(card_id == one.id for card_id in uses.values()) == one.entries
                for one in given_cards
                if one.serves((child, on))
            ), "an entry was left"


@pytest.fixture
def world() -> World:
    made = made_world()
    Activity.objects.filter(pk=made.activity.pk).update(asks_card=True)
    definition_changed(Activity.objects.filter(pk=made.activity.pk))
    return made


def days(world: World, *after: int) -> list[Opening]:
    slot = world.made.slot(world.activity, "Soir", "17:00", "18:00", capacity=9)
    return [world.made.opening(slot, WEDNESDAY + timedelta(days=n)) for n in after]


def office(world: World) -> Actor:
    known = User.objects.filter(identifier="bureau").first()
    return actor_for(known or world.made.staff("bureau", Role.OFFICE))


def give(world: World, entries: int, **fields) -> EntryCard:
    stay = fields.pop("enrolment", None) or Enrolment.objects.get(person=world.zoe)
    span = {"first_day": WEDNESDAY - timedelta(days=30), "last_day": WEDNESDAY + timedelta(days=60)}
    actor = fields.pop("actor", None) or office(world)
    return card_give(actor=actor, enrolment_id=stay.pk, entries=entries, now=NOW, **{**span, **fields})


def cell(world: World, on: Opening, now=NOW) -> CellState:
    found = planning(world.durand.actor, first=on.day, last=on.day, child_id=world.zoe.pk, now=now)
    (state,) = (
        one.state for rows in found.shown[0].cells.values() for one in rows if one.opening.id == on.pk
    )
    return state


def left(world: World) -> list[int]:
    found = planning(world.durand.actor, first=WEDNESDAY, last=WEDNESDAY + timedelta(days=4), now=NOW)
    return [entries for _name, entries, _last in found.left]


@pytest.mark.django_db
def test_the_page_and_the_save_say_the_same(world):
    thursday, friday = days(world, 1, 40)
    assert (cell(world, thursday).cell, cell(world, thursday).why) == (Cell.NOT_OFFERED, Why.NO_ENTRY)
    assert said(world.save(tick(world.zoe, thursday))) == ["no_entry"]
    give(world, 1)
    assert cell(world, thursday).editable
    assert left(world) == [1]
    assert said(world.save(tick(world.zoe, thursday))) == ["booked"]
    assert left(world) == [0]
    assert cell(world, friday).editable, "in exchange"
    late = TOO_LATE + timedelta(days=1)
    assert cell(world, friday, now=late).why is Why.NO_ENTRY
    assert said(bookings_preview(world.durand.actor, [tick(world.zoe, friday)], now=NOW)) == ["no_entry"]
    assert said(world.save(tick(world.zoe, friday))) == ["no_entry"]
    moved = world.save(tick(world.zoe, friday), untick(world.zoe, thursday))
    assert said(moved) == ["cancelled", "booked"]
    assert left(world) == [0]


@pytest.mark.django_db
def test_a_day_out_of_the_card_has_no_entry_and_a_wait_uses_one(world):
    thursday, friday = days(world, 1, 2)
    give(world, 9, last_day=thursday.day)
    assert said(world.save(tick(world.zoe, friday))) == ["no_entry"]
    give(world, 1, first_day=friday.day)
    friday.quotas.update(capacity=0)
    assert said(world.save(tick(world.zoe, friday, accepts_waiting=True))) == ["waiting"]
    assert Booking.objects.get(child=world.zoe).state == BookingState.WAITING
    assert left(world) == [9]


@pytest.mark.django_db
def test_what_is_left_of_a_card_that_is_over_is_not_told(world):
    days(world, 1)
    give(world, 5, last_day=NOW.date() - timedelta(days=1))
    assert left(world) == [0]
    give(world, 2, last_day=NOW.date())
    assert left(world) == [2]


@pytest.mark.django_db
def test_a_card_of_the_home_serves_a_brother_and_another_home_s_nobody(world):
    thursday, friday = days(world, 1, 2)
    leo = world.made.child(world.durand, "Léo")
    theirs = world.made.enrolment(leo, world.activity, world.durand)
    give(world, 1, enrolment=theirs)
    assert said(world.save(tick(world.zoe, thursday))) == ["no_entry"]
    give(world, 1, enrolment=theirs, whole_home=True)
    assert said(world.save(tick(world.zoe, thursday))) == ["booked"]
    assert said(world.save(tick(leo, friday))) == ["booked"]
    assert said(world.save(tick(leo, thursday))) == ["no_entry"]


@pytest.mark.django_db
def test_an_agent_passes_it_with_a_reason(world):
    (thursday,) = days(world, 1)
    (asked,) = world.save(tick(world.zoe, thursday), actor=world.agent())
    assert (asked.why, asked.needs_derogation) == (Why.NO_ENTRY, True)
    agent = actor_for(world.made.staff("accueil", Role.OFFICE), acting_for=world.durand.family.pk)
    assert said(world.save(tick(world.zoe, thursday), actor=agent, derogation="Payé")) == ["booked"]
    assert Booking.objects.get(child=world.zoe).passed == "no_entry"


@pytest.mark.django_db
def test_ending_a_card_says_what_it_leaves_and_what_it_served_is_served(world):
    before, thursday, friday = days(world, -3, 1, 2)
    row = give(world, 3)
    world.made.booking(world.zoe, before)
    world.save(tick(world.zoe, thursday), tick(world.zoe, friday))
    stay = Enrolment.objects.get(person=world.zoe)
    (line,) = card_lines(stay, now=NOW)
    assert (line.left, line.to_come, line.runs) == (0, 2, True)
    actor = office(world)
    assert card_end(actor=actor, enrolment_id=stay.pk, card_id=row.pk, now=NOW) == 2
    (line,) = card_lines(stay, now=NOW)
    assert (line.left, line.to_come, line.runs) == (2, 0, False)
    assert Booking.objects.live().count() == 3
    with pytest.raises(CardRefused):
        card_end(actor=actor, enrolment_id=stay.pk, card_id=row.pk, now=NOW)
    assert set(Entry.objects.filter(verb__startswith="card.").values_list("verb", flat=True)) == {
        "card.given",
        "card.ended",
    }


@pytest.mark.django_db
def test_who_may_give_one(world):
    stay = Enrolment.objects.get(person=world.zoe)
    elsewhere = world.made.staff("loin", Role.DIRECTOR, structure=world.made.structure("Ailleurs"))
    with pytest.raises(NotYours):
        give(world, 1, actor=actor_for(elsewhere))
    Post.objects.create(
        user=world.durand.adult.account, role=Role.OFFICE.value, authority=world.made.the_authority
    )
    with pytest.raises(OwnFile):
        give(world, 1, actor=actor_for(world.durand.adult.account))
    with pytest.raises(CardRefused):
        give(world, 1, first_day=date(2026, 9, 2), last_day=date(2026, 9, 1))
    give(world, 1)
    assert EntryCard.objects.filter(enrolment=stay).count() == 1
    director = actor_for(world.made.staff("directrice", Role.DIRECTOR))
    give(world, 1, actor=director)
    Activity.objects.filter(pk=world.activity.pk).update(decided_by="office")
    definition_changed(Activity.objects.filter(pk=world.activity.pk))
    with pytest.raises(NotYours):
        give(world, 1, actor=director)
    Family.objects.filter(pk=stay.family_id).update(erased_at=NOW)
    with pytest.raises(HomeGone):
        give(world, 1)


@pytest.mark.django_db
def test_cards_cost_a_page_two_queries_and_a_save_one(world, count_queries):
    _thursday, friday = days(world, 1, 2)
    give(world, 2)

    def reads() -> None:
        planning(world.durand.actor, first=WEDNESDAY, last=WEDNESDAY + timedelta(days=30), now=NOW)

    def saves() -> None:
        bookings_preview(world.durand.actor, [tick(world.zoe, friday)], now=NOW)

    reads()
    with count_queries() as page:
        reads()
    with count_queries() as save:
        saves()
    Activity.objects.filter(pk=world.activity.pk).update(asks_card=False)
    definition_changed(Activity.objects.filter(pk=world.activity.pk))
    reads()
    with count_queries(len(page) - 2):
        reads()
    with count_queries(len(save) - 1):
        saves()
