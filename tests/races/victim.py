"""A process that dies where it is told to, as if the machine had. Started by `test_crash.py`."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection, transaction
from django.db.models import F
from django.urls import get_resolver

from marelle.activities.catalogue import activity_facts
from marelle.activities.models import Activity, Quota
from marelle.backups.whole.reading import whole_read
from marelle.billing.imports.services import import_confirm
from marelle.billing.models import BillingRun
from marelle.billing.tresor.files import exports_write
from marelle.billing.tresor.report import Batch
from marelle.billing.tresor.services import tresor_export
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save, places_freed, waiting_served
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import Actor, Power, Role
from marelle.flows.bills import pacing, working
from marelle.flows.bills.working import run_advance
from marelle.flows.moving import services as moving
from marelle.journal.chain import entries_seal
from marelle.journal.services import entries_purge
from marelle.journal.walking import walk_advance
from marelle.messaging.telling import news_told

Job = Callable[..., object]

# What each process would load for itself, in half a second: the views, to which mails lead.
assert get_resolver().url_patterns


def cancels(actor: Actor, child_id: int, opening_id: int, now: datetime) -> None:
    """A parent takes a booking back."""
    bookings_save(actor=actor, changes=[Change(child_id, opening_id, True, False)], now=now)


def serves(_actor: Actor, _child_id: int, _opening_id: int, now: datetime) -> None:
    """The worker hands free places on."""
    waiting_served(now=now)


def frees(_actor: Actor, child_id: int, opening_id: int, now: datetime) -> None:
    """Some other service frees a place, as one that ends an enrolment does."""
    with transaction.atomic():
        list(Quota.objects.select_for_update().filter(openings=opening_id).order_by("pk"))
        held = Booking.objects.holding().filter(opening_id=opening_id, child_id=child_id)
        if held.update(
            state=BookingState.CANCELLED, ended_at=now, end_cause=EndCause.ENROLMENT_ENDED, ended_by="test"
        ):
            Quota.objects.filter(openings=opening_id).update(taken=F("taken") - 1)
        places_freed(opening_ids=[opening_id], now=now)


def tells(now: datetime) -> None:
    """The worker writes to the homes that a piece of news is for."""
    news_told(now=now)


def bills(run_id: int, now: datetime) -> None:
    """The worker prepares a month's bills, or issues them, two homes at a time, until it waits."""
    working.PREVIEWED_AT_ONCE = pacing.MOST_AT_ONCE = 2
    run = BillingRun.objects.get(pk=run_id)
    before = run.state
    while run.state == before and run.state in {"previewing", "issuing"}:
        run_advance(run, now=now)
        run.refresh_from_db()


def exports(batch: Batch, seen: str, now: datetime) -> None:
    """An office asks for the file of a month's bills."""
    office = Actor(None, "Nadège", powers=frozenset({Power(Role.OFFICE, authority_id=batch.authority_id)}))
    tresor_export(actor=office, batch=batch, seen=seen, now=now)


def writes(folder: str, now: datetime) -> None:
    """The worker writes the files whose numbers are taken, in the folder of the test."""
    settings.STORAGES["private"]["OPTIONS"]["location"] = folder
    storages._storages.clear()
    exports_write(now=now)


def brings(actor: Actor, run_id: int, folder: str, now: datetime) -> None:
    """An agent imports a file of another software, that lies in the folder of the test."""
    settings.STORAGES["private"]["OPTIONS"]["location"] = folder
    storages._storages.clear()
    import_confirm(actor=actor, run_id=run_id, tell=False, now=now)


def moves_in(folder: str, now: datetime) -> None:
    """The worker writes the lines of another software, two at a time, that lie in the folder of the test."""
    settings.STORAGES["private"]["OPTIONS"]["location"] = folder
    storages._storages.clear()
    moving.BATCH = 2
    moving.movings_advance(now=now)


def reads_whole(source: str, folder: str, now: datetime) -> None:
    """An administrator imports a whole, whose files come in the folder of the test."""
    settings.STORAGES["private"]["OPTIONS"]["location"] = folder
    storages._storages.clear()
    whole_read(Path(source), now=now)


def seals(now: datetime) -> None:
    """The worker seals the journal."""
    entries_seal(now=now)


def purges(now: datetime) -> None:
    """The worker purges half of it."""
    entries_purge(before=now, verbs=["health.read"], now=now)


def walks(now: datetime) -> None:
    """The worker walks along it, at night."""
    walk_advance(now=now + timedelta(hours=6))


def live_until(database: str, step: int, job: Job, *arguments: Any) -> None:
    """Do the job, and die once `step` statements were executed, whatever is not committed then."""
    connection.settings_dict["NAME"] = database
    activity_facts(dict(Activity.objects.values_list("pk", "revision")))
    done = 0

    def count(execute: Callable[..., Any], *statement: Any) -> Any:
        nonlocal done
        answer = execute(*statement)
        done += 1
        if done == step:
            _die()
        return answer

    with connection.execute_wrapper(count):
        job(*arguments)


def die_within(database: str, seconds: float, job: Job, *arguments: Any) -> None:
    """Do the job, and die after so many seconds unless it is done before."""
    connection.settings_dict["NAME"] = database
    timer = threading.Timer(seconds, _die)
    timer.daemon = True
    timer.start()
    job(*arguments)
    timer.cancel()


def die_after(database: str, words: str, job: Job, *arguments: Any) -> None:
    """Do the job, and die once a statement with these words was executed."""
    connection.settings_dict["NAME"] = database

    def look(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if words in sql:
            _die()
        return answer

    with connection.execute_wrapper(look):
        job(*arguments)


def die_between_commit_and_follow_up(database: str, job: Job, *arguments: Any) -> None:
    """Do the job, and die right after its transaction, before anything that was to follow it."""
    connection.settings_dict["NAME"] = database
    with transaction.atomic():
        transaction.on_commit(_die)
        job(*arguments)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
