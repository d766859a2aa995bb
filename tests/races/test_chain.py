"""The chain of the journal while others write, seal and purge at once, and when a worker dies at it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction

from marelle.core.actor import SYSTEM
from marelle.core.subject import Subject
from marelle.journal import chain
from marelle.journal.chain import EVERY, entries_seal
from marelle.journal.models import ChainLink, ChainWalk, Entry
from marelle.journal.services import Act, entries_purge, record, record_many
from marelle.journal.walking import chain_walked, walk_advance
from tests.races import victim
from tests.races.together import PATIENCE, together

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=UTC)
OLD = NOW - timedelta(hours=1)


def written(count: int, at: datetime = OLD) -> None:
    acts = [Act("health.read" if n % 2 else "booking.saved", Subject("booking", n)) for n in range(count)]
    record_many(actor=SYSTEM, acts=acts, now=at)


def one_chain() -> list[int]:
    """Links in order and without a flaw; how many entries each batch has."""
    steps = list(chain_walked())
    assert [flaw for step in steps for flaw in step.flaws] == []
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    return [step.count for step in steps if step.count]


@pytest.mark.postgres
def test_workers_that_seal_at_once_make_one_chain(monkeypatch: Any) -> None:
    monkeypatch.setattr(chain, "BATCH", 10)
    written(95)
    sealed = together([lambda: entries_seal(now=NOW)] * 4)
    assert sum(sealed) == 95
    assert one_chain() == [10] * 9 + [5]


@pytest.mark.postgres
def test_workers_that_seal_purge_and_walk_at_once(monkeypatch: Any) -> None:
    monkeypatch.setattr(chain, "BATCH", 10)
    written(200, NOW - timedelta(hours=3))
    jobs: list[Callable[[], object]] = [
        lambda: entries_seal(now=NOW),
        lambda: [entries_purge(before=OLD, verbs=["health.read"], now=NOW, at_most=7) for _ in range(10)],
        lambda: [entries_purge(before=OLD, now=NOW, at_most=5) for _ in range(10)],
        lambda: [flaw for _ in range(20) for step in chain_walked() for flaw in step.flaws],
    ]
    assert together(jobs)[3] == []
    entries_seal(now=NOW)
    one_chain()
    assert Entry.objects.count() <= 200 - 50


@pytest.mark.postgres
def test_who_took_a_smaller_number_and_has_not_written_yet_is_waited_for(monkeypatch: Any) -> None:
    """An import that lasts: its entries have numbers below those of who came after, and are not there yet."""
    monkeypatch.setattr(chain, "PATIENCE", 0.2)
    with transaction.atomic():
        record(actor=SYSTEM, verb="booking.saved", subject=Subject("booking", 1), now=OLD)
        together([lambda: written(3)])
        assert together([lambda: entries_seal(now=NOW)]) == [0]
    assert entries_seal(now=NOW) == 4
    assert one_chain() == [4]


@pytest.mark.postgres
def test_who_began_to_write_afterwards_is_not_waited_for(monkeypatch: Any) -> None:
    """On a portal where somebody always writes, the journal is sealed all the same."""
    monkeypatch.setattr(chain, "PATIENCE", 3.0)
    first, stop, wrote = threading.Event(), threading.Event(), count()

    def always_writing() -> None:
        """Two that take turns, each beginning before the other ends."""
        while not stop.is_set():
            with transaction.atomic():
                record(actor=SYSTEM, verb="x", subject=Subject("booking", next(wrote)), now=OLD)
                first.set()
                stop.wait(0.2)
        connection.close()

    threads = [threading.Thread(target=always_writing, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert first.wait(PATIENCE)
        stop.wait(0.5)
        assert entries_seal(now=NOW) > 0
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
    entries_seal(now=NOW)
    one_chain()


@pytest.mark.parametrize("job", [victim.seals, victim.purges, victim.walks])
def test_a_worker_killed_after_any_statement(job: victim.Job, dies: Callable[..., bool]) -> None:
    for step in count(1):
        for model in (ChainLink, ChainWalk):
            model.objects.all().delete()
        Entry.objects.all().delete()
        written(6)
        if job is not victim.seals:
            entries_seal(now=NOW - EVERY)
        killed = dies(victim.live_until, step, job, NOW)
        one_chain()
        job(NOW)
        one_chain()
        assert ChainLink.objects.filter(kind="batch").count() == 1
        assert not killed or step < 60
        if not killed:
            break
    assert step > 4


def test_two_walks_at_once_are_one() -> None:
    written(4)
    entries_seal(now=NOW)
    at = NOW + timedelta(hours=6)
    ended = [walk for walk in together([lambda: walk_advance(now=at)] * 3) if walk is not None]
    assert len(ended) == 1
