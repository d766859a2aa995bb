"""The last backup tried: put back beside the portal, verified, its pages opened, then thrown away."""

from __future__ import annotations

import os
import re
import subprocess  # nosec B404
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from marelle.backups.databases import reached
from marelle.backups.places import Backup
from marelle.backups.refusals import BackupRefused
from marelle.core.actor import Role
from marelle.flows.models import JobRound
from marelle.flows.upkeep.rounds import DRILL, Outcome, rounds_note
from marelle.mail.services import Draft, queue_many
from marelle.places.posts.selectors import addresses_of

JOB: Final = DRILL
MAIL: Final = "backups/drill"

PAGES: Final = 50

MOST_TOLD: Final = 20
"""Lines of what is wrong that a mail tells."""

AWAY: Final = (
    "MAIL_",
    "ERRORS_",
    "CLAMD",
    "BACKUP_",
    "STORAGE_",
    "FRANCECONNECT_",
    "PROCONNECT_",
    "OIDC_",
    "API_PARTICULIER_",
)
"""How the settings begin of what a portal that is tried has not: it tells and asks nobody anything."""

OURS: Final = re.compile(r"[^\s«].*\u00a0: .+|CommandError: .+")
"""A sentence of one of our commands, and no line of a program's error, which may hold anything."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """`troubles` in sentences; none where all of it came back. `pages`: how many were opened."""

    name: str
    pages: int = 0
    troubles: list[str] = field(default_factory=list)


def drill(*, path: Backup, identity: Path | None) -> Drilled:
    """Try a backup on a database and a folder of its own, beside those of the portal, and leave nothing of
    them. Raises BackupRefused where they cannot be made."""
    reached()
    with _scratch() as environment:
        troubles: list[str] = []
        # Where it lies in a bucket, its address holds a secret, which a list of processes would show.
        place = getattr(path, "place", None)
        kept = {"BACKUP_TO": place.address} if place else {}
        restore = ["restore", path.name if place else str(path)]
        restore += ["--identity", str(identity)] if identity else []
        troubles += _run(restore, {**environment, **kept})[1]
        if troubles:
            return Drilled(path.name, 0, troubles)
        troubles += _run(["verify"], environment)[1]
        pages, wrong = _run(["drill", "--pages-here", str(PAGES)], environment)
        return Drilled(path.name, len(pages), [*troubles, *wrong])


def drill_note(drilled: Drilled, *, began: datetime) -> None:
    """Note it for the page of the background work, and tell the administrators: whenever it goes wrong, and
    when it goes well for the first time or again."""
    before = JobRound.objects.filter(job=JOB).first()
    failure = "drill_failed" if drilled.troubles else ""
    now = timezone.now()
    with transaction.atomic():
        rounds_note([Outcome(JOB, began, now - began, drilled.pages, failure)])
        if failure or before is None or before.failure:
            context = {
                "well": not drilled.troubles,
                "name": drilled.name,
                "pages": str(drilled.pages),
                "troubles": drilled.troubles[:MOST_TOLD],
            }
            queue_many(
                kind=MAIL, drafts=[Draft(to, context) for to in addresses_of(Role.ADMINISTRATOR)], now=now
            )


def _run(command: list[str], environment: dict[str, str]) -> tuple[list[str], list[str]]:
    """What a command of ours said of the copy, and what it found wrong; all of it is for the operator."""
    done = subprocess.run(  # noqa: S603  # nosec B603
        [sys.executable, "-m", "marelle", *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stderr.write(done.stderr)
    said = [line for line in done.stdout.splitlines() if line.strip()]
    wrong = [line.removeprefix("CommandError: ") for line in done.stderr.splitlines() if OURS.fullmatch(line)]
    stopped = [f"marelle {command[0]} s’est arrêté (code {done.returncode})"]
    return said, (wrong or stopped) if done.returncode else []


@contextmanager
def _scratch() -> Iterator[dict[str, str]]:
    """The environment of a portal beside this one, whose folder and database end with it."""
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix="drill-") as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(AWAY)},
            "FILES_DIR": str(Path(folder) / "files"),
            "DJANGO_SETTINGS_MODULE": "marelle.settings",
            "EMBEDDED_WORKER": "0",
            "LOG_LEVEL": "ERROR",
        }
        if connection.vendor == "sqlite":
            yield {**environment, "DATABASE_URL": f"sqlite:///{folder}/drill.sqlite3"}
        else:
            with _database() as name:
                yield {**environment, "DATABASE_URL": _address(name)}


@contextmanager
def _database() -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_drill"
    quoted = connection.ops.quote_name(name)
    try:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"drop database if exists {quoted}")
            cursor.execute(f"create database {quoted}")
    except DatabaseError as error:
        raise BackupRefused("no_scratch", name=name, why=str(error).strip().splitlines()[0]) from error
    try:
        yield name
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"drop database if exists {quoted}")


def _address(name: str) -> str:
    """The database's of this portal, but for its name."""
    address = os.environ.get("DATABASE_URL", "")
    head, _slash, tail = address.rpartition("/")
    _name, mark, options = tail.partition("?")
    return f"{head}/{name}{mark}{options}"
