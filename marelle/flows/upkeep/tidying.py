"""What is kept only for a while goes after it: attempts to log in, sessions that have ended and their
devices, browsers remembered, sendings that were counted, incomes that were answered, papers that were
replaced, health sheets, old acts, papers that count no more, what came from who has no home here, accounts of
children who live there no more, lists of days long over, files without a row."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session
from django.core.cache import cache

from marelle.accounts.services.attempts import attempts_purge
from marelle.accounts.services.devices import devices_purge
from marelle.accounts.services.remembered import browsers_purge
from marelle.billing.imports.services import imports_forget
from marelle.enrolments.services.teens import teens_end_over
from marelle.families.file.put_back import proposals_forget
from marelle.families.imports.incomes import incomes_forget
from marelle.families.imports.services import imports_forget as family_imports_forget
from marelle.flows.catalogue.recounting import confirmations_end
from marelle.flows.door.evening_sending import evenings_forget
from marelle.flows.moving.services import movings_forget
from marelle.flows.upkeep.delays import delays_followed
from marelle.flows.upkeep.file_sweep import files_swept
from marelle.flows.year.pupils.services import lists_forget
from marelle.papers.services import replaced_files_drop
from marelle.robots.services import robots_purge

SLOW_EVERY = 3600
"""Seconds between two looks, by one process, at what is past its time by months: health, acts, mails…"""


def tidied(*, now: datetime) -> int:
    """Delete what no longer counts at `now`. Returns how many rows and files went."""
    ended = Session.objects.filter(expire_date__lte=now)
    # Read first: on SQLite a delete waits for the write lock even where there is nothing to delete.
    sessions = ended.delete()[0] if ended.exists() else 0
    devices = devices_purge() if sessions else 0
    slow = cache.add("flows.slow_purges", 1, SLOW_EVERY)
    months = _past_its_months(now) if slow else 0
    counted = attempts_purge(now=now) + browsers_purge(now=now) + robots_purge(now=now)
    counted += imports_forget(now=now) + family_imports_forget(now=now) + lists_forget(now=now)
    counted += incomes_forget(now=now) + movings_forget(now=now)
    undone_no_more = proposals_forget(now=now) + replaced_files_drop(now=now)
    counted += undone_no_more
    counted += teens_end_over(now=now)
    return sessions + devices + months + counted + files_swept(now=now)


def _past_its_months(now: datetime) -> int:
    return delays_followed(now=now) + confirmations_end(now=now) + evenings_forget(now=now)
