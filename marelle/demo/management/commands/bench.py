"""`manage.py bench`: the speed table of docs/performance.md, on databases of its own."""

from __future__ import annotations

import json
import logging
import os
import platform
import subprocess  # nosec B404
import sys
from collections.abc import Iterator
from getpass import getuser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from psycopg import sql

from marelle.demo.bench import measure, month_after, sample
from marelle.demo.bench_pages import FILLED_UP_TO, fill
from marelle.demo.builder import build, wipe
from marelle.demo.load import load, session_cookie
from marelle.demo.models import World
from marelle.files.store import store_turn

FAMILIES = (100, 200, 1_000, 10_000)
PORT = 8150
FIGURES = (
    ("planning of a month, one child", "planning_ms", "{:.1f} ms"),
    ("— processor time of it", "planning_cpu_ms", "{:.1f} ms"),
    ("— queries", "planning_queries", "{}"),
    ("— HTML", "planning_bytes", "{} B"),
    ("— all other files, cold, as served", "other_bytes", "{} B"),
    ("the same at 8 clients, a connection each", "per_second", "{:.0f} /s"),
    ("the same at 8 clients, connections kept", "per_second_kept", "{:.0f} /s"),
    ("saving 20 cells, one POST", "save_ms", "{:.1f} ms"),
    ("— processor time of it", "save_cpu_ms", "{:.1f} ms"),
    ("— queries", "save_queries", "{}"),
    ("giving 20 back, nobody waits", "free_ms", "{:.1f} ms"),
    ("— queries", "free_queries", "{}"),
    ("giving 20 back, someone waits for each", "served_ms", "{:.1f} ms"),
    ("— queries", "served_queries", "{}"),
    ("dashboard", "dashboard_ms", "{:.1f} ms"),
    ("— processor time of it", "dashboard_cpu_ms", "{:.1f} ms"),
    ("— queries", "dashboard_queries", "{}"),
    ("bookings of the month that is read", "month_bookings", "{:,}"),
    ("agents: a family found by its name", "searches.name", "{:.1f} ms"),
    ("— by a first name, and a name with a mistake", "searches.mistake", "{:.1f} ms"),
    ("— by a telephone", "searches.phone", "{:.1f} ms"),
    ("— by a mail address", "searches.mail", "{:.1f} ms"),
    ("— by its number", "searches.number", "{:.1f} ms"),
    ("— by a child", "searches.child", "{:.1f} ms"),
    ("— queries", "search_queries", "{}"),
    ("agents: 2,000 families imported, their file read", "imported.read_s", "{:.1f} s"),
    ("— what it would do, shown", "imported.report_s", "{:.1f} s"),
    ("— all written", "imported.written_s", "{:.1f} s"),
    ("agents: the fullest day of a structure closed, its bookings", "closing.bookings", "{}"),
    ("— time", "closing.make_ms", "{:.0f} ms"),
    ("— queries", "closing.make_queries", "{}"),
    ("— undone", "closing.undo_ms", "{:.0f} ms"),
    ("— queries", "closing.undo_queries", "{}"),
)


