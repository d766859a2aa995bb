"""A world that is built once for a file of tests, of which each gets a copy and after which nothing stays.

    @pytest.fixture(scope="module")
    def built(django_db_setup, django_db_blocker):
        with standing(django_db_blocker, EveryKind, now=NOW) as world:
            yield world


    @pytest.fixture
    def world(built, db, time_machine):
        time_machine.move_to(NOW)
        return deepcopy(built)

Its rows are there for every test of the file: one that builds another world belongs elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import time_machine
from django.core.cache import cache
from django.db import transaction

from marelle.core import kept
from marelle.files.turns import TURNS

Built = TypeVar("Built")


def nothing_kept() -> None:
    """Forget what the process keeps of the rows of tests before."""
    cache.clear()
    for one in kept.ALL:
        one.forget()
    TURNS.forget()


@contextmanager
def standing(blocker: Any, build: Callable[[], Built], *, now: datetime) -> Iterator[Built]:
    around = transaction.atomic()
    around._from_testcase = True  # as Django's own around a test, it is no block of ours
    nothing_kept()
    with blocker.unblock(), around:
        with time_machine.travel(now):
            world = build()
        with blocker.block():
            yield world
        transaction.set_rollback(True)
