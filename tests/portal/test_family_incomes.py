"""What a home reads of its incomes: what is known, where it comes from, until when, and how to give it."""

from __future__ import annotations

from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.incomes.rules import IncomeKind, IncomeStatus
from marelle.families.models import FieldPolicy
from marelle.flows.actor.actors import ACTING_FOR
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
PAGE = "/famille/foyer/"


@pytest.fixture
def world(time_machine: Any) -> Scenario:
    time_machine.move_to(NOW, tick=False)
    world = Scenario()
    durand = world.home("Durand", "Camille")
    world.quotient(durand, "734.00", since=date(2025, 1, 1))
    world.quotient(durand, "690.00", since=date(2026, 9, 1))
    world.income(durand, IncomeKind.QUOTIENT, "512.00", since=date(2027, 1, 1), source="avis")
    ended = {"since": date(2025, 1, 1), "until": date(2026, 11, 24)}
    world.income(durand, IncomeKind.RESOURCES, "2345.00", **ended)  # type: ignore[arg-type]
    until = date(2026, 12, 31)
    world.income(
        durand, IncomeKind.DEPENDANTS, "3", IncomeStatus.DECLARED, source="dit au guichet", until=until
    )
    world.user = durand.user  # type: ignore[attr-defined]
    world.durand = durand  # type: ignore[attr-defined]
    return world


def page(user: Any, **session: int) -> str:
    client = Client()
    client.force_login(user)
    if session:
        stored = client.session
        stored.update(session)
        stored.save()
    return unescape(client.get(PAGE).content.decode())


def test_what_holds_and_what_comes_with_its_source_and_its_last_day(world: Any) -> None:
    shown = page(world.user)
    assert "690,00\u00a0€, depuis le 1er septembre 2026 · attestation de la CAF" in shown
    assert "512,00\u00a0€, depuis le 1er janvier 2027 · avis" in shown
    assert "3 enfants, du 1er janvier 2026 au 31 décembre 2026 · dit au guichet" in shown
    for over in ("734,00", "345,00", "Ressources mensuelles"):
        assert over not in shown
    assert "remplissez-le sur cette page" in shown


def test_a_home_of_which_nothing_is_known_reads_how_to_give_it(world: Any) -> None:
    martin = world.home("Martin", "Sacha")
    shown = page(martin.user)
    assert "Quotient familial" in shown
    assert "Non renseigné" in shown
    assert "remplissez-le sur cette page" in shown


@pytest.mark.parametrize(("policy", "told"), [("read_only", True), ("hidden", False)])
def test_what_the_authority_lets_homes_do_is_what_is_told(world: Any, policy: str, told: bool) -> None:
    FieldPolicy.objects.create(code="home.quotient", policy=policy)
    shown = page(world.user)
    assert "remplissez-le sur cette page" not in shown
    assert ("écrivez au service, avec votre attestation" in shown) is told
    assert ("690,00" in shown) is told


def test_an_agent_in_its_name_reads_nothing_of_another_authority(world: Any) -> None:
    other = world.authority("Syndicat")
    world.income(world.durand, IncomeKind.RESOURCES, "3210.00", authority=other)
    assert "210,00\u00a0€, depuis le 1er janvier 2026 · attestation de la CAF · " in page(world.user)
    agent = world.staff("guichet", Role.OFFICE)
    acting = page(agent, **{ACTING_FOR: world.durand.family.pk})
    assert "690,00" in acting
    assert "210,00" not in acting
