"""What is read of the portal's own state: its settings, its machine, its tables."""

from __future__ import annotations

import os
import shutil
from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Count, Min

from marelle.core.patience import within
from marelle.core.rehearsal import is_rehearsal
from marelle.core.strength import is_weak, repeated
from marelle.files.holding import held_long
from marelle.files.services import shelf
from marelle.flows.door.evening_sending import lists_late
from marelle.flows.models import JobRound
from marelle.flows.upkeep.clocks import clock_off
from marelle.flows.upkeep.rounds import BACKUP, BY_A_TIMER, LATE, Seen, jobs_seen
from marelle.flows.upkeep.worker import CODES
from marelle.flows.vitals.rules import (
    Disk,
    Kept,
    Kind,
    Machine,
    Sign,
    kept_signs,
    looked_at,
    machine_signs,
    told,
)
from marelle.mail.models import MessageQuerySet
from marelle.mail.selectors import held as mails_held
from marelle.mail.selectors import overdue, waiting
from marelle.places.second import agents_without_second

SIGNING: Final = 50
"""Signs of `SECRET_KEY`, as Django asks for."""

PASSWORD: Final = 12
"""Signs of the password of the database, as the portal asks of people."""

VARIED: Final = 16
"""Different bytes of a sealing key: 32 that are random have more, but for one in many billions."""


PATIENCE: Final = 2.0
"""Seconds to ask a disk how much is free."""

JOBS: Final = (*CODES, *BY_A_TIMER)

URGENT: Final = (
    Kind.WORKER, Kind.JOBS, Kind.MAILS, Kind.HELD, Kind.LISTS, Kind.BACKUP, Kind.DISK, Kind.MAIL_SERVER,
)  # fmt: skip
"""What an administrator is told without asking."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """`kinds` are what was looked at, `signs` what of them is to be seen to, in the same order."""

    kinds: list[Kind]
    signs: list[Sign]
    jobs: list[Seen]


def vitals(*, now: datetime) -> Vitals:
    """All that is looked at; some nine queries."""
    jobs, kinds = jobs_seen(JOBS, now=now), looked_at(is_demo=settings.MARELLE_DEMO)
    machine = replace(machine_read(), store_answers=shelf().is_ready())
    signs = chain(machine_signs(machine), kept_signs(kept_read(jobs, now=now), now=now))
    return Vitals(kinds, told(signs, kinds), jobs)


def urgent(*, now: datetime) -> list[Sign]:
    """What cannot wait until somebody asks; three queries, four where viruses are looked for. Mails are told
    once they are two days late: what a server of mails does within a day is for who runs it."""
    kept = kept_of(jobs_seen(JOBS, now=now), now=now, mails=overdue(now=now))
    signs = chain(machine_signs(machine_read()), kept_signs(kept, now=now))
    return told(signs, [kind for kind in looked_at(is_demo=settings.MARELLE_DEMO) if kind in URGENT])


def machine_read() -> Machine:
    """No query; asks the disks how much is free."""
    return Machine(
        believes_proxy=settings.TRUSTED_PROXIES > 0,
        is_https=settings.HTTPS,
        sends_mails=settings.MAIL_IS_SENT,
        seals=bool(settings.SEALING_KEYS),
        disks=tuple(disks()),
        weak=tuple(_weak()),
        repeated=tuple(repeated(_secrets())),
    )


def kept_read(jobs: Collection[Seen], *, now: datetime) -> Kept:
    """`jobs`: those of the worker and the backup, as they were last seen."""
    kept = kept_of(jobs, now=now, mails=waiting(now=now))
    return replace(
        kept,
        clock_off=clock_off(),
        without_second=agents_without_second(),
        is_rehearsal=is_rehearsal(),
        retained=mails_held().count(),
    )


def kept_of(jobs: Collection[Seen], *, now: datetime, mails: MessageQuerySet) -> Kept:
    """Of these jobs and mails alone, of lists of the next day, and of files that are held where viruses are
    looked for."""
    worker = [seen.last for seen in jobs if seen.job in CODES and seen.last]
    heard = max(worker, key=_ended, default=None)
    seen_at = _ended(heard) if heard else None
    found = mails.aggregate(count=Count("pk"), since=Min("not_before"))
    return Kept(
        seen_at=seen_at,
        is_alive=seen_at is not None and now - seen_at <= LATE,
        late=tuple(seen.job for seen in jobs if seen.job in CODES and seen.is_late),
        mails=found["count"],
        mails_since=found["since"],
        retained=0,
        held=0 if settings.CLAMD is None else held_long(now=now),
        lists=lists_late(now=now),
        backup_at=next((seen.last.well_at for seen in jobs if seen.job == BACKUP and seen.last), None),
        clock_off=None,
        worker_off=heard.clock_off if heard else None,
        without_second=0,
    )


def _ended(row: JobRound) -> datetime:
    return row.began_at + row.took


def disks() -> Iterator[Disk]:
    """The disk of each of our folders, once where several are on the same. A folder that is not there, or
    that hangs, is told of by who writes there."""
    known: set[int] = set()
    for setting in ("DATA_DIR", "FILES_DIR", "BACKUP_TO", "EVENING_TO"):
        folder = getattr(settings, setting) if setting != "FILES_DIR" or settings.STORAGE is None else ""
        with suppress(OSError):
            if not folder:
                continue
            device, usage = within(PATIENCE, setting, partial(_measured, folder))
            if device not in known:
                known.add(device)
                yield Disk(setting, usage.total, usage.free)


def _measured(folder: str | Path) -> tuple[int, shutil._ntuple_diskusage]:
    return os.stat(folder).st_dev, shutil.disk_usage(folder)


def _weak() -> Iterator[str]:
    if is_weak(settings.SECRET_KEY, least=SIGNING):
        yield "SECRET_KEY"
    if any(len(set(urlsafe_b64decode(key))) < VARIED for key in settings.SEALING_KEYS):
        yield "SEALING_KEYS"
    if settings.MONITORING_TOKEN and is_weak(settings.MONITORING_TOKEN, least=1):
        yield "MONITORING_TOKEN"
    database = settings.DATABASES["default"]
    password = database.get("PASSWORD")
    if password and is_weak(password, least=PASSWORD, known=(database["USER"], database["NAME"])):
        yield "DATABASE_URL"


def _secrets() -> Iterator[tuple[str, str]]:
    """Each secret of the settings with the name of its variable."""
    yield "SECRET_KEY", settings.SECRET_KEY
    yield from (("SECRET_KEY_FALLBACKS", secret) for secret in settings.SECRET_KEY_FALLBACKS)
    yield from (("SEALING_KEYS", key) for key in settings.SEALING_KEYS)
    yield "DATABASE_URL", settings.DATABASES["default"].get("PASSWORD") or ""
    yield "MONITORING_TOKEN", settings.MONITORING_TOKEN
    if settings.STORAGE is not None:
        yield "STORAGE_URL", settings.STORAGE.secret
    if settings.BACKUP_BUCKET is not None:
        yield "BACKUP_TO", settings.BACKUP_BUCKET.secret
    yield "MAIL_URL", settings.EMAIL_HOST_PASSWORD
    for provider in settings.IDENTITY_PROVIDERS:
        prefix = "OIDC" if provider.key == "ville" else provider.key.upper()
        yield f"{prefix}_CLIENT_SECRET", provider.client_secret
    if settings.API_PARTICULIER is not None:
        yield "API_PARTICULIER_TOKEN", settings.API_PARTICULIER.token