class Command(BaseCommand):
    help = "Measure and print the speed table. Databases are built on the first run and kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--url",
            action="append",
            default=[],
            help="sqlite:///folder or postgres://user@host (default: both, where PostgreSQL answers)",
        )
        parser.add_argument("--families", type=int, nargs="+", default=list(FAMILIES))
        parser.add_argument("--rebuild", action="store_true", help="build the databases again")
        parser.add_argument("--port", type=int, default=PORT)
        parser.add_argument(
            "--measure-here", type=int, help="measure the database of DATABASE_URL (internal)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["measure_here"]:
            self._measure_here(options["measure_here"], rebuild=options["rebuild"], port=options["port"])
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        for url in options["url"] or _usual_urls():
            found = {count: self._measure(url, count, options) for count in options["families"]}
            self.stdout.write(f"\n### {'SQLite' if url.startswith('sqlite') else 'PostgreSQL'}\n\n")
            self.stdout.write("\n".join(_table(found)) + "\n")
            filled = [count for count in found if count <= FILLED_UP_TO]
            if filled:
                self.stdout.write(f"\n{max(filled)} families, journal filled:\n\n")
                self.stdout.write("\n".join(_pages(found[max(filled)]["pages"])) + "\n")
                self.stdout.write("\nEvery page of the agents' side:\n\n")
                self.stdout.write("\n".join(_pages(found[max(filled)]["staff_pages"])) + "\n")
        self.stdout.write(
            f"\nPython {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}."
        )

    def _measure(self, url: str, families: int, options: dict[str, Any]) -> dict[str, Any]:
        environment = {
            **os.environ,
            "DATABASE_URL": _database(url, families),
            "FILES_DIR": str(settings.DATA_DIR / "bench" / f"{urlsplit(url).scheme}-{families}-files"),
            "EMBEDDED_WORKER": "0",
        }
        arguments = ["bench", "--measure-here", str(families), "--port", str(options["port"])]
        command = [
            sys.executable,
            "-m",
            "marelle",
            *arguments,
            *(["--rebuild"] if options["rebuild"] else []),
        ]
        self.stderr.write(f"{families} families…")
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603  # nosec B603
        if done.returncode:
            raise CommandError(f"The measure of {families} families failed.")
        measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return measured

    def _measure_here(self, families: int, *, rebuild: bool, port: int) -> None:
        today = timezone.localdate()
        call_command("migrate", verbosity=0)
        if rebuild or not World.objects.filter(day=today, families=families).exists():
            wipe()
            build(today=today, families=families)
            fill(families)
        store_turn(now=timezone.now(), adopt=True)
        logging.disable(logging.WARNING)  # Asking every address of the agents' side, some answer a 404.
        found = measure(today, filled=families <= FILLED_UP_TO).as_dict()
        homes = sample(64)
        pages = [(home.planning(month_after(today, 1)), session_cookie(home.user)) for home in homes]
        served = load(pages, port)
        found |= {
            "other_bytes": served.other_bytes,
            "per_second": served.per_second,
            "per_second_kept": served.per_second_kept,
        }
        self.stdout.write(json.dumps(found))


def _pages(pages: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield "| page | server time | processor time | queries | HTML |"
    yield "|---|---|---|---|---|"
    for label, one in pages.items():
        yield (
            f"| {label} | {one['ms']:.1f} ms | {one['cpu_ms']:.1f} ms | {one['queries']} | {one['size']} B |"
        )


def _usual_urls() -> list[str]:
    """SQLite in the data folder, and the PostgreSQL of this machine when one lets us in."""
    urls = [f"sqlite:///{settings.DATA_DIR / 'bench'}"]
    local = f"postgres://{getuser()}@127.0.0.1"
    try:
        psycopg.connect(f"{local}/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        return urls
    return [*urls, local]


def _database(url: str, families: int) -> str:
    """The address of the bench's own database for so many families; created on PostgreSQL where missing."""
    name = f"marelle_bench_{families}"
    if url.startswith("sqlite"):
        folder = Path(url.removeprefix("sqlite:///"))
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / name}.sqlite3"
    base = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(base, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if not known:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _table(found: dict[int, dict[str, Any]]) -> Iterator[str]:
    counts = list(found)
    yield (
        "| work | "
        + " | ".join(f"{count:,} families".replace(",", " ") for count in counts)
        + " | last / first |"
    )
    yield "|---|" + "---|" * (len(counts) + 1)
    for label, key, shape in FIGURES:
        values = [_figure(found[count], key) for count in counts]
        ratio = f"{values[-1] / values[0]:.2f}" if shape.endswith(("ms", "/s")) else ""
        yield f"| {label} | " + " | ".join(shape.format(value) for value in values) + f" | {ratio} |"


def _figure(measured: dict[str, Any], key: str) -> Any:
    """`searches.name` is the figure "name" of "searches"."""
    first, _dot, rest = key.partition(".")
    return measured[first][rest] if rest else measured[first]
