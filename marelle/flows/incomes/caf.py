"""Asking the CAF or the MSA about those who agreed: at once, again each January, and on request.

No transaction is open while it is waited for. What there is to ask is in the tables (`CafAgreement.due_at`):
an asking that dies, or that nobody could answer, is done again by the worker.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from marelle.activities.kinds import ActivityKind
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import instant_at, local
from marelle.core.environment import ParticulierApi
from marelle.core.refusals import Refusal
from marelle.core.rehearsal import is_rehearsal
from marelle.core.sealed import CannotOpen
from marelle.enrolments.models import Enrolment
from marelle.families.caf.agreements import (
    ASKED,
    agreement_claim,
    agreement_identity,
    agreement_put_off,
    agreement_told,
)
from marelle.families.caf.answers import NoAnswer
from marelle.families.caf.asking import ask_by_identity, ask_by_token
from marelle.families.caf.rules import (
    MENDED_AFTER,
    OURS,
    PASSING,
    RETRY,
    SOON,
    Identity,
    Outcome,
    Said,
    What,
    next_january,
)
from marelle.families.file.caf_answers import answer_propose, is_known
from marelle.families.models import CafAgreement, Member
from marelle.families.refusals import HomeGone
from marelle.families.selectors import current, still_there
from marelle.journal.models import Entry

logger = logging.getLogger(__name__)

MINUTE: Final = timedelta(minutes=1)

PER_MINUTE: Final = 10
"""Agreements asked about: two questions each at the most, under the thirty a minute that FranceConnect's
tokens are counted by, the least of the limits."""

AT_ONCE: Final = 3
"""Of one round: other work waits behind them."""

DIES_AFTER: Final = timedelta(minutes=5)
"""An asking of which nothing is heard for longer is done again."""

A_DAY: Final = 5
"""Askings of one home on request."""


class AskedEnough(Refusal):
    """The home was asked about as often as may be in one day."""

    def __init__(self) -> None:
        super().__init__("asked_enough")


class NotRecognised(Refusal):
    """FranceConnect has not told yet who gave the agreement."""

    def __init__(self) -> None:
        super().__init__("not_recognised")


@dataclass(frozen=True, slots=True)
class Token:
    """What FranceConnect gave a moment ago, and what it opens."""

    value: str = field(repr=False)
    opens: frozenset[What]


def is_offered() -> bool:
    """Whether this portal asks the CAF and the MSA at all."""
    return settings.API_PARTICULIER is not None and not is_rehearsal()


def needs_resources(family_id: int, *, now: datetime) -> bool:
    """Whether a child of the home is enrolled in a crèche, or asks to be: its price stands on resources."""
    return _enrolled(local(now).date(), kind=ActivityKind.CHILDCARE).filter(family_id=family_id).exists()


def agreement_ask(
    *, actor: Actor, agreement: CafAgreement, token: Token | None = None, now: datetime
) -> Outcome:
    """Ask on request about who gave `agreement`, which the caller has found for `actor`: by its identity, but
    for what the `token` opens. What is answered waits for an agent.

    Raises AskedEnough, NotRecognised.
    """
    if agreement.identity is None:
        raise NotRecognised
    enough_check(agreement.family_id, now=now)
    return _ask(actor, agreement, token, now)


def enough_check(family_id: int, *, now: datetime) -> None:
    """Raises AskedEnough."""
    midnight = instant_at(local(now).date(), time.min)
    if Entry.objects.filter(family_id=family_id, verb=ASKED, at__gte=midnight).count() >= A_DAY:
        raise AskedEnough


def agreements_asked(*, now: datetime) -> int:
    """Of the worker: those that are due, as long as somebody answers. Returns how many it asked about."""
    if not is_offered():
        return 0
    due = list(_due(now)[:AT_ONCE])
    if not due or _left_alone(now):
        return 0
    done = 0
    for agreement in due:
        outcome = _ask(SYSTEM, agreement, None, now)
        done += 1
        if outcome in PASSING:
            break
    return done


def agreements_there(now: datetime) -> QuerySet[CafAgreement]:
    """Those that stand, of who lives in a home that is there still and has said who it is."""
    day = local(now).date()
    lives = Member.objects.filter(
        current(day), family=OuterRef("family"), person=OuterRef("person"), kind=Member.Kind.ADULT
    )
    rows = CafAgreement.objects.filter(
        still_there(day, "family__"), Exists(lives), family__erased_at=None, ended_at=None
    )
    return rows.exclude(identity=None)


def with_a_child(now: datetime) -> Exists:
    """Of agreements: whether a child of the home is enrolled."""
    return Exists(_enrolled(local(now).date()).filter(family=OuterRef("family")))


def _due(now: datetime) -> QuerySet[CafAgreement]:
    """Each January, where a child is enrolled."""
    asked = with_a_child(now) | Q(outcome="") | Q(outcome__in=SOON)
    return agreements_there(now).filter(asked, due_at__lte=now).order_by("due_at", "pk")


def _enrolled(day: date, **activity: str) -> QuerySet[Enrolment]:
    asked = {f"activity__{name}": value for name, value in activity.items()}
    return Enrolment.objects.filter(state__in=Enrolment.LIVE, ends_on__gte=day, **asked)


def _left_alone(now: datetime) -> bool:
    """Within a minute of what nobody could answer, or as long as it wants, the worker asks no more: other
    work would wait with it."""
    passing = CafAgreement.objects.filter(outcome__in=PASSING, asked_at__gt=now - MINUTE)
    return _put_off(now) is not None or passing.exists()


@dataclass(frozen=True, slots=True)
class _Heard:
    said: tuple[Said, ...]
    troubles: tuple[NoAnswer, ...]


def _ask(actor: Actor, agreement: CafAgreement, token: Token | None, now: datetime) -> Outcome:
    api = settings.API_PARTICULIER
    put_off = _put_off(now)
    if put_off is not None:
        outcome, until = put_off
        agreement_put_off(agreement, outcome=outcome, due_at=until)
        return outcome
    if api is None or is_rehearsal() or not agreement_claim(agreement, until=now + DIES_AFTER, now=now):
        return Outcome.BUSY
    try:
        identity = agreement_identity(agreement)
    except CannotOpen:
        logger.exception("No key opens of whom agreement %s is", agreement.pk)
        agreement_put_off(agreement, outcome=Outcome.RIGHTS, due_at=now + MENDED_AFTER)
        return Outcome.RIGHTS
    if identity is None:  # taken back meanwhile
        return Outcome.BUSY
    heard = _heard(api, agreement, identity, token, now)
    for trouble in heard.troubles:
        _logged(agreement, trouble)
    return _noted(actor, agreement, identity, heard, now)


def _put_off(now: datetime) -> tuple[Outcome, datetime] | None:
    """Why nobody is asked now, and until when: it wants to be left alone, or we ask too fast."""
    rows = CafAgreement.objects.filter(outcome=Outcome.TOO_MANY, due_at__gt=now)
    until = rows.aggregate(until=Max("due_at"))["until"]
    if until is not None:
        return Outcome.TOO_MANY, until
    if CafAgreement.objects.filter(asked_at__gt=now - MINUTE).count() >= PER_MINUTE:
        return Outcome.BUSY, now + MINUTE
    return None


def _heard(
    api: ParticulierApi, agreement: CafAgreement, identity: Identity, token: Token | None, now: datetime
) -> _Heard:
    """All that the agreement covers and its home needs; after a trouble of the host nothing more."""
    said: list[Said] = []
    troubles: list[NoAnswer] = []
    asks_resources = agreement.resources and needs_resources(agreement.family_id, now=now)
    for what in (What.QUOTIENT, *([What.RESOURCES] if asks_resources else [])):
        try:
            if token is not None and what in token.opens:
                said.append(ask_by_token(api, what, token.value, now=now))
            else:
                said.append(ask_by_identity(api, what, identity, now=now))
        except NoAnswer as trouble:
            troubles.append(trouble)
            if trouble.outcome in PASSING:
                break
    return _Heard(tuple(said), tuple(troubles))


def _noted(
    actor: Actor, agreement: CafAgreement, identity: Identity, heard: _Heard, now: datetime
) -> Outcome:
    """What nobody could answer is due again soon; what an operator has to mend, in a day; all else, next
    January."""
    day = local(now).date()
    due_at = min((_again(trouble, now) for trouble in heard.troubles), default=next_january(now))
    try:
        with transaction.atomic():
            news = [said for said in heard.said if not is_known(agreement.family_id, said, day=day)]
            outcome = _outcome(heard, is_news=bool(news))
            row = agreement_told(
                actor=actor, agreement_id=agreement.pk, outcome=outcome, due_at=due_at, now=now
            )
            for said in news:
                if row is not None:
                    answer_propose(actor=actor, agreement=row, identity=identity, said=said, now=now)
    except HomeGone:
        return Outcome.BUSY
    return outcome


def _outcome(heard: _Heard, *, is_news: bool) -> Outcome:
    passing = next((one for one in heard.troubles if one.outcome in PASSING), None)
    if passing is not None:
        return passing.outcome
    if is_news:
        return Outcome.ANSWERED
    return Outcome.SAME if heard.said else heard.troubles[0].outcome


def _again(trouble: NoAnswer, now: datetime) -> datetime:
    if trouble.outcome in SOON:
        return now + (trouble.pause or RETRY)
    return now + MENDED_AFTER if trouble.outcome in OURS else next_january(now)


def _logged(agreement: CafAgreement, trouble: NoAnswer) -> None:
    """By the number of the agreement: nobody is named."""
    if trouble.outcome in OURS | SOON:
        level = logging.ERROR if trouble.outcome in OURS else logging.WARNING
        told = trouble.outcome.value, trouble.detail, agreement.pk
        logger.log(level, "API Particulier: %s. %s (agreement %s)", *told)
