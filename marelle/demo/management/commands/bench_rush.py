"""`manage.py bench_rush`: the morning when bookings open, on a real server with a database of its own."""

from __future__ import annotations

import json
import os
import platform
import subprocess  # nosec B404
import sys
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.demo.bench_databases import database_of, engine_of, usual_urls, vacuumed
from marelle.demo.builder import build, wipe
from marelle.demo.rush.judging import judged
from marelle.demo.rush.plan import WITHIN, await_now, homes_coming, scarce_week, written
from marelle.demo.rush.reporting import report
from marelle.demo.rush.serving import cpu_of, database_cpu, free_port, served, settings_told, warm
from marelle.demo.rush.visitors import TICKET
from marelle.files.store import store_turn
from marelle.portal.access.stand_ins import session_of

HOMES: Final = 2_500
TERRITORY: Final = 50
"""Homes of a territory of the world, eight of nine of which have a child at school."""


class Command(BaseCommand):
    help = (
        "Homes arrive at once, log in, look at the planning of a scarce week, save ten cells and read again; "
        "prints what each step took, and whether anybody was told what is not so."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--homes", type=int, default=HOMES)
        parser.add_argument("--within", type=float, default=WITHIN, help="seconds in which all arrive (60)")
        parser.add_argument(
            "--url",
            action="append",
            default=[],
            help="sqlite:///folder or postgres://user@host (TEST_DATABASE_URL, else one of each)",
        )
        parser.add_argument("--no-room", action="store_true", help="without the waiting room")
        parser.add_argument("--json", help="a file where the figures are written too")
        parser.add_argument("--measure-here", action="store_true", help="in DATABASE_URL (internal)")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["homes"] < 1 or options["within"] < 0:
            raise CommandError("At least one home, within no less than 0 seconds.")
        if options["measure_here"]:
            self.stdout.write(
                json.dumps(self._measured(options["homes"], options["within"], room=not options["no_room"]))
            )
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        given = os.environ.get("TEST_DATABASE_URL", "")
        urls = options["url"] or ([given] if given else usual_urls())
        measured = {engine_of(url): self._apart(url, options) for url in urls}
        self.stdout.write("\n".join(report(measured)))
        self.stdout.write(
            f"\nPython {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}."
        )
        if options["json"]:
            Path(options["json"]).write_text(json.dumps(measured))
        if not all(found["is_right"] for found in measured.values()):
            raise CommandError("Something is wrong: see the lines that must be 0.")

    def _apart(self, url: str, options: dict[str, Any]) -> dict[str, Any]:
        homes = options["homes"]
        environment = {
            **os.environ,
            "DATABASE_URL": database_of(url, f"rush_{homes}"),
            "FILES_DIR": str(settings.DATA_DIR / "bench" / f"{urlsplit(url).scheme}-rush-{homes}-files"),
        }
        command = [
            *(sys.executable, "-m", "marelle", "bench_rush", "--measure-here"),
            *("--homes", str(homes), "--within", str(options["within"])),
            *(["--no-room"] if options["no_room"] else []),
        ]
        self.stderr.write(f"{homes} homes on {engine_of(url)}…")
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603  # nosec B603
        if done.returncode:
            raise CommandError(f"The rush of {homes} homes failed.")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def _measured(self, homes: int, within: float, *, room: bool) -> dict[str, Any]:
        today = timezone.localdate()
        call_command("migrate", verbosity=0)
        store_turn(now=timezone.now(), adopt=True)
        wipe()
        territories = max(2, -(-homes * 9 // (8 * TERRITORY)))
        build(today=today, families=territories * TERRITORY)
        vacuumed()
        coming = homes_coming(homes)
        monday, openings = scarce_week(today, [one.child_id for one in coming])
        if room:
            await_now(openings)
        port = free_port()
        plan = written(coming, monday, openings, port=port, within=within, ticket=TICKET)
        with served(port) as server, tempfile.NamedTemporaryFile("w", suffix=".json") as told:
            json.dump(plan, told)
            told.flush()
            warm(port, f"{settings.SESSION_COOKIE_NAME}={session_of(coming[0].user)}", plan["week"]["host"])
            database_before, before = database_cpu(), cpu_of(server.pid)
            command = [sys.executable, "-m", "marelle.demo.rush.visitors", told.name]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603  # nosec B603
            spent, of_database = cpu_of(server.pid) - before, database_cpu() - database_before
        figures = judged(json.loads(done.stdout), openings, server_cpu=spent, database_cpu=of_database)
        about = settings_told()
        return {
            **figures.as_dict(),
            "is_right": figures.is_right,
            "within": within,
            "told": f"{about['workers']} processes of {about['threads']} threads, "
            f"{'with' if room else 'without'} the waiting room.",
        }
