"""Background work: mails to send, freed places to hand on, rows to delete once they have had their time.

Any number of copies may run at once. What there is to do is in the tables, and each job claims it by locks: a
copy that dies loses nothing, two copies never do the same thing twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import connections
from django.utils import timezone

from marelle.bookings.offer_cases import offer_cases_follow
from marelle.bookings.offers import offers_expire
from marelle.bookings.services import waiting_served
from marelle.core.clock import running
from marelle.families.imports.services import imports_advance
from marelle.flows.deadlines import deadlines_tell
from marelle.flows.mismatches import mismatches_tell
from marelle.flows.missing_papers import papers_reminded
from marelle.flows.paper_mails import papers_told
from marelle.flows.tidying import tidied
from marelle.mail.rules import BATCH, ROUND
from marelle.mail.services import send_due
from marelle.messaging.telling import news_told

logger = logging.getLogger(__name__)

PAUSE = 3.0
"""Seconds between two rounds when nothing more is waiting."""

LONGEST_PAUSE = 60.0
"""Seconds between two rounds while every one fails, as when the database or the mail server is away."""


def work(*, stop: threading.Event, pause: float = PAUSE) -> None:
    """Go round until `stop` is set; the pause doubles, up to `LONGEST_PAUSE`, after rounds that fail."""
    wait = pause
    while not stop.is_set():
        wait = pause if one_round(now=timezone.now()) else min(wait * 2, LONGEST_PAUSE)
        stop.wait(wait)


def one_round(*, now: datetime) -> bool:
    """Do what is due at `now`, then give the connections back. False when a job failed; never raises.

    Each job is told what time it has become: one that came before may have lasted.
    """
    at = running(now)
    try:
        done = [_safely(job, at()) for job in JOBS]
    finally:
        connections.close_all()
    return all(done)


def _expire(now: datetime) -> bool:
    offers_expire(now=now)
    return True


def _hand_on(now: datetime) -> bool:
    waiting_served(now=now)
    return True


def _call_for_offers(now: datetime) -> bool:
    offer_cases_follow(now=now)
    return True


def _tell_papers(now: datetime) -> bool:
    papers_told(now=now)
    return True


def _tell_deadlines(now: datetime) -> bool:
    deadlines_tell(now=now)
    return True


def _import_families(now: datetime) -> bool:
    imports_advance(now=now)
    return True


def _remind_papers(now: datetime) -> bool:
    papers_reminded(now=now)
    return True


def _tell_mismatches(now: datetime) -> bool:
    mismatches_tell(now=now)
    return True


def _tell_news(now: datetime) -> bool:
    news_told(now=now)
    return True


def _send(now: datetime) -> bool:
    """Batch after batch, as long as they are full and the other work has not waited for long."""
    at = running(now)
    while True:
        done = send_due(now=at())
        if not done.reachable:
            return False
        if done.sent + done.retried + done.failed < BATCH or at() - now > ROUND:
            return True


def _tidy(now: datetime) -> bool:
    tidied(now=now)
    return True


JOBS = (
    _expire,
    _hand_on,
    _call_for_offers,
    _tell_papers,
    _tell_deadlines,
    _import_families,
    _remind_papers,
    _tell_mismatches,
    _tell_news,
    _send,
    _tidy,
)


def _safely(job: Callable[[datetime], bool], now: datetime) -> bool:
    try:
        return job(now)
    except Exception:
        # Whatever a job meets, the others and the next round must still come.
        logger.exception("Background work failed; it will be tried again")
        return False
