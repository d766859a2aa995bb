"""« Foyers sans nouvelles »: what the page shows, what an agent confirms, the slip for the archives."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.flows.home.dormant import ANSWER, dormants_erased, dormants_told, visa_want
from marelle.flows.models import Dormant
from tests.billing.pdf_text import text_of
from tests.flows.test_dormant import LATER, NOW, Silent
from tests.standing import built_once

pytestmark = pytest.mark.django_db

PAGE = "/agents/reglages/foyers-sans-nouvelles/"

built = built_once(Silent, now=NOW)


@pytest.fixture
def world(built: Silent, db: None, time_machine: Any) -> Silent:
    time_machine.move_to(LATER)
    world = deepcopy(built)
    dormants_told(now=NOW)
    return world


@pytest.fixture
def office(world: Silent) -> Client:
    client = Client()
    client.force_login(world.staff("bureau", Role.OFFICE))
    return client


def test_an_agent_confirms_whom_it_ticked(world: Silent, office: Client) -> None:
    page = office.get(PAGE).content.decode()
    assert "Durand (" in page
    assert "Dernier signe le 5 juillet 2024" in page
    assert "1 foyer à confirmer" in office.get("/agents/reglages/").content.decode()
    nobody = office.post(PAGE, {}).content.decode()
    assert "Cochez au moins un foyer." in nobody
    other = office.post(PAGE, {"homes": "999999"}).content.decode()
    assert "n’est plus sur la liste" in other
    assert Dormant.objects.get().confirmed_at is None
    done = office.post(PAGE, {"homes": str(world.family.pk)}, follow=True).content.decode()
    assert "1 foyer confirmé" in done
    dormants_erased(now=LATER)
    assert "Le reste s’efface après le 31 décembre 2027." in office.get(PAGE).content.decode()


def test_a_home_that_came_in_meanwhile_is_not_on_it(world: Silent, office: Client) -> None:
    world.durand.user.last_login = LATER
    world.durand.user.save()
    assert "Aucun foyer sans nouvelles" in office.get(PAGE).content.decode()
    told = office.post(PAGE, {"homes": str(world.family.pk)}).content.decode()
    assert "n’est plus sur la liste" in told


def test_the_visa_is_typed_where_it_is_wanted(world: Silent, office: Client) -> None:
    assert "Pas demandé" in office.get(PAGE).content.decode()
    office.post(f"{PAGE}visa/", {"wanted": "1"})
    homes = {"homes": str(world.family.pk)}
    missing = office.post(PAGE, homes).content.decode()
    assert "Donnez le visa des archives." in missing
    assert "checked" in missing
    office.post(PAGE, {**homes, "visa": "AD21, 14 janvier"})
    assert Dormant.objects.get().visa == "AD21, 14 janvier"
    assert visa_want(actor=world.office, wanted=False, now=LATER)


def test_the_slip_names_nobody(world: Silent, office: Client) -> None:
    told = text_of(office.get(f"{PAGE}bordereau/").content)
    assert world.family.number in told
    assert "Durand" not in told


def test_kept_by_a_button(world: Silent, office: Client) -> None:
    office.post(f"{PAGE}{world.family.pk}/garder/")
    assert Dormant.objects.get().kept_at is not None
    assert "Aucun foyer sans nouvelles" in office.get(PAGE).content.decode()
    assert office.post(f"{PAGE}999999/garder/").status_code == 404


def test_one_that_may_still_answer_cannot_be_ticked(world: Silent, office: Client) -> None:
    Dormant.objects.update(told_at=LATER - ANSWER + timedelta(days=1))
    page = office.get(PAGE).content.decode()
    assert "Prévenus, qui peuvent encore répondre" in page
    assert 'name="homes"' not in page
