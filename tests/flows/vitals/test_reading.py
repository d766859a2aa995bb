"""What `check` tells of the portal's state, as it is read from the machine, the settings and the tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from marelle.accounts.models import Authenticator
from marelle.core.actor import Role
from marelle.core.sealed import seal
from marelle.flows.checks import check_vitals
from marelle.flows.models import JobRound
from marelle.flows.upkeep import worker
from marelle.flows.upkeep.clocks import clock_off
from marelle.flows.upkeep.rounds import BACKUP, LATE, Outcome, rounds_note
from marelle.flows.upkeep.worker import CODES, one_round
from marelle.flows.vitals.reading import machine_read, urgent, vitals
from marelle.flows.vitals.rules import Kind, Sign
from marelle.mail.models import Message, MessageState
from marelle.mail.services import queue
from tests.scenario import Scenario

MINUTE = timedelta(minutes=1)
RANDOM = "bL3x9QmT7vR2kWz8NcY5sHd1GfJ6pAeU0iOqXnZtBrCyDwEaSvKg"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_round_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_noted", {})


def all_well(*, ago: timedelta = timedelta(0), **changes: Any) -> None:
    """A worker and a backup were heard of so long ago."""
    at = timezone.now() - ago
    rounds_note([Outcome(job, at, timedelta(0), **changes) for job in (*CODES, BACKUP)])


def checked() -> set[str | None]:
    return {message.id for message in check_vitals(databases=["default"])}


def of(kind: Kind) -> list[Sign]:
    return [sign for sign in vitals(now=timezone.now()).signs if sign.kind is kind]


def test_check_tells_of_no_worker_or_of_jobs_that_are_late() -> None:
    assert checked() == {"marelle.W013"}
    assert check_vitals() == [], "nor without a database"
    all_well(failure="OSError")
    assert checked() == {"marelle.W006"}, "one that fails is alive"
    all_well()
    assert checked() == set()
    all_well(ago=LATE + MINUTE)
    assert checked() == {"marelle.W013"}
    (message,) = check_vitals(databases=["default"])
    assert "UTC" in message.msg


@pytest.mark.django_db(transaction=True)
def test_a_round_of_the_worker_is_heard() -> None:
    assert one_round(now=timezone.now())
    assert checked() == set()


def test_mails_that_have_waited_for_an_hour(settings: Any) -> None:
    all_well()
    queue(kind="accounts/email_changed", to="a@example.org", context={"name": "Camille"}, now=timezone.now())
    settings.MAIL_IS_SENT = True
    assert checked() == set()
    due = timezone.now() - timedelta(hours=1, minutes=1)
    Message.objects.update(not_before=due)
    assert of(Kind.MAILS) == [Sign(Kind.MAILS, count=1, since=due)]
    assert checked() == {"marelle.W007"}
    settings.MAIL_IS_SENT = False
    assert checked() == set(), "where nothing sends them they may wait"
    settings.MAIL_IS_SENT = True
    Message.objects.update(state=MessageState.SENT)
    assert checked() == set()


def test_agents_without_a_second_factor_are_counted_once(settings: Any) -> None:
    settings.MARELLE_DEMO = False
    all_well()
    world = Scenario()
    with_two = world.staff("agent", Role.DIRECTOR)
    with_two.posts.create(role=Role.OFFICE.value, authority=world.the_authority)
    suspended = world.staff("parti", Role.ANIMATOR)
    suspended.posts.update(suspended_at=timezone.now())
    world.home("Durand")
    assert of(Kind.SECOND) == [Sign(Kind.SECOND, count=1)]
    assert "marelle.W018" in checked()
    Authenticator.objects.create(user=with_two, secret=seal("x"), last_step=0, added_at=timezone.now())
    assert of(Kind.SECOND) == []


def test_each_folder_of_ours_is_looked_at_once_a_disk(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_well()
    settings.BACKUP_TO = str(tmp_path)
    settings.DATA_DIR, settings.FILES_DIR = tmp_path / "gone", Path("/proc")
    other, ours = machine_read().disks
    assert (other.setting, ours.setting) == ("FILES_DIR", "BACKUP_TO")
    assert ours.size == shutil.disk_usage(tmp_path).total
    settings.FILES_DIR = settings.DATA_DIR = tmp_path
    assert [disk.setting for disk in machine_read().disks] == ["DATA_DIR"]
    usage = SimpleNamespace(total=100 << 30, free=5 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    assert checked() == {"marelle.W014"}


def test_secrets_that_are_weak_or_stand_twice(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    database = settings.DATABASES["default"]
    settings.MARELLE_DEMO, settings.SEALING_KEYS = False, ("k" * 43 + "=",)
    settings.SECRET_KEY = RANDOM[:49]
    monkeypatch.setitem(database, "USER", "Marelle-Village")
    monkeypatch.setitem(database, "PASSWORD", "marelle-village")
    assert machine_read().weak == ("SECRET_KEY", "SEALING_KEYS", "DATABASE_URL")
    settings.SECRET_KEY = settings.EMAIL_HOST_PASSWORD = RANDOM
    settings.SECRET_KEY_FALLBACKS = [RANDOM]
    monkeypatch.setitem(database, "PASSWORD", RANDOM)
    settings.SEALING_KEYS = ("bL3x9QmT7vR2kWz8NcY5sHd1GfJ6pAeU0iOqXnZtBrA=",)
    assert machine_read().weak == ()
    repeated = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "MAIL_URL")
    assert machine_read().repeated == repeated
    assert {"marelle.W017"} == checked() & {"marelle.W016", "marelle.W017"}
    said = " ".join(message.msg for message in check_vitals(databases=["default"]))
    assert RANDOM not in said


def test_a_worker_heard_of_later_than_now_has_another_clock() -> None:
    all_well(ago=-5 * MINUTE)
    assert checked() == {"marelle.W015"}


def test_a_round_keeps_by_how_much_its_clock_was_off() -> None:
    rounds_note([Outcome(job, timezone.now(), timedelta(0)) for job in CODES], clock_off=-2 * MINUTE)
    assert of(Kind.CLOCK) == [Sign(Kind.CLOCK, count=120)]
    rounds_note([Outcome(job, timezone.now(), timedelta(0)) for job in CODES], clock_off=timedelta(0))
    assert of(Kind.CLOCK) == []


def test_the_clock_of_the_database_is_asked_where_it_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        assert clock_off() is None
        return
    found = clock_off()
    assert found is not None
    assert abs(found) < timedelta(seconds=30)
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=1))
    ahead = clock_off()
    assert ahead is not None
    assert timedelta(minutes=59) < ahead < timedelta(minutes=61)


def test_it_costs_seven_queries_at_most(count_queries: Callable[..., Any]) -> None:
    all_well()
    with count_queries() as seen:
        vitals(now=timezone.now())
    assert len(seen) <= 7
    with count_queries(2):
        urgent(now=timezone.now())
    assert JobRound.objects.count() == len(CODES) + 1
