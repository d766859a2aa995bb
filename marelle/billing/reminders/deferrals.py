"""« Délai accordé »: the office notes until when nothing is asked, as a plan agreed with the Trésor says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from marelle.billing.models import Deferral, Payer
from marelle.billing.runs.services import authority_locked
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.locks import home_locked
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.places.scope import in_office

LONGEST: Final = timedelta(days=730)


class DeferralRefused(Refusal):
    """`code`: "until" (not from today to two years on), "own" (the agent's own home, or one where its child
    lives), "ended" (it is over already)."""


def deferrals_of(actor: Actor) -> QuerySet[Deferral]:
    """The newest first."""
    return Deferral.objects.filter(in_office(actor, "authority__")).select_related(
        "authority", "family", "payer"
    )


@transaction.atomic
def deferral_grant(
    *,
    actor: Actor,
    authority_id: int,
    family_id: int | None = None,
    payer_id: int | None = None,
    until: date,
    reason: str,
    now: datetime,
) -> Deferral:
    """Of one of a home and a payer; another that holds stays, and the later day counts. Raises NotYours,
    HomeGone, or DeferralRefused."""
    authority = authority_locked(actor, authority_id)
    row = Deferral(
        authority=authority, until=until, reason=reason, granted_at=now, granted_by=actor.label[:150]
    )
    if family_id is not None:
        row.family = home_locked(family_id)
        _not_own(actor, family_id, now)
    else:
        row.payer = Payer.objects.filter(authority=authority, pk=payer_id or 0).first()
        if row.payer is None:
            raise NotYours
    if not timedelta() <= until - local(now).date() <= LONGEST:
        raise DeferralRefused("until")
    row.full_clean(exclude=["authority", "family", "payer"])
    row.save()
    _record(actor, "deferral.granted", row, now)
    return row


@transaction.atomic
def deferral_end(*, actor: Actor, deferral_id: int, now: datetime) -> Deferral:
    """From now on its bills are late again. Raises NotYours, HomeGone, or DeferralRefused."""
    found = deferrals_of(actor).filter(pk=deferral_id).first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.authority_id)
    if found.family_id is not None:
        home_locked(found.family_id)
        _not_own(actor, found.family_id, now)
    row = deferrals_of(actor).get(pk=found.pk)
    if row.ended_at is not None or row.until < local(now).date():
        raise DeferralRefused("ended")
    row.ended_at, row.ended_by = now, actor.label[:150]
    row.save(update_fields=["ended_at", "ended_by"])
    _record(actor, "deferral.ended", row, now)
    return row


def _not_own(actor: Actor, family_id: int, now: datetime) -> None:
    if is_own_file(actor, family_id=family_id, person_id=None, day=local(now).date()):
        raise DeferralRefused("own")


def _record(actor: Actor, verb: str, row: Deferral, now: datetime) -> None:
    """The reason is the office's."""
    subject = Subject("deferral", row.pk, day_plain(row.until))
    record(actor=actor, verb=verb, subject=subject, family_id=row.family_id, now=now)
