"""A day opened by hand: made once, booked at once, left alone by generating; what a closing closed is not."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.activities.exceptional import NotOpened, day_open, slots_of_day
from marelle.activities.models import Opening, Quota
from marelle.activities.services import openings_generate
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.saving.services import bookings_save
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import No
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import Target
from marelle.journal.models import Entry
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)
SATURDAY, WEDNESDAY = date(2026, 12, 5), date(2026, 12, 2)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.wednesdays = self.activity("Mercredis")
        self.slot_of = self.slot(self.wednesdays, "Matin", capacity=2)
        self.rule(self.wednesdays)
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.account = self.staff("direction", Role.DIRECTOR)
        self.director = actor_for(self.account)

    def opens(self, **changed) -> list[Opening]:
        asked = {
            "actor": self.director,
            "structure_id": self.the_structure.pk,
            "day": SATURDAY,
            "slot_ids": [self.slot_of.pk],
            "now": NOW,
        }
        return day_open(**{**asked, **changed})


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_it_has_its_places_is_booked_and_stays(world):
    (opening,) = world.opens()
    assert Quota.objects.get(openings=opening).capacity == 2
    change = Change(world.zoe.pk, opening.pk, seen=False, wanted=True)
    (outcome,) = bookings_save(actor=world.durand.actor, changes=[change], now=NOW)
    assert outcome.result == Result.BOOKED
    openings_generate(actor=SYSTEM, activity_id=world.wednesdays.pk, booked=(), from_day=WEDNESDAY, now=NOW)
    assert Opening.objects.filter(pk=opening.pk, state="open").exists()
    assert Entry.objects.get(verb="opening.added").actor_label == world.director.label


def test_an_opening_that_has_a_title_is_not_made_twice(world):
    kept = world.opening(world.slot_of, SATURDAY, title="Sortie à la ferme", state=Opening.State.CLOSED)
    assert world.opens() == [kept]
    assert [one.is_open for one in slots_of_day(world.director, world.the_structure.pk, SATURDAY)] == [True]
    with pytest.raises(NotOpened) as refused:
        world.opens()
    assert refused.value.code == "already_open"
    assert Opening.objects.get(day=SATURDAY) == kept


def test_one_for_each_group(world):
    groups = [world.group(world.wednesdays, name, (3, 5)) for name in ("Petits", "Grands")]
    assert {row.group_id for row in world.opens()} == {group.pk for group in groups}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"day": date(2026, 11, 24)}, "past_day"),
        ({"day": date(2026, 11, 25)}, "already_open"),
        ({"day": date(2027, 9, 4)}, "not_yours"),
        ({"slot_ids": []}, "no_slot"),
        ({"slot_ids": [999_999]}, "not_yours"),
        ({"structure_id": 999_999}, "not_yours"),
    ],
)
def test_what_cannot_be_opened(world, changed, code):
    with pytest.raises(No) as refused:
        world.opens(**changed)
    assert refused.value.code == code
    assert not Opening.objects.exists()


def test_twice_is_once_and_a_closing_is_undone_not_passed_over(world):
    world.opens()
    closing_make(
        actor=world.director,
        target=Target(world.the_structure.pk, SATURDAY, SATURDAY),
        reason="Neige",
        now=NOW,
    )
    with pytest.raises(NotOpened) as refused:
        world.opens()
    assert refused.value.code == "already_open"
    assert Opening.objects.get().state == Opening.State.CLOSED


def test_what_was_closed_by_itself_opens_again(world):
    opening = world.opening(world.slot_of, WEDNESDAY, state="closed", reason="Grève")
    assert [row.pk for row in world.opens(day=WEDNESDAY)] == [opening.pk]
    opening.refresh_from_db()
    assert (opening.state, opening.reason, opening.hand_edited) == ("open", "", True)


def test_the_page(world, client):
    client.force_login(world.account)
    world.opening(world.slot_of, WEDNESDAY)
    page = f"/agents/fermetures/ouvrir/?structure={world.the_structure.pk}&jour={SATURDAY}"
    assert "Matin, 8\u00a0h – 12\u00a0h" in client.get(page).content.decode()
    assert "Cochez au moins un créneau" in client.post(page).content.decode()
    done = client.post(page, {"creneau": [world.slot_of.pk]}, follow=True)
    assert "1 créneau de plus" in done.content.decode()
    assert "déjà ouvert" in client.get(page).content.decode()
    elsewhere = Client()
    elsewhere.force_login(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    assert "Choisissez dans la liste." in elsewhere.get(page).content.decode()
