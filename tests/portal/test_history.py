"""« Historique de mes actions »: in words, narrowed by kind and period, never the other home's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.flows.actor.actors import actor_for
from marelle.journal.origin import Origin
from marelle.journal.services import record
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)


class Past:
    def __init__(self) -> None:
        self.world = Scenario()
        self.durand = self.world.home("Durand", "Camille")
        self.martin = self.world.home("Martin", "Sacha")
        self.written(self.durand, "message.sent", "Accueil de loisirs")
        self.written(self.durand, "paper.sent", "Assurance de Zoé", ago=timedelta(days=60))
        self.written(self.martin, "paper.sent", "Assurance de Tom")
        account = Subject("account", self.durand.user.pk, "camille")
        for verb in ("connection.opened", "connection.failed"):
            nobody = Actor(user_id=None, label="camille")
            record(actor=nobody, verb=verb, subject=account, origin=Origin(None, "Firefox · iOS"), now=NOW)

        self.client = Client()
        self.client.force_login(self.durand.user)

    def written(self, home: Home, verb: str, label: str, *, ago: timedelta = timedelta()) -> None:
        subject = Subject("row", 1, label)
        record(actor=home.actor, verb=verb, subject=subject, family_id=home.family.pk, now=NOW - ago)

    def read(self, query: str = "") -> str:
        answer = self.client.get(f"/historique/{query}")
        assert answer.status_code == 200
        return answer.content.decode()


@pytest.fixture
def past(db, time_machine) -> Past:
    time_machine.move_to(NOW)
    return Past()


def test_all_is_told_in_words_and_nothing_of_another_home(past) -> None:
    page = past.read()
    for told in ("Message envoyé", "Document envoyé", "Connexion refusée", "Firefox · iOS"):
        assert told in page
    assert not re.search(r"\bTom\b", page)


def test_it_costs_a_fixed_number_of_queries(past, count_queries) -> None:
    with count_queries(6):
        past.read("?nature=documents&periode=3-mois")


def test_by_kind(past) -> None:
    page = past.read("?nature=documents")
    assert "Document envoyé" in page
    assert "Message envoyé" not in page
    assert "Connexion refusée" not in page
    assert "Connexion refusée" in past.read("?nature=connexions")


def test_by_period(past) -> None:
    page = past.read("?periode=30-jours")
    assert "Message envoyé" in page
    assert "Document envoyé" not in page
    assert "Document envoyé" in past.read("?periode=3-mois")


def test_nothing_of_that_kind_says_so(past) -> None:
    assert "Rien ne correspond à ces choix" in past.read("?nature=reservations")


def test_the_next_page_keeps_the_choices(past) -> None:
    for number in range(31):
        past.written(past.durand, "paper.sent", f"Page {number}")
    page = past.read("?nature=documents")
    assert "nature=documents&amp;page=2" in page or "page=2&amp;nature=documents" in page


def test_what_an_agent_did_in_the_name_of_the_family_is_told_as_such(past) -> None:
    agent = actor_for(past.world.staff("guichet", Role.OFFICE), acting_for=past.durand.family.pk)
    subject = Subject("message", 1, "Accueil de loisirs")
    record(actor=agent, verb="message.sent", subject=subject, family_id=agent.family_id, now=NOW)
    assert "Guichet, au nom de la famille" in past.read()


def test_what_the_portal_did_by_itself_has_no_stranger_s_name(past) -> None:
    """« Marelle » is the software, that no family knows."""
    subject = Subject("mismatch", 1, "Zoé")
    record(actor=SYSTEM, verb="mismatch.told", subject=subject, family_id=past.durand.family.pk, now=NOW)
    page = past.read()
    assert "automatiquement" in page
    assert "Marelle" not in page.partition("<main")[2].partition("</main>")[0]
