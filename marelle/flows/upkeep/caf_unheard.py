"""Agreements that nobody answers: who runs the portal and its offices are told once, by mail.

Of a token that opens nothing, within the hour; of anything else that leaves most of a January round without
an answer, after its first day. Not again within thirty days.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count

from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import local
from marelle.core.french import number_text
from marelle.core.subject import Subject
from marelle.families.caf.labels import outcome_short, unasked_text
from marelle.families.caf.rules import OURS, SOON, Outcome, last_january
from marelle.flows.incomes.caf import agreements_there, with_a_child
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.services import Draft, queue_many
from marelle.places.locks import portal_locked
from marelle.places.posts.selectors import addresses_of

logger = logging.getLogger(__name__)

TOLD: Final = "caf.unheard"
MAIL: Final = "families/caf_unheard"

LOOKED_EVERY: Final = 3600
"""Seconds between two looks, by one process."""

FIRST_DAY: Final = timedelta(days=1)
ROUND: Final = timedelta(days=30)
"""For how long a round of January is looked at."""

QUIET_FOR: Final = timedelta(days=30)
LATELY: Final = timedelta(days=2)

UNHEARD: Final = OURS | SOON
"""Outcomes by which nothing was learnt, nor that there is nothing to learn."""


def unheard_told(*, now: datetime) -> int:
    """Returns how many mails."""
    if not cache.add("flows.caf_unheard", 1, LOOKED_EVERY):
        return 0
    found = unheard(now)
    if found is None or _is_told(now):
        return 0
    with transaction.atomic():
        # Of two workers the second sees that it was told.
        portal_locked()
        if _is_told(now):
            return 0
        drafts = [Draft(address, found) for address in addresses_of(Role.ADMINISTRATOR, Role.OFFICE)]
        queue_many(kind=MAIL, drafts=drafts, now=now)
        subject = Subject("caf", None, str(local(now).year))
        record(actor=SYSTEM, verb=TOLD, subject=subject, data={"why": found["why"]}, now=now)
    logger.error("API Particulier: %s agreement(s) of %s without an answer", found["unheard"], found["all"])
    return len(drafts)


def unheard(now: datetime) -> dict[str, str] | None:
    """What there is to tell: of how many agreements, how many are without an answer, and mostly why. None
    where all goes as it should. Three queries at most."""
    standing, began = agreements_there(now), last_january(now)
    refused = standing.filter(outcome=Outcome.RIGHTS, asked_at__gt=now - LATELY)
    if count := refused.count():
        return _told(standing.count(), count, outcome_short(Outcome.RIGHTS))
    if not began + FIRST_DAY <= now < began + ROUND:
        return None
    due = standing.filter(with_a_child(now), given_at__lt=began)
    by_outcome = dict(due.filter(asked_at__gte=began).values_list("outcome").annotate(count=Count("pk")))
    count = due.count()
    without = count - sum(many for outcome, many in by_outcome.items() if outcome not in UNHEARD)
    if 2 * without <= count:
        return None
    met = [outcome for outcome in by_outcome if outcome in UNHEARD]
    why = outcome_short(max(met, key=lambda one: by_outcome[one])) if met else unasked_text()
    return _told(count, without, why)


def _told(count: int, without: int, why: str) -> dict[str, str]:
    return {"all": number_text(count), "unheard": number_text(without), "why": why}


def _is_told(now: datetime) -> bool:
    return Entry.objects.filter(verb=TOLD, at__gt=now - QUIET_FOR).exists()
