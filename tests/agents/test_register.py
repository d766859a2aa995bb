"""The register, the notices, the assessment and the sheet of a breach are made of the registry itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from marelle.agents.settings.register.documents import DOCUMENTS, FORMS
from marelle.agents.settings.register.treatments import TREATMENTS, columns_of, kept_text, name_of, tables
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.personal import declared
from marelle.places.models import Delay
from tests.billing.pdf_text import text_of
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

PAGE = "/agents/reglages/protection-des-donnees/"
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)


@pytest.fixture
def office(time_machine: Any) -> Client:
    time_machine.move_to(NOW)
    world = Scenario()
    world.the_authority.dpo_name = "Délégué mutualisé"
    world.the_authority.save()
    client = Client()
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def printed(client: Client, code: str) -> str:
    answer = client.get(f"{PAGE}{code}/")
    assert answer["Content-Type"] == "application/pdf"
    return text_of(answer.content)


def test_every_table_of_the_registry_is_of_one_treatment() -> None:
    found = [one.model for code in TREATMENTS for one in tables(code)]
    assert sorted(one.__name__ for one in found) == sorted(one.model.__name__ for one in declared())
    assert len(set(found)) == len(found)


def test_every_model_named_apart_is_there() -> None:
    known = {one.model._meta.label for one in declared()}
    assert {label for one in TREATMENTS.values() for label in one.models} <= known
    assert set(FORMS.values()) <= set(TREATMENTS)


def test_the_register_says_each_table_and_each_column_that_is_held(office: Client) -> None:
    told = printed(office, "registre").replace(" ", "")
    assert "Déléguémutualisé" in told
    for one in declared():
        if one.export:
            for text in (name_of(one), columns_of(one), kept_text(one)):
                assert "".join(text.split()) in told, (one.model, text)


def test_it_follows_the_delays_that_were_chosen(office: Client) -> None:
    Delay.objects.create(code="dormant", months=30)
    assert "30 mois après le dernier signe" in printed(office, "registre")
    assert "30 mois après le dernier signe" in printed(office, "mentions")


def test_each_document_is_made_and_leaves_what_it_does_not_know(office: Client) -> None:
    page = office.get(PAGE).content.decode()
    for code, one in DOCUMENTS.items():
        assert f"{PAGE}{code}/" in page
        assert str(one.title).split(" (")[0] in printed(office, code)
    assert "À compléter" in printed(office, "analyse-d-impact")
    assert "72 heures" in printed(office, "violation")
    assert office.get(f"{PAGE}autre/").status_code == 404


def test_without_an_authority_it_says_so(time_machine: Any) -> None:
    time_machine.move_to(NOW)
    told = DOCUMENTS["registre"].made(None, NOW)[0]
    assert "non renseigné" in told.facts[0]
