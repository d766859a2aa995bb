"""A morning when bookings open, small: homes of a scenario, the real server, and those who arrive."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from marelle.accounts.hashing import Argon2
from marelle.accounts.models import User
from marelle.activities.models import Opening
from marelle.demo.accounts import PASSWORD
from marelle.demo.rush import plan
from marelle.demo.rush.judging import RushFigures, judged
from marelle.demo.rush.plan import Coming, written
from marelle.demo.rush.serving import free_port, served
from marelle.demo.rush.visitors import TICKET
from marelle.planning.address import monday_of
from tests.pooler import address
from tests.scenario import Scenario
from tests.test_settings import ROOT

SLOTS = (("Matin", "07:30", "08:30"), ("Midi", "11:30", "13:30"), ("Soir", "16:30", "18:30"))


@dataclass
class Morning:
    """`homes` homes of one child each, and a week of twelve openings with `places` each."""

    homes: int
    places: int
    world: Scenario = field(default_factory=Scenario)

    def __post_init__(self) -> None:
        today = timezone.localdate()
        self.monday = monday_of(today) + timedelta(weeks=3)
        activity = self.world.activity(
            first_day=today - timedelta(days=9), last_day=self.monday + timedelta(days=9)
        )
        for slot in SLOTS:
            self.world.slot(activity, *slot, weekdays=(0, 1, 3, 4), capacity=self.places)
        self.world.rule(activity)
        self.openings = self.world.openings(activity, self.monday, self.monday + timedelta(days=6))
        password, self.coming = Argon2().encode(PASSWORD, Argon2().salt()), []
        for number in range(self.homes):
            home = self.world.home(f"Famille{number}")
            child = self.world.child(home, f"Enfant{number}")
            self.world.enrolment(child, activity, home)
            User.objects.filter(pk=home.user.pk).update(password=password)
            home.user.refresh_from_db()
            self.coming.append(Coming(home.user, child.pk, number % 2 == 0))

    def await_now(self) -> None:
        """Name the opening: the waiting room is open."""
        plan.await_now([one.pk for one in self.openings])

    @contextmanager
    def server(self, folder: Path, **environment: str) -> Iterator[tuple[int, int]]:
        """The port where it answers, and the process that started it."""
        port = free_port()
        lives_in = connection.settings_dict["NAME"]
        database = address() if connection.vendor == "postgresql" else f"sqlite:///{lives_in}"
        told = {
            "DJANGO_SETTINGS_MODULE": "marelle.settings",
            "MARELLE_DEMO": "1",
            "DEBUG": "1",
            "SECRET_KEY": settings.SECRET_KEY,
            "DATA_DIR": str(folder),
            "DATABASE_URL": database,
            "FILES_DIR": str(folder / "files"),
            **environment,
        }
        with served(port, **told) as process:
            yield port, process.pid

    def rush(
        self, port: int, *, within: float, meanwhile: Callable[[], None] = lambda: None
    ) -> tuple[RushFigures, dict[str, Any]]:
        """What became of all, and what each was told; `meanwhile` runs beside them, in this process."""
        ids = [opening.pk for opening in Opening.objects.filter(pk__in=[one.pk for one in self.openings])]
        asked = written(self.coming, self.monday, ids, port=port, within=within, ticket=TICKET)
        command = [sys.executable, "-m", "marelle.demo.rush.visitors", "/dev/stdin"]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as visitors:
            assert visitors.stdin
            visitors.stdin.write(json.dumps(asked).encode())
            visitors.stdin.close()
            visitors.stdin = None
            meanwhile()
            said, _nothing = visitors.communicate(timeout=120)
        told = json.loads(said)
        return judged(told, ids), told
