"""The journal, sealed as it grows, and walked along each night; who watches over it is told what is wrong."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.db import transaction

from marelle.core.french import number_text
from marelle.flows.journal.watching import watchers
from marelle.journal.chain import chain_head, entries_seal
from marelle.journal.labels import WHY
from marelle.journal.models import ChainWalk
from marelle.journal.rules import Why
from marelle.journal.walking import walk_advance, walk_due
from marelle.mail.services import Draft, queue_many

logger = logging.getLogger(__name__)

BROKEN: Final = "accounts/journal_broken"


def journal_chained(*, now: datetime) -> int:
    """Seal what waits, and go on with the walk of the night. Returns how many entries were sealed."""
    sealed = entries_seal(now=now)
    if walk_due(now=now):
        _walk(now)
    return sealed


def _walk(now: datetime) -> None:
    with transaction.atomic():
        walk = walk_advance(now=now)
        if walk is not None and walk.flaws:
            _tell_broken(walk, now)
    if walk is not None and (head := chain_head()) is not None:
        # Outside the database, for who would cut the end of the chain off and seal it anew.
        logger.info("The chain of the journal ends with link %d, %s", head.number, head.digest)


def _tell_broken(walk: ChainWalk, now: datetime) -> None:
    first = walk.first_flaw or {}
    context = {
        "count": number_text(walk.flaws),
        "link": number_text(first["link"]),
        "batch": number_text(first["batch"]),
        "why": str(WHY[Why(first["why"])]),
    }
    drafts = [Draft(address, context) for address in watchers()]
    queue_many(kind=BROKEN, drafts=drafts, now=now)
    logger.error("The journal was written in otherwise: link %s, %s", first["link"], first["why"])
