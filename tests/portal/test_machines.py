"""What machines ask of the portal: who may, what they are told; figures of several processes add up."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from marelle.bookings.saving.services import MOST_CHANGES, bookings_save
from marelle.cases.services import open_case
from marelle.core import metrics
from marelle.core.actor import SYSTEM
from marelle.core.environment import Environment, WrongSetting
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.files.shelves import Folder
from marelle.flows.upkeep.rounds import Outcome, rounds_note
from marelle.flows.vitals.reading import machine_read
from marelle.mail.services import queue
from marelle.portal.machines import readiness
from tests.test_settings import PRODUCTION

ALIVE, READY, FIGURES = "/sante/vivant", "/sante/pret", "/sante/metriques"
TOKEN = secrets.token_urlsafe(32)
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def watched(settings: Any) -> Iterator[None]:
    """A portal whose figures somebody asks for."""
    settings.MONITORING_TOKEN = TOKEN
    metrics.counters.cache_clear()
    yield
    metrics.counters.cache_clear()


@pytest.fixture(autouse=True)
def _not_looked_at_yet() -> None:
    readiness._migrated.cache_clear()


def figures(client: Client) -> dict[str, float]:
    text = client.get(FIGURES, headers=BEARER).content.decode()
    return {
        name: float(value)
        for name, _space, value in (line.rpartition(" ") for line in text.splitlines() if line[0] != "#")
    }


def test_a_process_lives_whatever_the_database_does(client: Client) -> None:
    """No test database is asked for here: a query would fail."""
    answer = client.get(ALIVE)
    assert (answer.status_code, answer.content.decode()) == (200, "vivant\n")
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.django_db
def test_it_is_ready_with_its_database_and_its_folder(
    client: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get(READY).content.decode() == "prêt\n"
    monkeypatch.setattr(readiness, "shelf", lambda: Folder(tmp_path / "gone"))
    answer = client.get(READY)
    assert (answer.status_code, answer.content.decode()) == (503, "pas prêt\u00a0: fichiers\n")

    def away(*_asked: Any) -> None:
        raise DatabaseError

    with connection.execute_wrapper(away):
        assert "pas prêt\u00a0: base, fichiers" in client.get(READY).content.decode()


@pytest.mark.django_db
def test_it_is_not_ready_before_its_migrations(client: Client) -> None:
    with connection.cursor() as cursor:
        last = "select max(name) from django_migrations where app = 'flows'"
        cursor.execute(f"delete from django_migrations where app = 'flows' and name = ({last})")  # noqa: S608
    assert "pas prêt\u00a0: migrations" in client.get(READY).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", [ALIVE, READY])
def test_from_elsewhere_it_takes_the_token(client: Client, settings: Any, address: str) -> None:
    assert client.get(address, **ELSEWHERE).status_code == 404
    assert client.get(address, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert client.get(address, headers={"Authorization": "Bearer "}, **ELSEWHERE).status_code == 404
    assert client.get(address, REMOTE_ADDR="").status_code == 404
    assert client.get(address, REMOTE_ADDR="::ffff:127.0.0.1").status_code == 200
    settings.MONITORING_TOKEN = TOKEN
    assert client.get(address, headers={"Authorization": "Bearer x"}, **ELSEWHERE).status_code == 404
    assert client.get(f"{address}?token={TOKEN}", **ELSEWHERE).status_code == 404
    assert client.get(address, headers=BEARER, **ELSEWHERE).status_code == 200


@pytest.mark.django_db
def test_figures_take_the_token_from_here_too(client: Client, settings: Any) -> None:
    answer = client.get(FIGURES)
    assert answer.status_code == 404
    assert "Page introuvable" in answer.content.decode()
    assert client.get(FIGURES, headers={"Authorization": "Bearer "}).status_code == 404
    settings.MONITORING_TOKEN = TOKEN
    assert client.get(FIGURES, headers={"Authorization": f"Bearer {TOKEN[:-1]}é"}).status_code == 404
    assert client.get(FIGURES, headers=BEARER).status_code == 200
    assert client.post(FIGURES, headers=BEARER).status_code == 405


@pytest.mark.django_db
def test_whatever_host_is_asked_for_and_in_http(client: Client, settings: Any) -> None:
    """A probe knows an address of the machine, not the name of the portal, and no TLS."""
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["famille.example.fr"]
    assert client.get(ALIVE, headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert Client().get("/connexion/", headers={"Host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_what_is_asked_of_the_portal_is_counted_by_part_and_timed() -> None:
    client = Client()
    client.get("/mentions-legales/")
    client.get("/mentions-legales/")
    client.get("/nulle-part/")
    client.generic("BREW", "/connexion/")
    client.get(ALIVE)
    found = figures(client)
    assert found['marelle_requests_total{area="legal",method="GET",status="200"}'] == 2
    assert found['marelle_requests_total{area="",method="GET",status="404"}'] == 1
    assert found['marelle_request_seconds_count{area="legal"}'] == 2
    assert found['marelle_request_seconds_bucket{area="legal",le="+Inf"}'] == 2
    assert not [name for name in found if "machines" in name or "BREW" in name]
    assert [name for name in found if 'method="other"' in name]


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_saves_are_counted_by_why_they_are_refused() -> None:
    with pytest.raises(Refusal):
        bookings_save(actor=SYSTEM, changes=[None] * (MOST_CHANGES + 1), now=timezone.now())  # type: ignore[list-item]
    assert figures(Client())['marelle_saves_refused_total{reason="too_many"}'] == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_what_waits_is_told_with_its_age(settings: Any) -> None:
    settings.MAIL_IS_SENT = True
    now = timezone.now()
    queue(kind="accounts/email_changed", to="a@example.org", context={"name": "Camille"}, now=now)
    queue(
        kind="accounts/email_changed",
        to="b@example.org",
        context={"name": "Alix"},
        now=now - timedelta(hours=3),
    )
    of_a_home = Subject("family", 1, "x")
    open_case(actor=SYSTEM, kind="change", subject=of_a_home, now=now - timedelta(days=2))
    rounds_note([Outcome("mails", now, timedelta(seconds=2), failure="MailServerAway")])
    found = figures(Client())
    assert found["marelle_mails_queued"] == 2
    assert found["marelle_mails_late_seconds"] == pytest.approx(3 * 3600, abs=60)
    assert found["marelle_cases_open"] == 1
    assert found["marelle_case_oldest_seconds"] == pytest.approx(2 * 86400, abs=60)
    assert found['marelle_job_failed{job="mails"}'] == 1
    assert found['marelle_job_well_timestamp_seconds{job="mails"}'] == 0
    assert found['marelle_job_began_timestamp_seconds{job="mails"}'] == pytest.approx(now.timestamp(), abs=1)
    assert found['marelle_to_see_to{kind="jobs"}'] == 1
    assert found['marelle_to_see_to{kind="disk"}'] in {0, 1}
    assert found["marelle_database_up"] == 1
    assert found['marelle_disk_free_bytes{folder="DATA_DIR"}'] > 0
    assert not [name for name in found if "Camille" in name or "example" in name]


@pytest.mark.usefixtures("watched", "db")
def test_without_the_database_the_rest_is_told() -> None:
    def away(*_asked: Any) -> None:
        raise DatabaseError

    client = Client()
    with connection.execute_wrapper(away):
        found = figures(client)
    assert found["marelle_database_up"] == 0
    assert "marelle_cases_open" not in found
    assert "marelle_mails_queued" not in found


COUNT = """
import django
django.setup()
from marelle.core.metrics import counters, saves_refused
counters().request_count(method="GET", area="legal", status=200, seconds=0.02)
saves_refused(["full"] * {})
"""
READ = """
import django
django.setup()
from django.test.utils import override_settings
from marelle.portal.machines import figures
figures._of_the_tables = lambda now: []
print(figures.exposed()[0].decode())
"""


def run(code: str, environment: dict[str, str]) -> str:
    """What a process of its own writes."""
    own = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "marelle.settings", **environment}
    done = subprocess.run([sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True)
    return done.stdout


def test_what_processes_count_adds_up(tmp_path: Path) -> None:
    """Each writes to its own files, which stay when it ends."""
    shared = tmp_path / "shared"
    shared.mkdir()
    own = {
        "DATA_DIR": str(tmp_path),
        "MONITORING_TOKEN": TOKEN,
        "PROMETHEUS_MULTIPROC_DIR": str(shared),
        **PRODUCTION,
    }
    told = [run(code, own) for code in (COUNT.format(2), COUNT.format(3), READ)][-1]
    assert 'marelle_saves_refused_total{reason="full"} 5.0' in told
    assert 'marelle_requests_total{area="legal",method="GET",status="200"} 2.0' in told
    assert re.search(r'marelle_request_seconds_bucket\{area="legal",le="0.025"\} 2.0', told)


def test_where_nobody_asks_nothing_is_counted_nor_imported(tmp_path: Path) -> None:
    assert metrics.counters() is None
    metrics.saves_refused(["full"])
    seen = """
import django, sys
django.setup()
import marelle.urls
print("prometheus_client" in sys.modules)
"""
    assert run(seen, {"DATA_DIR": str(tmp_path), **PRODUCTION}) == "False\n"


@pytest.mark.parametrize("value", ["short", "a" * 31, "é" * 40, "two words " * 5])
def test_a_token_that_could_be_guessed_stops_the_start(value: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        Environment({"MONITORING_TOKEN": value}).token("MONITORING_TOKEN")
    assert value.strip() not in str(wrong.value).split()
    assert Environment({"MONITORING_TOKEN": TOKEN}).token("MONITORING_TOKEN") == TOKEN
    assert Environment({}).token("MONITORING_TOKEN") == ""


def test_a_token_of_one_sign_over_and_over_is_told(settings: Any) -> None:
    settings.MONITORING_TOKEN = "ab" * 20
    assert "MONITORING_TOKEN" in machine_read().weak
    settings.MONITORING_TOKEN = settings.SECRET_KEY
    assert machine_read().repeated == ("SECRET_KEY", "MONITORING_TOKEN")
