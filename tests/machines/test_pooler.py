"""Through a PgBouncer that gives each transaction another connection: pages, races, the worker, backups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from marelle.activities.models import Opening
from marelle.backups.drilling import drill
from marelle.backups.making import backup_make
from marelle.backups.places import Folder
from marelle.backups.restoring import backup_restore
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Result
from marelle.core.kept import kept_changed
from marelle.core.models import Revision
from marelle.flows.models import JobRound
from marelle.flows.upkeep.worker import one_round
from marelle.mail.models import Message
from tests.backups.machines import refused
from tests.pooler import CONNECTIONS, PREPARES, Pooler, address, leading, pooled
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.together import Answer, alone, together, together_or_errors
from tests.races.truth import counters_hold, held_on, queue_of
from tests.scenario import Scenario
from tests.test_settings import PRODUCTION, start

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["0", "1"], ids=["plain", "prepared"])
def through(request: pytest.FixtureRequest, pooler: Pooler) -> Iterator[dict[str, Any]]:
    if request.param == "1" and pooler.version < PREPARES:
        pytest.skip(f"PgBouncer {pooler.version} keeps no prepared statement")
    with pooled(pooler, DATABASE_PREPARED=request.param) as config:
        yield config


SHOWS = """
import django
django.setup()
{}
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("show statement_timeout")
    print(cursor.fetchone()[0])
"""


def full_opening(world: Scenario, parents: int, places: int) -> tuple[Opening, list[Parent]]:
    activity = world.activity()
    world.slot(activity, capacity=places)
    world.rule(activity)
    (opening,) = world.openings(activity, WEDNESDAY)
    return opening, crowd(world, parents, [activity])


def backend() -> int:
    """The connection of PostgreSQL that a transaction comes to, and keeps for a moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid(), pg_sleep(0.05)")
        return int((cursor.fetchone() or (0,))[0])


def by_turns(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """What each answers, in a thread for each: no one has its connection before it begins."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(alone, calls))


def test_more_clients_than_connections_share_them(through: dict[str, Any]) -> None:
    assert 1 < len(set(together([backend] * (CONNECTIONS + 3)))) <= CONNECTIONS


def test_a_crowd_books_and_the_worker_hands_on_what_is_freed(through: dict[str, Any]) -> None:
    opening, parents = full_opening(Scenario(), 12, 4)
    answers = [answer for (answer,) in together([one.books(opening) for one in parents])]
    assert Counter(answer.result for answer in answers) == {Result.BOOKED: 4, Result.REFUSED: 8}
    counters_hold()
    for parent in parents:
        if parent.child.pk not in held_on(opening):
            parent.books(opening, waits=True)()
    first = queue_of(opening)[0]
    holder = next(one for one in parents if one.child.pk in held_on(opening))
    together([holder.cancels(opening), *([lambda: one_round(now=NOW)] * 3)])
    assert one_round(now=NOW)
    assert not JobRound.objects.exclude(failure="").exists()
    assert first in held_on(opening)
    assert Message.objects.filter(kind="bookings/place_given").count() == 1
    counters_hold()


def test_pages_are_read_and_saved(through: dict[str, Any], time_machine: Any) -> None:
    """Again and again: a statement is prepared at its sixth time, on whichever connection."""
    time_machine.move_to("2026-09-02T09:00:00+02:00")
    world = Scenario()
    home = world.home("Durand")
    child, activity = world.child(home, "Zoé"), world.activity()
    world.slot(activity, capacity=5, weekdays=range(7))
    world.rule(activity)
    first = (timezone.now() + timedelta(days=7)).date()
    openings = world.openings(activity, first, first + timedelta(days=5))
    world.enrolment(child, activity, home)

    def visits() -> int:
        client = Client()
        client.force_login(home.user)
        address = f"/reservations/?enfant={child.pk}&date={first}"
        shown = [client.get(address, follow=True).status_code for _visit in range(4)]
        saved = client.post(address, {"c": [f"{child.pk}.{one.pk}" for one in openings]})
        return saved.status_code if set(shown) == {200} else shown[-1]

    assert set(together([visits] * 4)) == {302}
    assert Booking.objects.holding().count() == len(openings)


def test_what_is_undone_on_a_shared_connection_is_undone(through: dict[str, Any]) -> None:
    def undone() -> None:
        with transaction.atomic():
            kept_changed()
            raise ZeroDivisionError

    assert {type(one) for one in together_or_errors([undone] * 6)} == {ZeroDivisionError}
    assert not Revision.objects.exists()


def test_the_programs_of_a_backup_are_not_let_through(tmp_path: Path, settings: Any) -> None:
    """`pg_dump` takes `search_path` away from its connection, which the next page would get."""
    settings.DATABASE_POOLER = True
    place = Folder(tmp_path / "backups")
    refused("pooled", lambda: backup_make(place=place, recipient="", now=NOW))
    refused("pooled", lambda: backup_restore(path=tmp_path, identity=None))
    refused("pooled", lambda: drill(path=tmp_path, identity=None))
    assert not place.path.exists()


def test_a_pool_gives_its_connections_by_turns() -> None:
    """Two for six threads: each waits for its own."""
    with leading({"DATABASE_URL": address(), "DATABASE_POOL": "2"}):
        assert len(set(by_turns([backend] * 6))) == 2
        opening, parents = full_opening(Scenario(), 6, 4)
        answers = [answer for (answer,) in by_turns([one.books(opening) for one in parents])]
        assert Counter(answer.result for answer in answers) == {Result.BOOKED: 4, Result.REFUSED: 2}
        connection.close()
        cast("Any", connection).close_pool()


def test_a_statement_of_a_page_is_stopped_and_no_other(tmp_path: Path) -> None:
    told = {
        **PRODUCTION,
        "DJANGO_SETTINGS_MODULE": "marelle.settings",
        "DATABASE_URL": address(),
        "DATABASE_STATEMENT_TIMEOUT": "7",
    }
    page, worker = (start(tmp_path, SHOWS.format(first), **told) for first in ("import marelle.wsgi", "pass"))
    assert page.stdout.strip() == "7s", page.stderr
    assert worker.stdout.strip() == "0", worker.stderr
