"""`make test`: the whole suite on SQLite, and on PostgreSQL all but what no database changes: what asks none
(`tests/conftest.py`), the browser's part, the long walks through every form and address (marked `once`), and
the tests of one screen (`SCREENS`): there each role asks for each address and sends to it
(`tests/test_roles.py`), and each form is sent nonsense. Of what is tried with several values, PostgreSQL has
the first, but for races and these. What is marked `prove` is for `make prove`, which has all the others on
PostgreSQL too.

Both run at once, as a worker waits for its browser a third of the time, and one for its PostgreSQL. What the
second says is kept, and told once the first is done.

What is missing (a Chromium, a PostgreSQL, the validator, a clamd, a PgBouncer) is said loudly; with
MARELLE_REQUIRE_BROWSER=1, MARELLE_REQUIRE_POSTGRES=1, MARELLE_REQUIRE_VALIDATOR=1 and so on, as in .ci/run,
it is a failure.
"""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import STDOUT
from tempfile import TemporaryFile

import psycopg

ROOT = Path(__file__).resolve().parent.parent
WORKERS = int(os.environ.get("WORKERS", "2"))
EVERYTHING = ("-m", "not prove")
OF_A_DATABASE = ("-m", "not browser and not once and not prove")
SCREENS = ("tests/agents", "tests/portal")


def postgres_url() -> str | None:
    """Where a PostgreSQL lets us create a database: TEST_DATABASE_URL, else the local one's usual doors."""
    given = os.environ.get("TEST_DATABASE_URL")
    user = getpass.getuser()
    usual = [f"postgres://{name}@127.0.0.1:5432/marelle" for name in (user, "postgres")]
    for url in [given] if given else usual:
        try:
            with psycopg.connect(url, dbname="postgres", connect_timeout=3) as connection:
                row = connection.execute(
                    "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
                ).fetchone()
        except psycopg.OperationalError:
            continue
        if row and row[0]:
            return url
    return None


def run(label: str, url: str | None, *arguments: str) -> int:
    """How the tests so chosen ended: 0 when all passed."""
    print(f"\n=== {label}", flush=True)
    return subprocess.run(tests(WORKERS, *arguments), cwd=ROOT, env=environment(url), check=False).returncode


def tests(workers: int, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--dist", "worksteal", *arguments]


@contextmanager
def meanwhile(label: str, url: str | None, command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The command runs beside the block, is waited for after it, and what it said is told then, whole."""
    with TemporaryFile() as said:
        with subprocess.Popen(command, cwd=ROOT, env=environment(url), stdout=said, stderr=STDOUT) as running:
            yield running
        said.seek(0)
        print(f"\n=== {label}\n{said.read().decode()}", end="", flush=True)


def environment(url: str | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    return {**kept, "TEST_DATABASE_URL": url} if url else kept


def make_tables(urls: Iterable[str | None]) -> None:
    """Of every database at once: each keeps one processor busy, and the tests will only copy them. Meanwhile
    the tests are translated, which each of their processes would do for itself."""
    translating = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "--collect-only"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    making = [
        subprocess.Popen([sys.executable, "-m", "tests.database"], cwd=ROOT, env=environment(url))
        for url in urls
    ]
    answers = [one.wait() for one in making]
    translating.wait()
    if any(answers):
        sys.exit("The tables could not be made.")


def prove() -> int:
    """`make prove`: what is long, and on PostgreSQL the screens and every value."""
    failed = run("SQLite", None, "-m", "prove")
    url = postgres_url()
    return failed or (run("PostgreSQL", url, *OF_A_DATABASE, "--every-value") if url else 0)


def main() -> int:
    url = postgres_url()
    make_tables([None, url] if url else [None])
    if url:
        on_postgres = tests(max(1, WORKERS // 2), *OF_A_DATABASE, *(f"--ignore={path}" for path in SCREENS))
        with meanwhile("PostgreSQL", url, on_postgres) as other:
            failed = run("SQLite", None, *EVERYTHING)
        return failed or other.returncode
    failed = run("SQLite", None, *EVERYTHING)
    print(
        "\n!!! NO POSTGRESQL ANSWERS: its tests did not run. Start one, or give TEST_DATABASE_URL.",
        flush=True,
    )
    return failed or int(os.environ.get("MARELLE_REQUIRE_POSTGRES") == "1")


if __name__ == "__main__":
    sys.exit(prove() if sys.argv[1:] == ["prove"] else main())
