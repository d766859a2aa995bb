"""The harness: hostile on purpose. Warnings are errors, undefined template variables fail, no other host
answers, order is random (see pyproject.toml); what every test may use is here and in `tests/browser.py`."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import user_logged_in
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.dispatch import receiver
from django.middleware import csrf
from django.test import TransactionTestCase
from django.test import client as test_client
from django.test.utils import CaptureQueriesContext, ContextList
from django.urls import get_resolver
from django.utils import timezone
from hypothesis import HealthCheck, settings

from marelle.accounts.models import User
from marelle.accounts.recognised import Factor, Recognised
from marelle.core import kept
from marelle.core.prepared import Prepared, with_codes
from marelle.files import apart
from marelle.flows.actor.actors import actor_for
from marelle.places.lives import life_of
from marelle.portal.access.sessions import life_begin
from marelle.shell.again import opened_keep
from tests.database import copied
from tests.lock_order import watch
from tests.standing import nothing_kept

pytest_plugins = [
    "tests.accessible",
    "tests.browser",
    "tests.buckets",
    "tests.cable",
    "tests.clamd",
    "tests.pooler",
    "tests.provider",
    "tests.validator",
]

# The laws are about answers: how quickly a loaded machine draws them says nothing of the code.
settings.register_profile("marelle", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("marelle")

# A token of a form is random: made of these, none holds a name or a number that a test looks for in a page.
csrf.CSRF_ALLOWED_CHARS = "jkqwxz"


def _whole_kept(store: dict[str, Any], *, template: Any, context: Any, **_rest: object) -> None:
    """Of what is written whole (a page, a mail): Django copies the context of each part of it too."""
    if context.template is template:
        store.setdefault("templates", []).append(template)
        store.setdefault("context", ContextList()).append(copy(context))


test_client.store_rendered_templates = _whole_kept

TESTS = Path(__file__).parent
AGENTS = TESTS / "agents"

# What a migration leaves, and no test changes.
OF_THE_SCHEMA = {"django_migrations", "django_content_type", "auth_permission"}


@lru_cache(maxsize=1)
def tables() -> list[str]:
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in found if name not in OF_THE_SCHEMA]


def _rows_deleted(case: TransactionTestCase) -> None:
    """Delete what a test committed, from the tables that hold something.

    Django's flush empties the hundred tables one by one, then writes every permission again: on PostgreSQL
    that took longer than the test. Keys are checked at the end of the transaction, so that any order will do.
    """
    held = " union all ".join(f"select '{table}' where exists (select 1 from {table})" for table in tables())  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(held)
        for (table,) in cursor.fetchall():
            cursor.execute(f"delete from {table}")  # noqa: S608
        if connection.vendor == "sqlite":
            # A test that reads a page for an amount that must not be there would meet it in a row's number.
            cursor.execute("delete from sqlite_sequence")


TransactionTestCase._fixture_teardown = _rows_deleted

ASKS_A_DATABASE = {"db", "transactional_db", "live_server", "django_db_setup"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Rules and words, which ask no database, are for the run on SQLite alone; what is walked through in a
    browser at several widths, or by agents with and without scripts, is so as is named first, as others by
    `make prove`."""
    for item in _walked_alike(items):
        item.add_marker(pytest.mark.prove)
    for item in items:
        if hasattr(getattr(item, "module", None), "built") and _commits(item):
            raise pytest.UsageError(f"{item.nodeid} commits, beside a world that its file builds once")
    if connection.vendor == "sqlite":
        return
    kept = [
        item
        for item in items
        if item.get_closest_marker("django_db") or ASKS_A_DATABASE & set(getattr(item, "fixturenames", ()))
    ]
    if not config.getoption("every_value"):
        kept = list(_first_values(kept))
    config.hook.pytest_deselected(items=list(set(items).difference(kept)))
    items[:] = kept


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-value",
        action="store_true",
        help="on PostgreSQL, what is tried with several values is with all",
    )


