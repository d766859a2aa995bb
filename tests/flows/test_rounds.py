"""The background work says what it did, and an administrator learns when it stops."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from marelle.agents.settings.vitals.jobs import JOBS
from marelle.bookings.closing import leasts
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.models import JobRound
from marelle.flows.upkeep import worker
from marelle.flows.upkeep.delays import JOBS as DELAYS
from marelle.flows.upkeep.rounds import LATE, Outcome, is_late, jobs_seen, rounds_note
from marelle.flows.upkeep.worker import CODES, Job, one_round
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 9, 1, 12, tzinfo=PARIS)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _no_round_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_noted", {})


def works(monkeypatch: pytest.MonkeyPatch, answer: int | Exception) -> None:
    """The worker has one job, which says so."""

    def run(*, now: datetime) -> int:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(worker, "JOBS", (Job("mails", run),))


def test_a_round_notes_each_job_once_and_all_go_well() -> None:
    assert one_round(now=NOW)
    rows = JobRound.objects.all()
    assert {row.job for row in rows} == {*CODES, *DELAYS.values()}
    assert all(row.failure == "" and row.well_at == row.began_at + row.took for row in rows)
    assert not any(seen.is_late for seen in jobs_seen(CODES, now=NOW + MINUTE))


def test_a_failure_keeps_when_it_last_went_well_and_what_it_last_did(monkeypatch: pytest.MonkeyPatch) -> None:
    works(monkeypatch, 3)
    one_round(now=NOW)
    works(monkeypatch, ValueError("a name of a family"))
    one_round(now=NOW + 2 * MINUTE)
    row = JobRound.objects.get()
    assert (row.failure, row.done) == ("ValueError", 3), "never what the error met"
    assert row.began_at == NOW + 2 * MINUTE
    assert row.well_at is not None
    assert row.well_at - NOW < MINUTE
    works(monkeypatch, 0)
    one_round(now=NOW + 4 * MINUTE)
    row.refresh_from_db()
    assert (row.failure, row.done) == ("", 3)
    assert row.did_at is not None
    assert row.did_at - NOW < MINUTE
    assert row.well_at >= NOW + 4 * MINUTE


@pytest.mark.parametrize(
    ("table", "fails"), [("activities_bookingbound", "leasts"), ("activities_absencerule", "no_shows")]
)
def test_what_judges_the_leasts_and_who_is_missed_fails_by_its_own_name(table: str, fails: str) -> None:
    leasts._last.clear()

    def away(execute: Any, sql: str, *rest: Any) -> Any:
        if f'FROM "{table}"' in sql:
            raise DatabaseError
        return execute(sql, *rest)

    with connection.execute_wrapper(away):
        assert one_round(now=NOW) is False
    assert list(JobRound.objects.exclude(failure="").values_list("job", flat=True)) == [fails]
    assert str(JOBS[fails])


def test_a_round_that_did_nothing_is_written_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    works(monkeypatch, 0)
    one_round(now=NOW)
    one_round(now=NOW + timedelta(seconds=59))
    assert JobRound.objects.get().began_at == NOW
    one_round(now=NOW + MINUTE)
    assert JobRound.objects.get().began_at == NOW + MINUTE


def test_a_job_that_cannot_be_noted_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    works(monkeypatch, 1)

    def no_notes(execute: Any, sql: str, *rest: Any) -> Any:
        if "flows_jobround" in sql:
            raise DatabaseError("the table is away")
        return execute(sql, *rest)

    with connection.execute_wrapper(no_notes):
        assert one_round(now=NOW)
    assert "could not be noted" in caplog.text
    one_round(now=NOW)
    assert JobRound.objects.get().done == 1, "noted as soon as it can be"


@pytest.mark.parametrize(("ago", "late"), [(LATE, False), (LATE + timedelta(seconds=1), True)])
def test_a_job_is_late_after_three_of_its_periods(ago: timedelta, late: bool) -> None:
    rounds_note([Outcome("mails", NOW - ago, timedelta(0))])
    (seen,) = jobs_seen(["mails"], now=NOW)
    assert seen.is_late is late


def test_one_that_never_went_well_is_late() -> None:
    assert is_late(None, NOW)
    rounds_note([Outcome("mails", NOW, MINUTE, failure="OSError")])
    assert is_late(JobRound.objects.get(), NOW)


def test_the_administrator_reads_it_on_its_start_page_and_in_a_table(client: Client) -> None:
    client.force_login(Scenario().staff("admin", Role.ADMINISTRATOR))
    assert "Le travail de fond n’a jamais tourné" in client.get("/agents/").content.decode()
    one_round(now=timezone.now())
    assert "a besoin de vous" not in client.get("/agents/").content.decode()
    JobRound.objects.filter(job="mails").update(
        well_at=timezone.now() - timedelta(hours=1), failure="MailServerAway"
    )
    page = client.get("/agents/").content.decode()
    assert "En retard\u00a0: Envoi des courriels." in page
    page = client.get("/agents/reglages/portail/").content.decode()
    assert page.count(">en retard<") == 1
    assert "Échec\u00a0: MailServerAway" in page
    assert page.count("Dernier passage") == len(CODES) + 2, "with the backup and its drill"


def test_nobody_else_is_told(client: Client, count_queries: Any) -> None:
    world = Scenario()
    client.force_login(world.staff("guichet", Role.OFFICE))
    with count_queries() as seen:
        assert "a besoin de vous" not in client.get("/agents/").content.decode()
    assert not any("flows_jobround" in sql for sql in seen)
    assert client.get("/agents/reglages/portail/").status_code == 403
