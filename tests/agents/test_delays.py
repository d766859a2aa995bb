"""« Délais de conservation »: chosen within their bounds, and said on the public page."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.delays import DELAYS, DelayRefused, delays_set, months_kept
from marelle.places.models import Delay
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

HERE = "/agents/reglages/conservation/"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DEFAULTS = {code: kind.default for code, kind in DELAYS.items()}


def sent(client: Client, **months: object) -> str:
    shown = {"seen": client.get(HERE).context["form"]["seen"].value()}
    return unescape(client.post(HERE, {**DEFAULTS, **shown, **months}, follow=True).content.decode())


def test_a_delay_is_chosen_written_down_and_told_to_all(client: Client) -> None:
    client.force_login(Scenario().staff("guichet", Role.OFFICE))
    assert "2 délais changés." in sent(client, acts=60, connections=7)
    assert months_kept() == {**DEFAULTS, "acts": 60, "connections": 7}
    assert Entry.objects.get(verb="delay.set").data == {"fields": {"acts": 60, "connections": 7}}
    public = unescape(Client().get("/donnees-personnelles/").content.decode())
    assert "5 ans après" in public
    assert "7 mois après" in public
    assert "Rien n’a changé." in sent(client, acts=60, connections=7)


@pytest.mark.parametrize(
    ("code", "months"),
    [("connections", 5), ("connections", 13), ("acts", 11), ("acts", 121), ("health", -1), ("mails", "x")],
)
def test_a_delay_out_of_its_bounds_is_refused_and_nothing_is_written(
    client: Client, code: str, months: object
) -> None:
    client.force_login(Scenario().staff("guichet", Role.OFFICE))
    page = sent(client, **{code: months, "acts" if code != "acts" else "mails": 20})
    assert "à corriger" in page
    assert not Delay.objects.exists()


def test_another_office_and_a_director_choose_nothing() -> None:
    world = Scenario()
    assert world.the_authority
    for user in (
        world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")),
        world.staff("direction", Role.DIRECTOR),
    ):
        with pytest.raises(DelayRefused, match="not_allowed"):
            delays_set(actor=actor_for(user), months={"acts": 60}, now=NOW)
    with pytest.raises(DelayRefused, match="out_of_bounds"):
        delays_set(actor=actor_for(world.staff("guichet", Role.OFFICE)), months={"factures": 60}, now=NOW)
