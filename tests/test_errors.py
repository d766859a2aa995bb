"""What Django refuses by itself is answered in the house's words."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from marelle.core.actor import Role
from tests.scenario import Scenario


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nulle-part/", "/agents/nulle-part/"])
def test_an_address_that_leads_nowhere(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Page introuvable" in answer.content.decode()


@pytest.mark.django_db
def test_too_many_fields_at_once(client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    answer = client.post("/connexion/", {f"c{n}": "1" for n in range(11)})
    assert answer.status_code == 400
    assert "pas compris votre demande" in answer.content.decode()


@pytest.mark.django_db
def test_a_stale_token_says_so(client):
    client.handler.enforce_csrf_checks = True
    answer = client.post("/administration/login/", {"username": "x"})
    assert answer.status_code == 403
    assert "trop longtemps" in answer.content.decode()


@pytest.mark.django_db
def test_an_address_that_only_takes_forms(client):
    client.force_login(Scenario().home("Durand").user)
    answer = client.get("/deconnexion/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    page = answer.content.decode()
    assert "Elle sert seulement à envoyer un formulaire" in page
    assert '<a class="btn go" href="/tableau-de-bord/"' in page
    assert client.head("/deconnexion/").content == b""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/agents/nulle-part/", 404, "relève d’un autre service"),
        ("/agents/familles/nouvelle/", 403, "Vos postes ne donnent"),
    ],
)
def test_an_agent_is_told_as_an_agent_and_keeps_its_menu(client, path, status, words):
    client.force_login(Scenario().staff("animation", Role.ANIMATOR))
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert 'id="menu-agents"' in page
    assert '<a class="btn go" href="/agents/">' in page
    assert "votre dossier" not in page
    assert "votre enfant" not in page


@pytest.mark.django_db
def test_a_family_on_the_side_of_the_agents_is_told_as_a_family(client):
    client.force_login(Scenario().home("Durand").user)
    page = client.get("/agents/familles/nouvelle/").content.decode()
    assert "contactez la structure qui accueille votre enfant" in page
    assert 'id="menu-agents"' not in page


@pytest.mark.django_db
def test_the_page_of_an_error_gives_what_finds_it_in_the_log(client):
    client.raise_request_exception = False

    def breaks(*_asked):
        raise ValueError

    with connection.execute_wrapper(breaks):
        answer = client.get("/connexion/")
        other = client.get("/connexion/")
    assert answer.status_code == 500
    assert f"<b>{answer['X-Request-ID']}</b>" in answer.content.decode()
    assert re.fullmatch(r"[0-9a-f]{10}", answer["X-Request-ID"])
    assert answer["X-Request-ID"] != other["X-Request-ID"]
    assert "X-Request-ID" not in client.get("/connexion/")


@pytest.mark.django_db
def test_an_id_from_outside_is_not_believed(client):
    client.raise_request_exception = False

    def breaks(*_asked):
        raise ValueError

    with connection.execute_wrapper(breaks):
        answer = client.get("/connexion/", headers={"X-Request-ID": "0123456789"})
    assert answer["X-Request-ID"] != "0123456789"
