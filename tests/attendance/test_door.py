"""What is read at the door: who is expected, where each child stands, what its team must know."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from marelle.activities.models import Activity
from marelle.attendance.desk import tick_settle
from marelle.attendance.outcomes import OutcomeCode
from marelle.bookings.models import Absence
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor, Role
from marelle.enrolments.models import Enrolment
from marelle.families.models import (
    Consent,
    ConsentType,
    Guardianship,
    HealthSheet,
    PickupBan,
    PickupContact,
    PickupPermission,
)
from marelle.flows.actor.actors import actor_for
from marelle.flows.door.expected import Door as Shown
from marelle.flows.door.expected import DoorRow, door_of
from marelle.journal.models import Entry
from tests.attendance.door import DAY, EIGHT, Door, call_close, made_door, tick_of
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(made_door)


@pytest.fixture
def door(built, db) -> Door:
    return deepcopy(built)


def shown(door: Door, actor: Actor | None = None, day: date = DAY, **chosen: Any) -> Shown | None:
    actor = actor or actor_for(door.animator)
    return door_of(actor, door.structure_id, day, now=door.now, **chosen)


def rows(door: Door, actor: Actor | None = None, **chosen: Any) -> dict[str, DoorRow]:
    found = shown(door, actor, **chosen)
    assert found
    return {row.first_name: row for row in found.rows}


def test_who_is_expected_and_where_each_stands(door: Door) -> None:
    Activity.objects.update(asks_times=True)
    door.made.booking(door.tom, door.midday)
    absent = door.made.child(door.durand, "Ana")
    door.made.enrolment(absent, door.morning.activity, door.durand)
    booking = door.made.booking(absent, door.morning)
    Absence.objects.create(booking=booking, declared_at=EIGHT, declared_by="Camille")
    door.sends(door.raw("arrived", door.zoe), door.raw("present", door.lea))
    by = {"actor": actor_for(door.animator), "structure_id": door.structure_id}
    call_close(**by, opening_id=door.morning.pk, now=door.now)
    found = shown(door)
    assert found
    assert [(one.slot, one.asks_times, bool(one.call)) for one in found.openings] == [
        ("Matin", True, True),
        ("Repas", True, False),
    ]
    mine = {row.first_name: row for row in found.rows}
    assert list(mine) == ["Ana", "Léa", "Tom", "Zoé"]
    assert mine["Zoé"].initials == "ZD"
    (slot,) = mine["Zoé"].slots
    assert slot.seen
    assert (slot.state, slot.seen.arrived_at, slot.seen.noted_by) == (BookingState.BOOKED, EIGHT, "Anim")
    assert [(one.state, bool(one.seen)) for one in mine["Léa"].slots] == [(None, True)]
    assert [one.opening_id for one in mine["Tom"].slots] == [door.morning.pk, door.midday.pk]
    assert [one.declared for one in mine["Ana"].slots] == [True]
    assert (found.may_tick, found.sees_care) == (True, True)


def test_a_group_and_an_activity_are_chosen(door: Door) -> None:
    other = door.made.activity("Ateliers")
    group, elders = (
        door.made.group(other, name, years) for name, years in (("3–5", (3, 5)), ("6–8", (6, 8)))
    )
    slot = door.made.slot(other, "Atelier", "14:00", "16:00")
    for one, child in ((group, door.zoe), (elders, door.tom)):
        door.made.enrolment(child, other, door.durand)
        door.made.booking(child, door.made.opening(slot, DAY, group=one))
    assert set(rows(door)) == {"Zoé", "Tom"}
    assert [row.group for row in rows(door, activity_id=other.pk).values()] == ["6–8", "3–5"]
    assert set(rows(door, activity_id=other.pk, group_id=group.pk)) == {"Zoé"}


def test_the_team_reads_what_it_must_know_and_it_is_written_down_once(door: Door) -> None:
    HealthSheet.objects.create(
        child=door.zoe, allergies="Arachide", is_severe=True, updated_at=EIGHT, updated_by="Camille"
    )
    child = {"child": door.zoe, "family": door.durand.family}
    PickupContact.objects.create(
        **child, name="Mamie Rose", link="grand-mère", phone="0102030405", may_fetch=True,
        may_be_called=True, order=1,
    )  # fmt: skip
    PickupPermission.objects.create(
        **child, day=DAY, name="Voisin Paul", phone="0102030405", given_at=EIGHT, given_by="Camille"
    )
    PickupBan.objects.create(
        child=door.zoe, name="Voisin Paul", reason="Jugement", since=DAY, set_at=EIGHT, set_by="x"
    )
    alone = ConsentType.objects.create(
        authority=door.made.the_authority, code="alone", label="Rentrer seul", needs_hour=True
    )
    Consent.objects.create(
        **child, type=alone, school_year=2026, given=True, from_hour=time(17), answered_by="x",
        answered_at=EIGHT,
    )  # fmt: skip
    safety = rows(door)["Zoé"].safety
    assert safety
    assert (safety.allergies, safety.is_severe, safety.leaves_alone) == ("Arachide", True, time(17))
    assert [(one.name, one.for_the_day, one.is_banned) for one in safety.fetchers] == [
        (str(door.durand.adult), False, False),
        ("Voisin Paul", True, True),
        ("Mamie Rose", False, False),
    ]
    assert len({one.key for one in safety.fetchers}) == 3
    assert Entry.objects.filter(verb="health.listed").count() == 1
    rows(door, notes=False)
    office = actor_for(door.made.staff("guichet", Role.OFFICE))
    assert rows(door, office)["Zoé"].safety is None
    assert Entry.objects.filter(verb="health.listed").count() == 1


def test_who_stands_at_which_door_and_on_which_day(door: Door) -> None:
    animator = actor_for(door.animator)
    elsewhere = door.made.staff("autre", Role.ANIMATOR, structure=door.made.structure("Ailleurs"))
    days = [DAY + timedelta(days=offset) for offset in (-1, 0, 1, 2)]
    assert [bool(shown(door, animator, day)) for day in days] == [False, True, True, False]
    assert [bool(shown(door, door.director, day)) for day in days] == [True] * 4
    for actor in (actor_for(elsewhere), door.durand.actor):
        assert shown(door, actor) is None
    told = [found.may_tick for day in days if (found := shown(door, door.director, day))]
    assert told == [True, True, False, False]


def test_who_may_come_though_not_expected_is_known_as_well_as_who_is(door: Door) -> None:
    gone = door.made.child(door.durand, "Léandre")
    door.made.enrolment(gone, door.morning.activity, door.durand, ends_on=DAY - timedelta(days=1))
    door.made.child(door.durand, "Léana")

    HealthSheet.objects.create(child=door.lea, allergies="Arachide", updated_at=EIGHT)
    found = shown(door, enrolled=True)
    assert found
    known = {one.first_name: one.safety for one in found.enrolled}
    assert list(known) == ["Léa", "Tom", "Zoé"]
    assert known["Léa"]
    assert known["Léa"].allergies == "Arachide"
    office = shown(door, actor_for(door.made.staff("guichet", Role.OFFICE)), enrolled=True)
    assert office
    assert [one.safety for one in office.enrolled] == [None] * 3
    tomorrow = shown(door, day=DAY + timedelta(days=1), enrolled=True)
    assert tomorrow
    assert tomorrow.enrolled == ()
    parent = replace(actor_for(door.animator), person_id=door.durand.adult.pk)
    mine = shown(door, parent, enrolled=True)
    assert mine
    (safety,) = (one.safety for one in mine.enrolled if one.first_name == "Léa")
    assert safety
    assert (safety.allergies, safety.fetchers) == ("Arachide", ())


def test_the_door_costs_the_same_whatever_its_children(door: Door, django_assert_num_queries: Any) -> None:
    animator = actor_for(door.animator)
    door.sends(door.raw("present", door.lea))
    with django_assert_num_queries(QUERIES + 1):
        rows(door, animator, enrolled=True)
    for letter in "abcdef":
        child = door.made.child(door.durand, f"Enfant {letter}")
        door.made.enrolment(child, door.morning.activity, door.durand)
        door.made.booking(child, door.morning)
        Guardianship.objects.filter(child=child).update(may_fetch=True)
    door.sends(*(door.raw("present", child) for child in (door.zoe, door.tom)))
    with django_assert_num_queries(QUERIES):
        assert len(rows(door, animator)) == 9
    with django_assert_num_queries(QUERIES + 1):
        rows(door, animator, enrolled=True)


QUERIES = 13


def test_a_child_kept_without_enrolment_shows_its_signs_too(door: Door) -> None:
    HealthSheet.objects.create(child=door.lea, allergies="Arachide", updated_at=EIGHT)
    Enrolment.objects.filter(person=door.lea).update(ends_on=DAY - timedelta(days=1))
    raw = door.raw("present", door.lea)
    assert door.sends(raw) == [OutcomeCode.NOT_ENROLLED]
    assert "Léa" not in rows(door)
    tick_settle(actor=door.director, tick_id=tick_of(raw).pk, keep=True, now=door.now)
    known = rows(door)["Léa"].safety
    assert known
    assert known.allergies == "Arachide"
