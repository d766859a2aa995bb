"""A real PgBouncer in transaction mode, in front of the database of the tests, over all tests of a process.

Without it (`pgbouncer` of Debian), its tests are skipped, which is said loudly; with
MARELLE_REQUIRE_PGBOUNCER=1, as in .ci/run, that is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.db import connection

from marelle.core.database import database_read
from marelle.core.environment import Environment

MISSING: Final = "no PgBouncer: `apt-get install --no-install-recommends pgbouncer` brings it"
PREPARES: Final = (1, 21)
"""The first version that keeps prepared statements."""

CONNECTIONS: Final = 3
"""To PostgreSQL, for however many clients: they have to share them."""

CONFIGURATION: Final = """\
[databases]
* = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {door}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
{prepared}
logfile = {folder}/log
"""
PATIENCE: Final = 20


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"!!! PGBOUNCER DID NOT RUN: {MISSING}.", red=True)


@dataclass(frozen=True)
class Pooler:
    port: int
    version: tuple[int, ...]

    def address(self) -> str:
        return f"postgres://any@127.0.0.1:{self.port}/{connection.settings_dict['NAME']}"


@pytest.fixture(scope="session")
def pooler() -> Iterator[Pooler]:
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        if os.environ.get("MARELLE_REQUIRE_PGBOUNCER") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    (found,) = re.findall(r"PgBouncer ([\d.]+)", said)
    version = tuple(map(int, found.split(".")))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        folder, server = Path(name), connection.settings_dict
        folder.chmod(0o777)  # of whom it runs as
        (folder / "conf").write_text(
            CONFIGURATION.format(
                folder=folder,
                host=server["HOST"] or "127.0.0.1",
                port=server["PORT"] or 5432,
                user=server["USER"] or "postgres",
                password=server["PASSWORD"] or "none",
                door=port,
                connections=CONNECTIONS,
                prepared="max_prepared_statements = 200" if version >= PREPARES else "",
            )
        )
        nobody = ["--user", "nobody"] if os.geteuid() == 0 else []  # it runs as root for nobody
        running = subprocess.Popen(
            [program, "--quiet", *nobody, str(folder / "conf")], stderr=subprocess.DEVNULL
        )
        try:
            until = monotonic() + PATIENCE
            while not _answers(port):
                assert running.poll() is None, (folder / "log").read_text()
                assert monotonic() < until, "PgBouncer does not answer"
                sleep(0.05)
            yield Pooler(port, version)
        finally:
            running.terminate()
            running.wait(PATIENCE)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def pooled(pooler: Pooler, **variables: str) -> Iterator[dict[str, Any]]:
    """The connections of this process go through it, set as these variables set them; `settings_dict`."""
    told = {"DATABASE_URL": pooler.address(), "DATABASE_POOLER": "1", **variables}
    with leading(told):
        yield connection.settings_dict
    hung_up()


def hung_up() -> None:
    """End what the pooler keeps of the database of a test, which is thrown away after it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and datname = current_database()"
        )


@contextmanager
def leading(variables: dict[str, str]) -> Iterator[None]:
    """The connections of this process are made as these variables say."""
    usual = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(database_read(Environment(variables), ""))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(usual)


def address() -> str:
    """The database of the tests, past any pooler."""
    server = connection.settings_dict
    secret = f":{quote(server['PASSWORD'], safe='')}" if server["PASSWORD"] else ""
    who = quote(server["USER"] or "postgres", safe="")
    return (
        f"postgres://{who}{secret}@{server['HOST'] or '127.0.0.1'}:{server['PORT'] or 5432}/{server['NAME']}"
    )
