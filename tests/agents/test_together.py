"""« Changer des enfants de groupe » on the screen: ticked at once, looked at, then done."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from marelle.activities.models import Quota
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.enrolments.models import Enrolment
from marelle.families.models import Schooling
from tests.agents.test_group import mark_of
from tests.flows.test_moving import FIRST, NOW
from tests.flows.test_moving_together import Village

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine: Any) -> Village:
    time_machine.move_to(NOW)
    return Village()


@pytest.fixture
def director(world: Village, client: Client) -> Client:
    client.force_login(world.staff("direction", Role.DIRECTOR))
    return client


def address(world: Village, **more: str) -> str:
    asked = {"depuis": world.small.pk, "vers": world.big.pk, "jour": FIRST.isoformat(), **more}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"/agents/activites/{world.wednesdays.pk}/groupes/changer/?{query}"


def ticks(html: str) -> int:
    return sum("checked" in part.split(">")[0] for part in html.split('<input type="checkbox" id="e-')[1:])


def test_they_are_ticked_looked_at_then_done(world: Village, director: Client) -> None:
    Schooling.objects.create(child=world.zoe, school=world.the_school, school_year=2026, level="CP")
    bare = f"/agents/activites/{world.wednesdays.pk}/groupes/changer/"
    assert bare in director.get(f"/agents/activites/{world.wednesdays.pk}/").content.decode()
    assert "Voir les enfants" in director.get(bare).content.decode()
    here = address(world)
    shown = director.get(here).content.decode()
    assert "6 ans · CP" in shown
    assert ticks(shown) == 0
    assert ticks(director.get(address(world, age="6")).content.decode()) == 2
    assert ticks(director.get(address(world, niveau="CP")).content.decode()) == 1
    assert ticks(director.get(address(world, tous="1")).content.decode()) == 2
    given = {"e": [world.first.pk, world.second.pk], "then": "keep", "reason": ""}
    assert "Cochez au moins un enfant." in director.post(here, {"then": "keep"}).content.decode()
    looked = director.post(here, given).content.decode()
    assert "2 réservations suivent, 1 sans place" in looked
    assert "complet dans ce groupe" in looked
    assert ticks(looked) == 2
    sent = {**given, "confirme": "1", "vu": mark_of(looked)}
    assert "Donnez la raison de la dérogation." in director.post(here, sent).content.decode()
    stale = director.post(here, {**sent, "reason": "Fratrie", "vu": "hier"}).content.decode()
    assert "Quelque chose a changé" in stale
    assert set(world.first.groups.values_list("group__name", flat=True)) == {"3–5 ans"}
    done = director.post(here, {**sent, "reason": "Fratrie"}, follow=True).content.decode()
    assert "2 enfants changent de groupe, leurs familles sont prévenues." in done
    assert "2 réservations déplacées, 1 gardée en dérogation" in done
    assert "Aucun enfant dans ce groupe ce jour-là" in done
    again = director.post(here, given).content.decode()
    assert "Aucun enfant dans ce groupe" in again


def test_bad_days_groups_and_nonsense_have_an_answer(world: Village, director: Client) -> None:
    assert "Choisissez un jour à partir de demain." in (
        director.get(address(world, jour="2026-11-25")).content.decode()
    )
    assert "Choisissez un autre groupe" in director.get(address(world, vers=world.small.pk)).content.decode()
    assert "Choisissez dans la liste." in director.get(address(world, vers="9" * 30)).content.decode()
    here = address(world)
    odd = director.post(here, {"e": ["x", str(10**15)], "then": "queue"}).content.decode()
    assert "Aucun de ces enfants ne peut changer de groupe." in odd
    assert "réservation" in director.post(here, {"e": [world.first.pk], "then": "x"}).content.decode()
    many = director.post(here, {"e": list(range(1, 80)), "then": "queue"}).content.decode()
    assert "Choisissez 60 enfants au plus à la fois." in many
    Enrolment.objects.filter(pk=world.second.pk).update(state=Enrolment.State.ENDED)
    given = {"e": [world.first.pk, world.second.pk], "then": "queue"}
    assert "1 enfant n’est plus inscrit" in director.post(here, given).content.decode()
    theirs = world.activity("Ailleurs", structure=world.structure("Loin"))
    assert director.get(f"/agents/activites/{theirs.pk}/groupes/changer/").status_code == 404


def test_what_is_confirmed_is_refused_as_what_is_looked_at(world: Village, director: Client) -> None:
    """An enrolment of another activity of the same director, then one of nobody's."""
    other = world.activity("Autre")
    home = world.home("Petit")
    stay = world.enrolment(world.child(home, "Max"), other, home)
    here = address(world)
    sent = {"then": "queue", "confirme": "1", "vu": "x"}
    assert director.post(here, {**sent, "e": [stay.pk]}).status_code == 404
    nobody = director.post(here, {**sent, "e": [10**9]}).content.decode()
    assert nobody.count("Aucun de ces enfants ne peut changer de groupe.") == 1
    many = director.post(here, {**sent, "e": list(range(1, 80))}).content.decode()
    assert many.count("Choisissez 60 enfants au plus à la fois.") == 1


def test_a_wait_that_ends_is_shown_and_is_no_refusal(world: Village, director: Client) -> None:
    Booking.objects.filter(child=world.lou).update(state=BookingState.WAITING)
    Quota.objects.filter(openings__in=[world.here[FIRST]]).update(taken=1)
    world.booking(world.lou, world.there[FIRST], derogation="Fratrie")
    looked = director.post(address(world), {"e": [world.second.pk], "then": "queue"}).content.decode()
    assert "attente finie : déjà dans ce groupe" in looked
    assert "1 déjà dans ce groupe" in looked
    assert "ne peut pas" not in looked
    assert "Rien n’est réservé" not in looked
    sent = {"e": [world.second.pk], "then": "queue", "confirme": "1", "vu": mark_of(looked)}
    assert "1 enfant change de groupe" in director.post(address(world), sent, follow=True).content.decode()
