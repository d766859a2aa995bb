"""« Délais de conservation »: chosen within their bounds, and said on the public page."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client

from marelle.core.actor import SYSTEM, Role
from marelle.core.subject import Subject
from marelle.flows.actor.actors import actor_for
from marelle.flows.upkeep import delays
from marelle.flows.upkeep.delays import PURGES, delays_followed
from marelle.journal.models import Entry
from marelle.journal.services import record
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


def test_each_delay_says_what_it_did_last(client: Client) -> None:
    client.force_login(Scenario().staff("guichet", Role.OFFICE))
    assert "Dernier passage" not in unescape(client.get(HERE).content.decode())
    record(actor=SYSTEM, verb="x.y", subject=Subject("delay", None), now=datetime(2020, 1, 1, tzinfo=UTC))
    assert delays_followed(now=NOW) == 1
    delays_followed(now=NOW.replace(hour=13))
    page = unescape(client.get(HERE).content.decode())
    assert page.count("Dernier passage\u00a0: mercredi 25 novembre à 14\u00a0h") == len(PURGES)
    assert page.count("Dernier effacement\u00a0: 1, le mercredi 25 novembre 2026 à 13\u00a0h") == 1
    assert page.count("Rien n’a encore été effacé.") == len(PURGES) - 1


def test_a_purge_that_fails_keeps_none_of_the_others_from_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_rest: object) -> int:
        raise ValueError

    monkeypatch.setitem(delays.PURGES, "connections", fails)  # type: ignore[misc]
    record(actor=SYSTEM, verb="x.y", subject=Subject("delay", None), now=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(RuntimeError, match="connections"):
        delays_followed(now=NOW)
    assert not Entry.objects.filter(verb="x.y").exists()
    assert delays.delays_seen()["connections"].failure == "ValueError"


def test_every_delay_has_what_follows_it() -> None:
    assert set(PURGES) == set(DELAYS)
