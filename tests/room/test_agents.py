"""What agents do about the waiting room: name an opening, and pass beside it; what who watches it reads."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marelle.activities.awaited import awaited_instants
from marelle.activities.models import AwaitedOpening
from marelle.activities.rules import Limit, LimitKind, Wave
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.portal.access import entrance
from marelle.portal.machines.figures import _of_the_room
from marelle.room.ledger import Ledger
from marelle.room.tickets import ENTRANCE_COOKIE, entrance_age, keys
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

OPENS = datetime(2026, 12, 9, 8, 30, tzinfo=PARIS)


def logged_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_director_names_the_opening_that_the_rules_tell_and_takes_it_back(time_machine: Any) -> None:
    time_machine.move_to("2026-12-01T09:00:00+01:00")
    world = Scenario()
    activity = world.activity()
    world.rule(activity, waves=[Wave(Limit(LimitKind.FIXED, at=OPENS))])
    director = logged_in(world.staff("directrice", Role.DIRECTOR))
    page = f"/agents/activites/{activity.pk}/"
    new = f"{page}salle-attente/ajouter/"
    assert "Prévoir la salle d’attente" in director.get(page).content.decode()
    assert 'value="2026-12-09T08:30"' in director.get(new).content.decode()
    for _time in range(2):  # sent twice, it is there once
        assert director.post(new, {"at": "2026-12-09T08:30"}).status_code == 302
    row = AwaitedOpening.objects.get()
    assert row.at == OPENS
    assert "mercredi 9 décembre 2026" in director.get(page).content.decode()
    removed = director.post(f"/agents/activites/salle-attente/{row.pk}/supprimer/")
    assert removed.status_code == 302
    assert not AwaitedOpening.objects.exists()


def test_openings_around_the_present_time_are_told_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marelle.activities.awaited.connection.close", lambda: None)
    world = Scenario()
    now = timezone.now()
    activities = [world.activity("Mercredis"), world.activity("Vacances", kind="holidays")]
    for activity in activities:
        for hours in (-200, 1, 2, 200):
            AwaitedOpening.objects.create(activity=activity, at=now + timedelta(hours=hours))
    told = awaited_instants(now.timestamp())
    assert told == [pytest.approx((now + timedelta(hours=hours)).timestamp()) for hours in (1, 2)]


def test_the_pages_of_an_agent_give_what_lets_it_in_and_no_page_of_a_home_does(time_machine: Any) -> None:
    time_machine.move_to(timezone.now())
    world = Scenario()
    home = world.home("Durand")
    agent, parent = logged_in(world.staff("directrice", Role.DIRECTOR)), logged_in(home.user)
    for client, path in ((parent, "/agents/"), (parent, "/tableau-de-bord/"), (Client(), "/agents/")):
        client.get(path)
        assert ENTRANCE_COOKIE not in client.cookies
    agent.get("/agents/")
    given = agent.cookies[ENTRANCE_COOKIE].value
    assert agent.cookies[ENTRANCE_COOKIE]["httponly"]
    assert entrance_age(given, keys(), now=time.time()) is not None
    # Renewed as it is used, not at each page.
    agent.get("/agents/")
    assert agent.cookies[ENTRANCE_COOKIE].value == given
    time_machine.shift(entrance.RENEWED_AFTER + 60)
    agent.force_login(world.staff("directeur", Role.DIRECTOR))
    agent.get("/agents/")
    assert agent.cookies[ENTRANCE_COOKIE].value != given


def test_who_watches_the_portal_reads_who_waits(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    now = timezone.now()
    assert list(_of_the_room(now)) == []
    ledger = Ledger(tmp_path / "room" / "ledger", threads=4)
    ledger.open_between(now.timestamp() - 60, now.timestamp() + 60)
    for _visitor in range(11):
        ledger.arrive(mark=0, now=now.timestamp())
    ledger.arrive(mark=0, now=now.timestamp() + 1)
    told = {metric.name: metric.samples[0].value for metric in _of_the_room(now + timedelta(seconds=2))}
    assert told["marelle_room_open"] == 1
    assert told["marelle_room_inside"] + told["marelle_room_waiting"] == 11
    assert told["marelle_room_let_in"] >= 8
    (tmp_path / "room" / "ledger").write_text("x" * 99)
    assert list(_of_the_room(now)) == []
