"""`manage.py bench`: the tables of docs/performance.md, on databases of its own."""

from __future__ import annotations

import json
import logging
import os
import platform
import subprocess  # nosec B404
import sys
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.demo.bench import HOMES, measure, month_after, sample
from marelle.demo.bench_databases import database_of, engine_of, usual_urls, vacuumed
from marelle.demo.bench_meanwhile import advance, meanwhile_figures
from marelle.demo.bench_pages import FILLED_UP_TO, fill
from marelle.demo.bench_report import report
from marelle.demo.bench_scale import report as scale_report
from marelle.demo.bench_scale import scale_figures
from marelle.demo.builder import build, wipe
from marelle.demo.load import load
from marelle.demo.models import World
from marelle.files.store import store_turn
from marelle.portal.access.stand_ins import cookie_of

FAMILIES = (100, 200, 1_000, 10_000)
PORT = 8150


class Command(BaseCommand):
    help = "Measure and print the speed table. Databases are built on the first run and kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--url",
            action="append",
            default=[],
            help="sqlite:///folder or postgres://user@host (default: one of each, where PostgreSQL answers)",
        )
        parser.add_argument("--families", type=int, nargs="+", default=list(FAMILIES))
        parser.add_argument("--every", action="store_true", help="print every page of the agents' side")
        parser.add_argument("--rebuild", action="store_true", help="build the databases again")
        parser.add_argument("--port", type=int, default=PORT)
        parser.add_argument(
            "--scale", action="store_true", help="compare a few works at these sizes, on PostgreSQL alone"
        )
        parser.add_argument("--advance", action="store_true", help="make the bills of a run (internal)")
        parser.add_argument(
            "--measure-here", type=int, help="measure the database of DATABASE_URL (internal)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["advance"]:
            self.stdout.write("begins", ending="\n")
            self.stdout.flush()
            advance()
            return
        if options["measure_here"]:
            self._measure_here(options["measure_here"], options)
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        measured = {
            engine_of(url): {count: self._measure(url, count, options) for count in options["families"]}
            for url in options["url"] or usual_urls()
        }
        if options["scale"]:
            for found in measured.values():
                self.stdout.write("\n".join(scale_report(list(found.values()))))
            return
        filled = max((count for count in options["families"] if count <= FILLED_UP_TO), default=None)
        self.stdout.write("\n".join(report(measured, filled, every=options["every"])))
        self.stdout.write(
            f"\nPython {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}."
        )

    def _measure(self, url: str, families: int, options: dict[str, Any]) -> dict[str, Any]:
        environment = {
            **os.environ,
            "DATABASE_URL": database_of(url, families),
            "FILES_DIR": str(settings.DATA_DIR / "bench" / f"{urlsplit(url).scheme}-{families}-files"),
            "EMBEDDED_WORKER": "0",
        }
        arguments = ["bench", "--measure-here", str(families), "--port", str(options["port"])]
        command = [
            sys.executable,
            "-m",
            "marelle",
            *arguments,
            *(f"--{name}" for name in ("rebuild", "scale") if options[name]),
        ]
        self.stderr.write(f"{families} families…")
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603  # nosec B603
        if done.returncode:
            raise CommandError(f"The measure of {families} families failed.")
        measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return measured

    def _measure_here(self, families: int, options: dict[str, Any]) -> None:
        today = timezone.localdate()
        call_command("migrate", verbosity=0)
        if options["rebuild"] or not World.objects.filter(day=today, families=families).exists():
            wipe()
            build(today=today, families=families)
            fill(families)
            vacuumed()
        store_turn(now=timezone.now(), adopt=True)
        logging.disable(logging.WARNING)  # Asking every address of the agents' side, some answer a 404.
        if options["scale"]:
            self.stdout.write(json.dumps(scale_figures(today).as_dict()))
            return
        found = measure(today, filled=families <= FILLED_UP_TO).as_dict()
        found["meanwhile"] = asdict(meanwhile_figures(sample(HOMES), today))
        homes = sample(64)
        pages = [(home.planning(month_after(today, 1)), cookie_of(home.user)) for home in homes]
        served = load(pages, options["port"])
        found |= {
            "other_bytes": served.other_bytes,
            "per_second": served.per_second,
            "per_second_kept": served.per_second_kept,
        }
        self.stdout.write(json.dumps(found))
