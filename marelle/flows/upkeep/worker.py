"""Background work: mails to send, freed places to hand on, rows to delete once they have had their time.

Any number of copies may run at once. What there is to do is in the tables, and each job claims it by locks: a
copy that dies loses nothing, two copies never do the same thing twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import DatabaseError, connections
from django.utils import timezone

from marelle.attendance.no_shows import no_shows_ask
from marelle.billing.making import bills_made
from marelle.billing.tresor.files import exports_write
from marelle.bookings.closing.leasts import leasts_followed
from marelle.bookings.kept import kept_released
from marelle.bookings.offers.cases import offer_cases_follow
from marelle.bookings.offers.services import offers_expire
from marelle.bookings.saving.alone import alone_cases_follow
from marelle.bookings.saving.services import waiting_served
from marelle.campaigns.publishing import answers_go_out
from marelle.core.clock import running
from marelle.core.kept import revision_once
from marelle.families.imports.services import imports_advance
from marelle.families.restrictions import mails_withheld
from marelle.flows.bills.working import runs_advance
from marelle.flows.door.evening_sending import evenings_sent
from marelle.flows.door.mismatches import mismatches_tell
from marelle.flows.home.dormant import dormants_followed
from marelle.flows.incomes.caf import agreements_asked
from marelle.flows.journal.consulted import week_summed
from marelle.flows.journal.watching import readings_watched
from marelle.flows.messages.deadlines import deadlines_tell
from marelle.flows.moving.services import movings_advance
from marelle.flows.papers.mails import papers_told
from marelle.flows.papers.missing import papers_reminded
from marelle.flows.upkeep.caf_unheard import unheard_told
from marelle.flows.upkeep.campaign_runs import campaign_runs
from marelle.flows.upkeep.clocks import clock_off
from marelle.flows.upkeep.journal_chain import journal_chained
from marelle.flows.upkeep.rounds import Outcome, rounds_note
from marelle.flows.upkeep.scanning import files_scanned
from marelle.flows.upkeep.tidying import tidied
from marelle.mail.rules import BATCH, ROUND
from marelle.mail.services import send_due
from marelle.messaging.telling import news_told
from marelle.places.second import seconds_reminded

logger = logging.getLogger(__name__)

PAUSE = 3.0
"""Seconds between two rounds when nothing more is waiting."""

LONGEST_PAUSE = 60.0
"""Seconds between two rounds while every one fails, as when the database or the mail server is away."""

NOTED_EVERY = timedelta(minutes=1)


def work(*, stop: threading.Event, pause: float = PAUSE) -> None:
    """Go round until `stop` is set; the pause doubles, up to `LONGEST_PAUSE`, after rounds that fail."""
    wait = pause
    while not stop.is_set():
        wait = pause if one_round(now=timezone.now()) else min(wait * 2, LONGEST_PAUSE)
        stop.wait(wait)


@dataclass(frozen=True, slots=True)
class Job:
    """`run` does what is due at `now` and returns how much that was; `code` is its name in the notes."""

    code: str
    run: Callable[..., int]


def one_round(*, now: datetime) -> bool:
    """Do what is due at `now`, then give the connections back. False when a job failed; never raises.

    Each job is told what time it has become: one that came before may have lasted.
    """
    at = running(now)
    try:
        outcomes = [_outcome(job, at) for job in JOBS]
        _note(outcomes)
    finally:
        connections.close_all()
    return not any(outcome.failure for outcome in outcomes)


class MailServerAway(Exception):
    """Nobody takes mails: `send_due` has written why in the log."""


def _send(*, now: datetime) -> int:
    """Batch after batch, as long as they are full and the other work has not waited for long."""
    at, sent = running(now), 0
    while True:
        mails_withheld(now=at())
        done = send_due(now=at())
        if not done.reachable:
            raise MailServerAway
        sent += done.sent
        if done.sent + done.retried + done.failed < BATCH or at() - now > ROUND:
            return sent


JOBS: Final = (
    Job("offers", offers_expire),
    Job("kept", kept_released),
    Job("places", waiting_served),
    Job("answers", answers_go_out),
    Job("campaign_runs", campaign_runs),
    Job("offer_cases", offer_cases_follow),
    Job("alone_cases", alone_cases_follow),
    Job("papers", papers_told),
    Job("leasts", leasts_followed),
    Job("deadlines", deadlines_tell),
    Job("imports", imports_advance),
    Job("movings", movings_advance),
    Job("bills", runs_advance),
    Job("bill_pdfs", bills_made),
    Job("tresor_files", exports_write),
    Job("reminders", papers_reminded),
    Job("mismatches", mismatches_tell),
    Job("no_shows", no_shows_ask),
    Job("news", news_told),
    Job("second_reminders", seconds_reminded),
    Job("readings", readings_watched),
    Job("week_of_readings", week_summed),
    Job("journal", journal_chained),
    Job("caf", agreements_asked),
    Job("evening_lists", evenings_sent),
    Job("caf_unheard", unheard_told),
    Job("mails", _send),
    Job("scans", files_scanned),
    Job("dormants", dormants_followed),
    Job("tidying", tidied),
)
CODES: Final = tuple(job.code for job in JOBS)


def _outcome(job: Job, at: Callable[[], datetime]) -> Outcome:
    began, started, done, failure = at(), monotonic(), 0, ""
    try:
        with revision_once():
            done = job.run(now=began)
    except MailServerAway as error:
        failure = type(error).__name__
    except Exception as error:
        # Whatever a job meets, the others and the next round must still come.
        logger.exception("Background work failed (%s); it will be tried again", job.code)
        failure = type(error).__name__
    return Outcome(job.code, began, timedelta(seconds=monotonic() - started), done, failure)


_noted: dict[str, tuple[datetime, str]] = {}


def _note(outcomes: Sequence[Outcome]) -> None:
    """Once a minute for each job, and at once when it begins or ceases to fail: a round lasts a moment."""
    fresh = [one for one in outcomes if _is_news(one)]
    if not fresh:
        return
    try:
        rounds_note(fresh, clock_off=clock_off())
    except DatabaseError:
        logger.exception("The rounds of the background work could not be noted")
        return
    _noted.update({one.job: (one.began_at, one.failure) for one in fresh})


def _is_news(outcome: Outcome) -> bool:
    before = _noted.get(outcome.job)
    return (
        before is None
        or before[1] != outcome.failure
        or abs(outcome.began_at - before[0]) >= NOTED_EVERY
        or outcome.done > 0
    )
