"""Checking that a person sends, and counting what is sent.

Neither is called inside a transaction that may roll back: a try that fails must still count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from marelle.core.secret import digests_of
from marelle.robots.challenges import SALT, Claim, Proof, read_answer, read_solution
from marelle.robots.models import Sending, UsedProof
from marelle.robots.refusals import NotProven, TooManySendings
from marelle.robots.rules import LONGEST_SPAN, QUESTION_TRIES, Allowance, free_at

QUESTION = "robot-question"


def human_check(*, claim: Claim, network: str | None, now: datetime) -> None:
    """Take the claim, which then never serves again.

    `network` is where the visitor comes from, None when unknown. Raises `NotProven`, and `TooManySendings`
    for too many answers to sums from there.
    """
    if claim.solution:
        _use(read_solution(claim.solution, now))
    elif claim.answer.strip():
        sending_count(form=QUESTION, senders={f"network:{network}": QUESTION_TRIES}, now=now)
        _use(read_answer(claim.token, claim.answer, now))
    else:
        raise NotProven("missing")


def sending_count(*, form: str, senders: Mapping[str, Allowance], now: datetime) -> None:
    """Count one sending of `form` for each of its senders ("account:12", "network:…", "mail:…").

    Raises `TooManySendings`, and counts nothing, when one has sent all that it may: who waits gets through.
    Many at the very same instant may pass a limit by a few, which is no flood.
    """
    named = {sender: _hashes_of(sender) for sender in senders}
    with transaction.atomic():
        times: dict[str, list[datetime]] = {key: [] for hashes in named.values() for key in hashes}
        earlier = Sending.objects.filter(form=form, sender__in=times, at__gt=now - LONGEST_SPAN)
        for key, at in earlier.values_list("sender", "at"):
            times[key].append(at)
        waits = [
            free_at([at for key in named[sender] for at in times[key]], allowance, now)
            for sender, allowance in senders.items()
        ]
        latest = max((wait for wait in waits if wait is not None), default=None)
        if latest is not None:
            raise TooManySendings(latest)
        counted = [hashes[0] for hashes in named.values()]
        Sending.objects.bulk_create([Sending(form=form, sender=key, at=now) for key in counted])


def robots_purge(*, now: datetime) -> int:
    """Delete what no longer counts. Returns how many; takes no write lock where there is nothing."""
    gone = 0
    for old in (
        UsedProof.objects.filter(until__lt=now),
        Sending.objects.filter(at__lte=now - LONGEST_SPAN),
    ):
        gone += old.delete()[0] if old.exists() else 0
    return gone


def _use(proof: Proof) -> None:
    try:
        with transaction.atomic():
            UsedProof.objects.create(key=proof.key, until=proof.until)
    except IntegrityError:
        raise NotProven("used") from None


def _hashes_of(sender: str) -> list[str]:
    """Under which it may have been counted: the first, with the secret of now."""
    return [digest.hex() for digest in digests_of(SALT, sender.strip().lower())]
