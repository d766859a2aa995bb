"""The journal, sealed as it grows, and walked along each night; who watches over it is told what is wrong."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.db import transaction

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.core.french import number_text
from marelle.journal.chain import chain_head, entries_seal
from marelle.journal.labels import WHY
from marelle.journal.models import ChainWalk
from marelle.journal.rules import Why
from marelle.journal.walking import walk_advance, walk_due
from marelle.mail.services import Draft, queue_many
from marelle.places.models import Authority, Post

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


def watchers() -> tuple[str, ...]:
    """The addresses of who watches over what is read: the data protection officers that the authorities name,
    and the administrators. Two queries."""
    officers = Authority.objects.exclude(dpo_email="").order_by("pk").values_list("dpo_email", flat=True)
    held = Post.objects.held().filter(role=Role.ADMINISTRATOR).values("user_id")
    users = User.objects.filter(pk__in=held, is_active=True).exclude(email="").order_by("pk")
    return tuple(dict.fromkeys([*officers, *users.values_list("email", flat=True)]))


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
