"""The harness: hostile on purpose. Warnings are errors, undefined template variables fail, no other host
answers, order is random (see pyproject.toml); what every test may use is here and in `tests/browser.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.browser"]

# The laws are about answers: how quickly a loaded machine draws them says nothing of the code.
settings.register_profile("marelle", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("marelle")

TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Counted(list[str]):
    """The statements of a block, without those that only open or close a transaction."""


@pytest.fixture
def count_queries() -> Callable[..., AbstractContextManager[Counted]]:
    """`with count_queries(12) as seen:` fails over 12 statements; `count_queries()` only counts."""

    @contextmanager
    def counting(at_most: int | None = None) -> Iterator[Counted]:
        seen = Counted()
        with CaptureQueriesContext(connection) as captured:
            yield seen
        seen.extend(
            query["sql"] for query in captured if not query["sql"].upper().startswith(TRANSACTION_WORDS)
        )
        if at_most is not None and len(seen) > at_most:
            pytest.fail(f"{len(seen)} statements, {at_most} allowed:\n" + "\n".join(seen))

    return counting


@pytest.fixture(autouse=True)
def _needs_postgres(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
