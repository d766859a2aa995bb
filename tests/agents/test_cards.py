"""« Cartes d’entrées » on the page of an enrolment: given, read, ended; and what makes no sense."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity
from marelle.bookings.models import EntryCard
from tests.agents.village import NOW, Village, text

pytestmark = pytest.mark.django_db

TYPED = {"entries": "10", "first_day": "2026-12-01", "last_day": "2027-03-31", "note": "payée en mairie"}


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    made = Village()
    Activity.objects.filter(pk=made.wednesdays.pk).update(asks_card=True)
    definition_changed(Activity.objects.filter(pk=made.wednesdays.pk))
    made.petit = made.home("Petit", "Sacha")
    made.zoe = made.child(made.petit, "Zoé")
    made.stay = made.enrolment(made.zoe, made.wednesdays, made.petit)
    made.here = f"/agents/inscriptions/{made.stay.pk}/cartes/"
    return made


def test_a_card_is_given_read_and_ended_with_what_it_leaves(world):
    assert "Aucune carte" in text(world.director.get(world.here))
    told = text(world.director.post(world.here, TYPED | {"whole_home": "on"}, follow=True))
    assert "10 entrées sur 10 · tout le foyer · payée en mairie" in told
    world.booking(world.zoe, world.opening(world.morning, date(2026, 12, 2)))
    assert "9 entrées sur 10" in text(world.director.get(world.here))
    end = f"{world.here}{EntryCard.objects.get().pk}/terminer/"
    told = text(world.director.post(end, follow=True))
    assert "1 réservation à venir n’a plus d’entrée" in told
    assert "terminée" in told
    assert "déjà terminée" in text(world.director.post(end, follow=True))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"entries": "0"}, "1"),
        ({"entries": "1000"}, "999"),
        ({"entries": "dix"}, "nombre"),
        ({"first_day": ""}, "Donnez une date"),
        ({"last_day": "demain"}, "Donnez une date"),
        ({"last_day": "2026-11-30"}, "La fin vient avant le début."),
        ({"note": "x" * 201}, "200"),
    ],
)
def test_what_makes_no_sense_is_said_beside_it(world, wrong, said):
    told = text(world.director.post(world.here, TYPED | wrong))
    assert said in told
    assert "aria-invalid" in told
    assert not EntryCard.objects.exists()
