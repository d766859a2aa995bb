"""A process that may die in the middle of its work."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from tests.races.together import PATIENCE


@pytest.fixture
def dies() -> Iterator[Callable[..., bool]]:
    """`dies(target, *arguments)` runs it in a process of its own; whether it was killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.races.victim"])

    def run(target: Callable[..., None], *arguments: Any) -> bool:
        process = context.Process(target=target, args=(connection.settings_dict["NAME"], *arguments))
        process.start()
        process.join(PATIENCE)
        code = process.exitcode
        process.close()
        assert code in {0, -signal.SIGKILL}, f"the process ended with {code}"
        return code != 0

    return run
