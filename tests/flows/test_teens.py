"""A child's own account: what it is shown, and what it books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine

from marelle.activities.bounds import Bound, BoundKind, Each, Reached, Unit, Whose
from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import Parting
from marelle.activities.models import Activity
from marelle.bookings.cells import Cell, CellState
from marelle.bookings.models import Booking
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState
from marelle.core.refusals import NotYours
from marelle.enrolments.models import TeenPermission
from marelle.enrolments.teens import is_over, own_access, why_not_opened
from marelle.families.models import Family, Person
from marelle.families.selectors import children, members
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.teens import (
    WITHHELD,
    _acting,
    outcome_told,
    state_told,
    teen_bookings_save,
    teen_planning,
)
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from marelle.places.models import Authority
from tests.flows.teens import PAGE, SUNDAY, TODAY, World, books, logged, restrict, text
from tests.portal.planning.cast import MONDAY, NOW, WEDNESDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        yield World()


# Rules


@pytest.mark.parametrize(
    ("birth", "ages", "why"),
    [
        (date(2015, 9, 7), {11}, None),
        (date(2015, 9, 8), {11}, "too_young"),
        (date(2015, 9, 8), {11, 10}, None),
        (date(2015, 9, 7), set(), "not_enrolled"),
        (None, {11}, "too_young"),
        (date(2008, 9, 8), {11}, None),
        (date(2008, 9, 7), {11}, "of_age"),
    ],
)
def test_from_which_age_and_until_which(birth, ages, why):
    assert why_not_opened(birth, ages, TODAY) == why


def test_who_is_of_age_keeps_it_until_its_last_enrolment_ends():
    eighteen = date(2008, 9, 7)
    assert not is_over(eighteen, enrolled=True, day=TODAY)
    assert is_over(eighteen, enrolled=False, day=TODAY)
    assert not is_over(eighteen + timedelta(days=1), enrolled=False, day=TODAY)
    assert not is_over(None, enrolled=False, day=TODAY)


@pytest.mark.parametrize("why", sorted(WITHHELD))
def test_what_tells_of_the_home_sends_to_the_parents(why):
    state = CellState(Cell.NOT_OFFERED, why=why, reason="Autre structure")
    assert state_told(state, books=True) == CellState(Cell.NOT_OFFERED, why=Why.PARENTS)
    change = Change(1, 2, seen=False, wanted=True)
    told = outcome_told(Outcome(change, Result.REFUSED, None, "", why, other="Autre", may_wait=True))
    assert (told.why, told.other, told.may_wait) == (Why.PARENTS, "", False)


def test_a_proof_and_why_an_agent_refused_are_not_told():
    assert state_told(CellState(Cell.ABSENT_JUSTIFIED), books=True) == CellState(Cell.ABSENT)
    refused = CellState(Cell.REFUSED, editable=True, reason="Dossier social")
    assert state_told(refused, books=True) == CellState(Cell.REFUSED, editable=True)


@pytest.mark.parametrize("whose", Whose)
def test_a_number_that_brothers_and_sisters_make_is_not_told(whose):
    bound = Bound(1, BoundKind.MOST, 2, Unit.DAYS, Each.WEEK, whose, TODAY)
    reached = Reached(bound, (MONDAY, SUNDAY), 4)
    state = CellState(Cell.NOT_OFFERED, why=Why.AT_MOST, reached=reached)
    told = outcome_told(Outcome(Change(1, 2, False, True), Result.REFUSED, why=Why.AT_MOST, reached=reached))
    is_own = whose is Whose.CHILD
    assert (state_told(state, books=True) == state) is is_own
    assert (told.reached is not None) is is_own


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Cell.FREE, Cell.NOT_OFFERED),
        (Cell.FULL, Cell.NOT_OFFERED),
        (Cell.BOOKED, Cell.BOOKED),
        (Cell.WAITING, Cell.WAITING),
    ],
)
def test_without_a_permission_nothing_is_to_click(cell, shown):
    state = CellState(cell, editable=True, until=NOW, rank=2)
    told = state_told(state, books=False)
    assert (told.cell, told.editable, told.until) == (shown, False, None)
    assert state_told(state, books=True) == state


# What it is shown


def test_it_is_shown_its_own_planning_alone(world):
    world.booking(world.lea, world.wednesday)
    world.booking(world.tom, world.lesson)
    access = world.of_child()
    client = logged(access.account)
    page = client.get(PAGE)
    shown = text(page)
    assert "Mon planning" in shown
    assert "Espace jeune" in shown
    assert "Réservé" in shown
    assert "Tom" not in shown
    assert "€" not in shown
    assert "Vos parents réservent et annulent." in shown
    assert 'name="c"' not in page.content.decode(), "it books nothing until it is allowed to"
    for path in (
        "/reservations/",
        "/famille/",
        f"/famille/{world.lea.pk}/",
        "/factures/",
        "/tableau-de-bord/",
    ):
        assert client.get(path).status_code == 404, path
    actor = _acting(actor_for(access.account), access)
    assert [child.id for child in children(actor, day=TODAY)] == [world.lea.pk]
    assert [row.person_id for row in members(actor, day=TODAY)] == [world.lea.pk]


def test_an_activity_shows_at_the_age_of_its_authority(world):
    Authority.objects.update(teen_age=14)
    found = teen_planning(actor_for(world.of_child().account), first=MONDAY, last=SUNDAY, now=NOW)
    assert found.planning.shown[0].columns == ()


def test_each_home_opens_its_own_and_learns_nothing_of_the_other(world):
    other = world.other_home()
    swimming = world.activity("Natation")
    world.rule(swimming)
    world.enrolment(world.lea, swimming, other)
    pool = world.opening(
        world.slot(swimming, "Bassin", "08:00", "09:00", weekdays=[2], capacity=3), WEDNESDAY
    )
    booking = world.booking(world.lea, pool)
    Booking.objects.filter(pk=booking.pk).update(family=other.family)
    here, there = world.of_child(), world.teen(other, world.lea, identifier="lea2")
    shown = text(logged(here.account).get(PAGE))
    assert "Mercredis" in shown
    assert "Natation" not in shown
    shown = text(logged(there.account).get(PAGE))
    assert "Natation" in shown
    assert "Mercredis" not in shown
    page = text(logged(other.user).get(f"/famille/{world.lea.pk}/compte/"))
    assert "lea2@jeunes.example" in page
    assert "lea@jeunes.example" not in page


def test_what_a_judge_keeps_away_shows_nothing_and_comes_back(world):
    other = world.other_home()
    world.enrolment(world.lea, world.wednesdays, other)
    there = world.teen(other, world.lea, world.wednesdays, identifier="lea2")
    here = world.of_child(world.wednesdays)
    books(there, world.wednesday)
    assert "mercredi 16 septembre" in text(logged(there.account).get("/historique/"))
    rule = restrict(world.lea, other.adult)
    assert "mercredi 16 septembre" not in text(logged(there.account).get("/historique/"))
    page = text(logged(there.account).get(PAGE))
    assert "Rien à montrer pour le moment" in page
    assert "Mercredis" not in page
    with pytest.raises(NotYours):
        books(there, world.wednesday)
    assert logged(other.user).get(f"/famille/{world.lea.pk}/compte/").status_code == 404
    assert "Mercredis" in text(logged(here.account).get(PAGE)), "the other home's goes on"
    copy = logged(there.account).post("/compte/donnees/telecharger/")
    assert "Mercredis" not in b"".join(copy.streaming_content).decode()
    rule.refused_at, rule.refused_by = NOW, "Second"
    rule.save()
    assert own_access(actor_for(there.account), day=TODAY) == there


# What it books


def test_it_books_and_cancels_where_it_is_allowed_and_is_named(world):
    access = world.of_child(world.wednesdays)
    client = logged(access.account)
    key = f"{world.lea.pk}.{world.wednesday.pk}"
    assert f'value="{key}"' in client.get(PAGE).content.decode()
    page = text(client.post(PAGE, {"seen": "", "c": key}, follow=True))
    assert "Mercredi 16 septembre · Matin · Léa" in page
    assert "Réservé" in page
    booking = Booking.objects.get()
    assert (booking.state, booking.created_by, booking.by_family) == (BookingState.BOOKED, "Léa Durand", True)
    assert "Léa Durand" in text(logged(world.durand.user).get("/historique/"))
    client.post(PAGE, {"seen": key})
    booking.refresh_from_db()
    assert (booking.state, booking.ended_by) == (BookingState.CANCELLED, "Léa Durand")
    told = text(client.get("/historique/"))
    assert "mercredi 16 septembre, Matin : annulé" in told


def test_nothing_else_is_its_own_to_save(world):
    access = world.of_child(world.wednesdays)
    hidden = world.activity("Natation")
    pool = world.opening(world.slot(hidden, "Bassin", weekdays=[2]), WEDNESDAY)
    assert books(access, pool).why is Why.UNKNOWN
    assert books(access, world.wednesday, world.tom).why is Why.UNKNOWN
    assert books(access, world.lesson).why is Why.PARENTS
    assert not Booking.objects.exists()


def test_what_ended_while_the_page_was_open_is_said(world):
    access = world.of_child(world.wednesdays)
    client, asked = logged(access.account), {"seen": "", "c": f"{world.lea.pk}.{world.wednesday.pk}"}
    TeenPermission.objects.update(ended_at=NOW, ended_by="Camille")
    page = text(client.post(PAGE, asked, follow=True))
    assert "Mercredi 16 septembre · Matin · Léa Ce n’est pas possible d’ici : voyez avec vos parents" in page
    restrict(world.lea, world.durand.adult)
    assert "Rien à montrer pour le moment" in text(client.post(PAGE, asked, follow=True))
    assert not Booking.objects.exists()


def test_an_offer_is_its_parents_to_answer(world):
    booking = world.booking(world.lea, world.wednesday)
    offered = {"state": BookingState.OFFERED, "offered_until": NOW + timedelta(days=1)}
    Booking.objects.filter(pk=booking.pk).update(**offered)
    access = world.of_child(world.wednesdays)
    change = Change(world.lea.pk, world.wednesday.pk, seen=True, wanted=False)
    (outcome,) = teen_bookings_save(actor=actor_for(access.account), changes=[change], now=NOW)
    assert (outcome.result, outcome.why) == (Result.REFUSED, Why.PARENTS)
    booking.refresh_from_db()
    assert booking.state == BookingState.OFFERED


def test_what_it_waits_for_with_its_brother_is_its_parents_to_part(world):
    waiting = {"state": BookingState.WAITING, "waits_with": 1}
    world.booking(world.lea, world.wednesday, **waiting)
    world.booking(world.tom, world.wednesday, **waiting)
    access = world.of_child(world.wednesdays)
    change = Change(world.lea.pk, world.wednesday.pk, seen=True, wanted=False)
    (outcome,) = teen_bookings_save(actor=actor_for(access.account), changes=[change], now=NOW)
    assert (outcome.result, outcome.why) == (Result.REFUSED, Why.PARENTS)
    assert Booking.objects.live().count() == 2


def test_it_opens_where_something_can_still_be_done(world):
    account, saturday = world.of_child(world.wednesdays).account, NOW + timedelta(days=5)
    with time_machine.travel(saturday, tick=False):
        client = logged(account)
        page = text(client.get("/mon-planning/"))
        assert "14 – 18 septembre 2026" in page
        assert "Cliquez sur une case blanche" in page
        page = text(client.get(f"/mon-planning/?date={saturday.date()}&vue=jour"))
    assert "Rien sur cette période" in page
    assert "Ce qui est réservé pour vous" not in page


def test_the_rules_of_the_home_are_its_own(world):
    access = world.of_child(world.wednesdays)
    past = world.opening(world.slot(world.wednesdays, "Soir", weekdays=[0], capacity=3), TODAY)
    assert books(access, past).why is Why.TOO_LATE
    change = Change(world.lea.pk, past.pk, seen=False, wanted=True)
    teen_bookings_save(
        actor=actor_for(access.account), changes=[change], derogation="Pour moi", past_capacity=True, now=NOW
    )
    assert not Booking.objects.exists()
    Family.objects.filter(pk=world.durand.family.pk).update(left_on=TODAY)
    with pytest.raises(NotYours):
        books(access, world.wednesday)


@pytest.mark.parametrize("parting", [Parting.GOES, Parting.STAYS])
def test_what_would_go_along_elsewhere_stays_whole(world, parting):
    lesson = world.lesson.slot
    lesson.requires.add(world.wednesday.slot)
    lesson.parting = parting
    lesson.save()
    definition_changed(Activity.objects.all())
    for opening in (world.wednesday, world.lesson):
        world.booking(world.lea, opening)
    access = world.of_child(world.wednesdays)
    change = Change(world.lea.pk, world.wednesday.pk, seen=True, wanted=False)
    (outcome,) = teen_bookings_save(actor=actor_for(access.account), changes=[change], now=NOW)
    assert (outcome.result, outcome.why) == (Result.REFUSED, Why.PARENTS)
    assert (outcome.opening.id, outcome.child_name) == (world.wednesday.pk, "Léa"), "it says which"
    assert Booking.objects.live().count() == 2
    assert not Entry.objects.filter(verb__startswith="booking.").exists()
    TeenPermission.objects.create(access=access, activity=world.judo, given_at=NOW, given_by="Camille")
    teen_bookings_save(actor=actor_for(access.account), changes=[change], now=NOW)
    assert Booking.objects.live().count() == (0 if parting is Parting.GOES else 1)


def told_of(mail: Message) -> str:
    return str(mail.text).replace("\u00a0", " ")


def test_the_adults_are_told_once_in_the_evening(world):
    access = world.of_child(world.wednesdays)
    books(access, world.wednesday)
    later = world.opening(world.wednesday.slot, WEDNESDAY + timedelta(days=7))
    books(access, later)
    parent = Change(world.tom.pk, world.wednesday.pk, seen=False, wanted=True)
    bookings_save(actor=world.durand.actor, changes=[parent], now=NOW)
    assert books(access, world.lesson).why is Why.PARENTS
    mails = Message.objects.filter(kind="bookings/teen_saved").exclude(state=MessageState.REVOKED)
    (mail,) = mails
    assert (mail.to, mail.not_before) == (world.durand.adult.email, NOW.replace(hour=19))
    told = told_of(mail)
    for day in ("16", "23"):
        assert told.count(f"mercredi {day} septembre, Matin : réservé") == 1
    assert list(mail.about) == [world.lea.pk], "a judge's restriction takes it back"
    night = NOW.replace(hour=20)
    change = Change(world.lea.pk, later.pk, seen=True, wanted=False)
    teen_bookings_save(actor=actor_for(access.account), changes=[change], now=night)
    first, second = mails.order_by("not_before")
    assert (first, second.not_before) == (mail, mail.not_before + timedelta(days=1))
    assert "16 septembre" not in second.text
    books(access, later, now=second.not_before)
    assert "23 septembre, Matin : réservé" in told_of(mails.latest("not_before"))
    Person.objects.filter(pk=world.durand.adult.pk).update(email="")
    Message.objects.all().delete()
    books(access, later)
    assert not Message.objects.exists(), "no letter for that"


@pytest.mark.parametrize(
    "data",
    [
        {"c": "x"},
        {"c": "9" * 40},
        {"c": f"1.{'9' * 18}"},
        {"seen": "a\0b", "c": "1.1"},
        {"attente": "1.1"},
        {"h-1.1-a": "25:00", "h-1.1-d": "<i>"},
    ],
)
def test_what_makes_no_sense_books_nothing(world, data):
    client = logged(world.of_child(world.wednesdays).account)
    assert client.post("/mon-planning/?date=hier&vue=siècle", data, follow=True).status_code == 200
    assert not Booking.objects.exists()