def _first_values(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    """Of what is tried with several values, the first: another value, tried on SQLite, is the same statement.
    All of what commits, and of the walks, in which each address is a value."""
    known: set[str] = set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        if name not in known or _commits(item) or item.path.parent == TESTS:
            yield item
        known.add(name)


def _walked_alike(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    """Whether a page fits is asked of each page (`tests/test_pages.py`, and at more widths by `make prove`
    with `tests/agents/test_every_page.py`): what is done there is the same at any. So it is without scripts
    on the agents' side, where each form is sent by tests that have none."""
    known: set[object] = set()
    for item in items:
        told = dict(getattr(getattr(item, "callspec", None), "params", {}))
        alike = {"width", "javascript"} if item.path.is_relative_to(AGENTS) else {"width"}
        if alike & told.keys() and item.get_closest_marker("browser"):
            walk = item.nodeid.partition("[")[0], repr({**told, **dict.fromkeys(alike)})
            if walk in known:
                yield item
            known.add(walk)


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    fixtures = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or (marker and marker.kwargs.get("transaction")))


YOUNG_AT_MOST = 20_000
"""Objects made since the last look for garbage, of seven hundred that Python waits for by itself."""


def pytest_collection_finish() -> None:
    """Ten thousand tests stay until the end: to look through them for garbage cost a sixth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_AT_MOST, 10, 10)


@receiver(user_logged_in)
def as_by_a_login(request: Any, user: User, **_rest: object) -> None:
    """`force_login` stands for a login: who comes in by it has just shown all that its account has."""
    opened_keep(request, Recognised(user.pk, timezone.now(), frozenset(Factor)))
    life_begin(request.session, life_of(actor_for(user)), now=timezone.now())


HELD_AT_MOST = 2
"""Calls of a prepared query of one shape, in one process, whose statement is built again to be compared."""
held: Counter[int] = Counter()

TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Counted(list[str]):
    """The statements of a block, without those that only open or close a transaction."""


@pytest.fixture
def count_queries() -> Callable[..., AbstractContextManager[Counted]]:
    """`with count_queries(12) as seen:` fails over 12 statements; `count_queries()` only counts.

    As in a request of a process that has answered others: what it keeps of the authorities is read before,
    and all that keeps some is loaded, which its first mail would otherwise do within the block.
    """
    assert get_resolver().url_patterns

    @contextmanager
    def counting(at_most: int | None = None) -> Iterator[Counted]:
        seen = Counted()
        with kept.revision_once():
            for one in kept.ALL:
                one()
            with CaptureQueriesContext(connection) as captured:
                yield seen
        seen.extend(
            query["sql"] for query in captured if not query["sql"].upper().startswith(TRANSACTION_WORDS)
        )
        if at_most is not None and len(seen) > at_most:
            pytest.fail(f"{len(seen)} statements, {at_most} allowed:\n" + "\n".join(seen))

    return counting


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """Instead of pytest-django's own, which runs every migration in each process."""
    name = connection.creation._get_test_db_name()
    with django_db_blocker.unblock(), copied(name), django_db_blocker.block():
        yield


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    nothing_kept()


@pytest.fixture
def files_folder(settings: Any, tmp_path: Path) -> Path:
    """A folder of private files of the test's own, that no database has yet."""
    place = tmp_path / "files"
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": place, "file_permissions_mode": 0o600}}
    settings.STORAGES = {**settings.STORAGES, "private": private}
    return place


SMALL = 100_000
read_apart: dict[tuple[tuple[str, ...], bytes], apart.Answer] = {}
"""What a program of ours made of a small file: the same each time."""


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same few files are sent by hundreds of tests: a program is started once for each, in each process.

    `tests/files`, which is about those programs, starts them all.
    """
    run = apart._run

    def known(command: Sequence[str], content: bytes, seconds: float) -> apart.Answer:
        asked = (tuple(command), content)
        answer = read_apart.get(asked) or run(command, content, seconds)
        if answer.whole and len(content) < SMALL:
            read_apart[asked] = answer
        return answer

    monkeypatch.setattr(apart, "_run", known)


@pytest.fixture(autouse=True)
def _needs_postgres(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")


@pytest.fixture(autouse=True)
def _homes_locked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    watch(monkeypatch)


@pytest.fixture(autouse=True)
def _prepared_as_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prepared queries run the very statement that Django builds from the arguments, codes written in it.

    Held on SQLite, as what a statement hangs on does not change with the database; and for the first calls of
    each shape of the arguments: for all, it cost a seventh of a run.
    """
    if connection.vendor != "sqlite":
        return
    read = Prepared.__call__

    def checked(query: Prepared[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        shape = id(query._found(args, kwargs)[0])
        held[shape] += 1
        if held[shape] > HELD_AT_MOST:
            return read(query, *args, **kwargs)
        try:
            built = query.build(*args, **kwargs).query.sql_with_params()
        except EmptyResultSet:
            built = "", ()
        assert query.sql(*args, **kwargs) == with_codes(*built)
        return read(query, *args, **kwargs)

    monkeypatch.setattr(Prepared, "__call__", checked)
