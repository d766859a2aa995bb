"""A world that is built once for a file of tests, of which each gets a copy and after which nothing stays.

    built = built_once(EveryKind, now=NOW)

    @pytest.fixture
    def world(built, db, time_machine):
        time_machine.move_to(NOW)
        return deepcopy(built)

Its rows are there for every test of the file: one that builds another world belongs elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any, TypeVar

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction

from marelle.activities import catalogue
from marelle.core import kept
from marelle.files.turns import TURNS

Built = TypeVar("Built")


def nothing_kept() -> None:
    """Forget what the process keeps of the rows of tests before."""
    cache.clear()
    for one in kept.ALL:
        one.forget()
    catalogue._kept.clear()
    TURNS.forget()


@contextmanager
def standing(blocker: Any, build: Callable[[], Built], *, now: datetime | str | None) -> Iterator[Built]:
    around = transaction.atomic()
    around._from_testcase = True  # as Django's own around a test, it is no block of ours
    nothing_kept()
    with blocker.unblock(), around:
        with time_machine.travel(now) if now else nullcontext():
            world = build()
        with blocker.block():
            yield world
        transaction.set_rollback(True)


def built_once(build: Callable[[], Built], *, now: datetime | str | None = None) -> Any:
    """The fixture of such a world."""

    @pytest.fixture(scope="module")
    def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Built]:
        with standing(django_db_blocker, build, now=now) as world:
            yield world

    return built
