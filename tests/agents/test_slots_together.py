"""Slots of several activities linked on the form of one, told on its page; what then waits for an agent."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from marelle.activities.catalogue import definition_changed
from marelle.activities.kinds import Parting
from marelle.activities.models import Activity, Slot
from marelle.bookings.models import Booking
from marelle.bookings.saving.alone import KIND, alone_ask
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.core.actor import Role
from tests.agents.village import HERE, NOW, Village, seen, text

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 2)


class Shuttles(Village):
    def __init__(self) -> None:
        super().__init__()
        self.shuttles = self.activity("Navettes", years=(3, 11))
        self.shuttle = self.slot(self.shuttles, "Navette", "07:00", "08:00", capacity=5)
        self.rule(self.shuttles)

    def form(self, **typed) -> dict[str, object]:
        page = self.director.get(self.address)
        held = {"name": "Navette", "starts": "07:00", "ends": "08:00", "weekdays": ["2"], "days": "term"}
        return {**held, "order": "1", "seen": seen(page), **typed}

    @property
    def address(self) -> str:
        return f"{HERE}creneaux/{self.shuttle.pk}/"

    def held(self) -> tuple[Booking, Booking]:
        """Zoé's morning, and the shuttle that goes with it."""
        self.shuttle.requires.set([self.morning])
        definition_changed(Activity.objects.all())
        durand = self.home("Durand")
        zoe = self.child(durand, "Zoé")
        for activity in (self.wednesdays, self.shuttles):
            self.enrolment(zoe, activity, durand)
        opened = (self.opening(self.morning, DAY), self.opening(self.shuttle, DAY))
        return self.booking(zoe, opened[0]), self.booking(zoe, opened[1])


@pytest.fixture
def world():
    with time_machine.travel(NOW, tick=False):
        yield Shuttles()


def test_the_slots_of_other_activities_are_offered_by_activity_and_kept(world):
    page = text(world.director.get(world.address))
    group = page.split('name="requires"')[0].rsplit("Un enfant doit avoir aussi", 1)[1]
    assert "Mercredis" in group
    sent = world.form(requires=[str(world.morning.pk)], parting="goes")
    assert world.director.post(world.address, sent).status_code == 302
    row = Slot.objects.get(pk=world.shuttle.pk)
    assert (list(row.requires.all()), row.parting) == ([world.morning], Parting.GOES)
    told = text(world.director.get(f"{HERE}{world.shuttles.pk}/"))
    assert "se prend avec « Matin » ; annulé avec lui" in told


def test_what_cannot_be_is_said_beside_the_field_and_what_was_set_stays(world):
    world.shuttle.requires.set([world.morning])
    both = [str(world.morning.pk)]
    refused = world.director.post(world.address, world.form(requires=both, excludes=both))
    assert refused.context["form"].errors["requires"] == [
        "Un enfant ne peut pas avoir les deux le même jour\u00a0: Matin."
    ]
    wrong = world.director.post(world.address, world.form(requires=both, parting="flies"))
    assert "parting" in wrong.context["form"].errors
    far = world.slot(world.activity("Judo", structure=world.structure("Dojo")))
    assert far.name in text(world.logged("guichet", Role.OFFICE).get(world.address))
    out = world.director.post(world.address, world.form(requires=[str(far.pk)]))
    assert out.context["form"].errors["requires"] == ["Choisissez dans la liste."]
    row = Slot.objects.get(pk=world.shuttle.pk)
    assert (list(row.requires.all()), row.parting) == ([world.morning], Parting.HOLDS)


def test_a_form_that_says_nothing_of_what_becomes_of_it_leaves_it(world):
    Slot.objects.filter(pk=world.shuttle.pk).update(parting=Parting.STAYS)
    world.director.post(world.address, world.form(requires=[str(world.morning.pk)]))
    assert Slot.objects.get(pk=world.shuttle.pk).parting == Parting.STAYS


@pytest.mark.parametrize("parting", list(Parting))
def test_a_closing_tells_what_goes_along_and_what_stays(world, parting):
    Slot.objects.filter(pk=world.shuttle.pk).update(parting=parting)
    world.held()
    where = f"structure={world.the_structure.pk}&jour={DAY}&fin={DAY}&quoi=slot-{world.morning.pk}"
    told = text(world.director.get(f"/agents/fermetures/jour/?{where}"))
    goes = "1 réservation part avec (Navette)" in told
    assert goes is (parting is Parting.GOES)
    assert ("1 réservation reste sans le créneau qui va avec (Navette)" in told) is not goes


def test_the_case_says_what_is_missing_and_is_left_or_taken_back(world):
    morning, seat = world.held()
    Booking.objects.filter(pk=morning.pk).update(state=BookingState.CANCELLED)
    alone_ask([seat.pk], now=NOW)
    address = f"/agents/reservations/seules/{seat.pk}/"
    page = text(world.director.get(address))
    assert "« Matin (Mercredis) »" in page
    assert f"/agents/inscriptions/{seat.enrolment_id}/reservations/?date={DAY}" in page
    assert "Réservation seule" in text(world.director.get("/agents/"))
    world.director.post(address)
    assert Case.objects.get(kind=KIND).state == "accepted"
    again = text(world.director.post(address, follow=True))
    assert "a laissé la réservation ainsi" in again
    assert world.director.get(f"/agents/reservations/seules/{morning.pk}/").status_code == 404
