"""An agent in a family's name passes a limit with a reason, in its own authority; shown everywhere."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.journal.models import Entry
from tests.offer import FIRST_DAY, LAST_DAY
from tests.reading import text
from tests.scenario import Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
REASON = "Fratrie accueillie, accord de la direction"

pytestmark = pytest.mark.django_db


class Counter(Scenario):
    """Zoé is seven; « Petits » is for 3–5, and closed to requests since the summer."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.small = self.activity(
            "Petits", years=(3, 5), age_day=FIRST_DAY, requests_close_at=datetime(2026, 8, 1, tzinfo=PARIS)
        )
        self.url = f"/inscriptions/{self.zoe.pk}/demander/{self.small.pk}/"

    def agent(self, authority=None, identifier: str = "guichet") -> Client:
        client = Client()
        client.force_login(self.staff(identifier, Role.OFFICE, authority=authority))
        client.post(f"/agents/familles/{self.durand.family.pk}/agir/")
        return client

    def ask(self, client: Client, derogation: str):
        terms = {"starts_on": "2026-12-02", "ends_on": LAST_DAY.isoformat(), "derogation": derogation}
        return client.post(self.url, terms)


@pytest.fixture
def counter(time_machine) -> Counter:
    time_machine.move_to(NOW)
    return Counter()


def test_the_reason_is_asked_then_passes_and_is_shown_everywhere(counter):
    agent = counter.agent()
    page = agent.get(f"/inscriptions/{counter.zoe.pk}/?toutes=1").content.decode()
    assert "Demander par dérogation" in page
    page = agent.get(counter.url).content.decode()
    assert "Possible seulement par dérogation" in page
    page = counter.ask(agent, "  ").content.decode()
    assert "Dites pourquoi la limite ne compte pas ici" in page
    assert not Enrolment.objects.exists()
    assert counter.ask(agent, REASON).status_code == 302
    enrolment = Enrolment.objects.get()
    assert (enrolment.derogation, enrolment.state) == (REASON, "requested")
    limits = ["too_old", "closed"]
    assert enrolment.passed.split() == limits
    assert Entry.objects.get(verb="enrolment.requested").data == {"derogation": REASON, "passed": limits}
    parent = Client()
    parent.force_login(counter.durand.user)
    director = Client()
    director.force_login(counter.staff("direction", Role.DIRECTOR))
    desk = f"{REASON} (âge, fin des inscriptions)"
    named = f"dérogation (âge, fin des inscriptions) : {REASON}"
    for client, address, told in (
        (parent, f"/inscriptions/{counter.zoe.pk}/inscription/{enrolment.pk}/", desk),
        (parent, "/historique/", named),
        (director, f"/agents/inscriptions/{enrolment.pk}/", desk),
        (director, f"/agents/familles/{counter.durand.family.pk}/", named),
    ):
        assert told in text(client.get(address)), address


def test_a_parent_passes_nothing_by_sending_a_reason(counter):
    parent = Client()
    parent.force_login(counter.durand.user)
    page = counter.ask(parent, REASON).content.decode()
    assert "ne peut pas être demandée" in page
    assert "dérogation" not in page
    assert not Enrolment.objects.exists()


def test_an_agent_of_another_authority_passes_nothing(counter):
    other = counter.agent(counter.authority("Mairie"), "mairie")
    page = counter.ask(other, REASON).content.decode()
    assert "ne peut pas être demandée" in page
    assert not Enrolment.objects.exists()


def test_a_reason_that_nothing_needed_is_not_kept(counter):
    big = counter.activity("Grands", years=(6, 12))
    counter.url = f"/inscriptions/{counter.zoe.pk}/demander/{big.pk}/"
    assert counter.ask(counter.agent(), REASON).status_code == 302
    assert (Enrolment.objects.get().derogation, Enrolment.objects.get().passed) == ("", "")
    assert Entry.objects.get(verb="enrolment.requested").data == {}


def test_no_reason_opens_what_is_over_or_asked_already(counter):
    agent = counter.agent()
    counter.ask(agent, REASON)
    assert counter.ask(agent, REASON).status_code == 302  # led back to the one that waits
    assert Enrolment.objects.count() == 1
    over = counter.activity("Été", first_day=date(2026, 7, 1), last_day=date(2026, 8, 1))
    counter.url = f"/inscriptions/{counter.zoe.pk}/demander/{over.pk}/"
    assert counter.ask(agent, REASON).status_code == 404
