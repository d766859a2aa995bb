"""« Consultations » on screen and as a file, and its bounds."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.subject import Subject
from marelle.flows.actor.actors import actor_for
from marelle.flows.journal.bounds import reading_bounds
from marelle.flows.journal.consulted import EXPORTED, OPENED
from marelle.flows.journal.watching_rules import Bounds
from marelle.journal.models import Entry
from marelle.journal.services import record
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

HERE = "/agents/reglages/journal/consultations/"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def world(time_machine) -> Scenario:
    time_machine.move_to(NOW)
    found = Scenario()
    director = found.staff("direction", Role.DIRECTOR)
    for child in (1, 2):
        subject = Subject("person", child, "Zoé")
        record(actor=actor_for(director), verb="health.read", subject=subject, now=NOW)
    subject = Subject("family", 1, "Durand")
    record(actor=actor_for(director), verb="income.read", subject=subject, now=NOW)
    told = {"kind": "many", "day": "2026-11-25"}
    about = Subject("account", director.pk, str(director))
    record(actor=actor_for(director), verb="watching.told", subject=about, data=told, now=NOW)
    return found


def by(world: Scenario, role: Role = Role.OFFICE) -> Client:
    client = Client()
    client.force_login(world.staff(role.value, role))
    return client


def text(answer) -> str:
    return unescape(answer.content.decode()).replace("\xa0", " ")


def test_the_page_tells_who_read_how_much_and_leads_to_what(world: Scenario) -> None:
    office = by(world)
    page = text(office.get(HERE))
    assert "2 fiches d’enfants et revenus de 1 foyer" in page
    assert "Inhabituel, signalé : fiches d’enfants différents en une heure" in page.replace("</b>", "")
    assert "Zoé" not in page
    assert "Changer les seuils" not in page
    there = page.split("/agents/reglages/journal/?agent_id=")[1].split('"')[0]
    assert "Fiche sanitaire lue : Zoé" in text(office.get(f"/agents/reglages/journal/?agent_id={there}"))
    assert "Personne n’a rien lu ces jours-là" in text(office.get(f"{HERE}?du=2026-11-01&au=2026-11-02"))
    assert Entry.objects.filter(verb=OPENED).count() == 2


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("du=2026-11-10&au=2026-11-09", "Le dernier jour est avant le premier."),
        ("du=2026-08-01&au=2026-11-01", "Trois mois au plus à la fois."),
        ("du=hier&au=2026-11-01", "date valide"),
        ("du=&au=", "obligatoire"),
        ("du=2026-11-01&au=9999-12-31", "trop lointaine"),
    ],
)
def test_days_that_mean_nothing_are_told_and_kept_and_nothing_is_noted(
    world: Scenario, query: str, error: str
) -> None:
    client = by(world)
    for answer in (client.get(f"{HERE}?{query}"), client.post(f"{HERE}export/", dict(_pairs(query)))):
        page = text(answer)
        assert answer.status_code == 200
        assert error in page
        assert "2 fiches" not in page
        assert all(f'value="{value}"' in page for _name, value in _pairs(query) if value)
    assert not Entry.objects.filter(verb__in=(OPENED, EXPORTED)).exists()


def _pairs(query: str) -> list[list[str]]:
    return [pair.split("=") for pair in query.split("&")]


def test_a_quarter_is_not_too_long(world: Scenario) -> None:
    assert "2 fiches" in text(by(world).get(f"{HERE}?du=2026-08-26&au=2026-11-25"))


def test_dates_of_another_century_are_told_in_words_and_the_page_goes_on(world: Scenario) -> None:
    office, far = by(world), {"du": "1850-01-01", "au": "2300-01-01"}
    for answer in (office.get(HERE, far), office.post(f"{HERE}export/", far)):
        page = text(answer)
        assert page.count("Cette date est trop lointaine : vérifiez l’année.") >= 2
        assert f'<form method="get" action="{HERE}"' in page


def test_the_file_says_the_same(world: Scenario) -> None:
    answer = by(world).post(f"{HERE}export/", {"du": "2026-11-20", "au": "2026-11-25"})
    assert 'filename="consultations.csv"' in answer["Content-Disposition"]
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].split(";")[1:6] == ["2", "1", "0", "0", "0"]
    assert Entry.objects.get(verb=EXPORTED).data["days"] == ["2026-11-20", "2026-11-25"]


def test_the_bounds_are_changed_within_theirs_and_what_was_typed_stays(world: Scenario) -> None:
    admin = by(world, Role.ADMINISTRATOR)
    assert "Changer les seuils" in text(admin.get(HERE))
    page = f"{HERE}seuils/"
    stale = '{"many": 300, "incomes": 300, "at_night": 20, "lists": 900}'
    asked = {"many": "400", "incomes": "50", "at_night": "10", "lists": "100"}
    refused = text(admin.post(page, asked | {"many": "19"}))
    assert 'value="19"' in refused
    assert 'value="50"' in refused
    assert reading_bounds() == Bounds()
    assert admin.post(page, asked | {"seen": stale})["Location"] == page
    assert reading_bounds() == Bounds(400, 50, 10, 100)
    answer = text(admin.post(page, asked | {"many": "500", "seen": stale}))
    assert 'value="500"' in answer
    assert reading_bounds() == Bounds(400, 50, 10, 100)
