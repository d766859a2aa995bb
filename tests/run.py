"""`make test`: the whole suite on SQLite, then on PostgreSQL all but what no database changes: what asks none
(`tests/conftest.py`), the browser's part, the long walks through every form and address, the tables of routes
by roles (marked `once`). What is marked `prove` is for `make prove`.

What is missing (a Chromium, a PostgreSQL, the validator) is said loudly; with MARELLE_REQUIRE_BROWSER=1,
MARELLE_REQUIRE_POSTGRES=1 or MARELLE_REQUIRE_VALIDATOR=1, as in .ci/run, it is a failure.
"""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent


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
    print(f"\n=== {label}", flush=True)
    workers = os.environ.get("WORKERS", "2")
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "--dist", "worksteal", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(url), check=False).returncode


def environment(url: str | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    return {**kept, "TEST_DATABASE_URL": url} if url else kept


def make_tables(urls: Iterable[str | None]) -> None:
    """Of every database at once: each keeps one processor busy, and the tests will only copy them."""
    making = [
        subprocess.Popen([sys.executable, "-m", "tests.database"], cwd=ROOT, env=environment(url))
        for url in urls
    ]
    answers = [one.wait() for one in making]
    if any(answers):
        sys.exit("The tables could not be made.")


def main() -> int:
    url = postgres_url()
    make_tables([None, url] if url else [None])
    failed = run("SQLite", None, "-m", "not prove")
    if url:
        failed = run("PostgreSQL", url, "-m", "not browser and not once and not prove") or failed
    else:
        print(
            "\n!!! NO POSTGRESQL ANSWERS: its tests did not run. Start one, or give TEST_DATABASE_URL.",
            flush=True,
        )
        if os.environ.get("MARELLE_REQUIRE_POSTGRES") == "1":
            failed = failed or 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
