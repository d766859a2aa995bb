"""Writes who pays else than homes, and what of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from marelle.activities.models import Activity
from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.covering import Way
from marelle.billing.models import Coverage, Payer
from marelle.billing.runs.services import authority_locked
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.models import Member
from marelle.families.services import file_to_write
from marelle.journal.services import record


class CoverageRefused(Refusal):
    """`code`: "not_in_order" (the end before the beginning), "payer" (of another authority), "child" (not of
    the home), "other_home" (the child does not live there too), "activities" (of another authority),
    "custody" (by days of custody, of one child and its other home), "already" (who pays does so of the same
    on one of these days), "ended" (it has ended before)."""


@dataclass(frozen=True, slots=True)
class NewCoverage:
    """See `models.Coverage`: one of `payer_id` and `payer_home_id`."""

    authority_id: int
    since: date
    reason: str
    way: Way = Way.PERCENT
    figure: Decimal = Decimal(100)
    until: date | None = None
    payer_id: int | None = None
    payer_home_id: int | None = None
    child_id: int | None = None
    activity_ids: Sequence[int] = ()
    most: Decimal | None = None


@transaction.atomic
def payer_set(
    *,
    actor: Actor,
    authority_id: int,
    addressed: Addressed,
    email: str = "",
    payer_id: int | None = None,
    now: datetime,
) -> Payer:
    """Add one, or change it: bills that were sent keep the words that they have. Raises NotYours."""
    authority = authority_locked(actor, authority_id)
    row = Payer.objects.filter(authority=authority, pk=payer_id).first() if payer_id else Payer()
    if row is None:
        raise NotYours
    row.authority, row.kind, row.email = authority, addressed.kind, email
    for name in ("last_name", "siret", "more", "street", "postal_code", "city", "country"):
        setattr(row, name, getattr(addressed, name))
    is_person = addressed.kind == PayerKind.PERSON
    row.first_name = addressed.first_name if is_person else ""
    row.civility = addressed.civility if is_person else ""
    row.full_clean()
    row.save()
    record(actor=actor, verb="payer.set", subject=Subject("payer", row.pk, str(row)), now=now)
    return row


@transaction.atomic
def coverage_take(*, actor: Actor, family_id: int, new: NewCoverage, now: datetime) -> Coverage:
    """From a day of which the bill may have left: the difference comes on the next bills of both.

    Raises NotYours, NotAllowed, HomeGone, or CoverageRefused.
    """
    authority_locked(actor, new.authority_id)
    family = file_to_write(actor, family_id)
    _check(new, family.pk)
    row = Coverage(
        family=family,
        authority_id=new.authority_id,
        payer_id=new.payer_id,
        payer_home_id=new.payer_home_id,
        child_id=new.child_id,
        since=new.since,
        until=new.until,
        way=new.way,
        figure=Decimal(100) if new.way == Way.CUSTODY else new.figure,
        most=new.most,
        reason=new.reason,
        noted_at=now,
        noted_by=actor.label[:150],
    )
    row.full_clean()
    row.save()
    row.activities.set(new.activity_ids)
    _record(actor, "coverage.taken", row, now)
    return row


@transaction.atomic
def coverage_end(*, actor: Actor, coverage_id: int, until: date | None, now: datetime) -> None:
    """`until` is its last day; None: it was noted by mistake, and holds none. What was billed of other days
    is given back on the next bills. Raises NotYours, NotAllowed, HomeGone, or CoverageRefused."""
    found = Coverage.objects.filter(pk=coverage_id, withdrawn_at=None).first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.authority_id)
    file_to_write(actor, found.family_id)
    row = Coverage.objects.select_for_update().get(pk=coverage_id)
    if until is None:
        row.withdrawn_at = now
    elif until < row.since:
        raise CoverageRefused("not_in_order")
    elif row.until is not None and row.until < until:
        raise CoverageRefused("ended")
    else:
        row.until = until
    row.save(update_fields=["until", "withdrawn_at"])
    _record(actor, "coverage.ended" if until else "coverage.withdrawn", row, now)


def _check(new: NewCoverage, family_id: int) -> None:
    if new.until is not None and new.until < new.since:
        raise CoverageRefused("not_in_order")
    if new.payer_id and not Payer.objects.filter(pk=new.payer_id, authority_id=new.authority_id).exists():
        raise CoverageRefused("payer")
    children = Member.objects.filter(kind=Member.Kind.CHILD)
    if new.child_id is not None:
        children = children.filter(person_id=new.child_id)
        if not children.filter(family_id=family_id).exists():
            raise CoverageRefused("child")
    if new.payer_home_id is not None and (
        new.child_id is None
        or new.payer_home_id == family_id
        or not children.filter(family_id=new.payer_home_id).exists()
    ):
        raise CoverageRefused("other_home")
    if new.way == Way.CUSTODY and new.payer_home_id is None:
        raise CoverageRefused("custody")
    if _is_there(new, family_id):
        raise CoverageRefused("already")
    own = Activity.objects.filter(pk__in=new.activity_ids, structure__authority_id=new.authority_id)
    if own.count() != len(set(new.activity_ids)):
        raise CoverageRefused("activities")


def _is_there(new: NewCoverage, family_id: int) -> bool:
    """What was sent twice, or half forgotten: a part of one payer is never taken twice off the same."""
    rows = Coverage.objects.filter(
        Q(until=None) | Q(until__gte=new.since),
        family_id=family_id,
        authority_id=new.authority_id,
        withdrawn_at=None,
    )
    if new.payer_id is not None:
        rows = rows.filter(payer_id=new.payer_id)
    if new.payer_home_id is not None:
        rows = rows.filter(payer_home_id=new.payer_home_id)
    if new.until is not None:
        rows = rows.filter(since__lte=new.until)
    if new.child_id is not None:
        rows = rows.filter(Q(child=None) | Q(child_id=new.child_id))
    if new.activity_ids:
        rows = rows.filter(Q(activities=None) | Q(activities__in=new.activity_ids))
    return rows.exists()


def _record(actor: Actor, verb: str, row: Coverage, now: datetime) -> None:
    """Who pays is the family's to know; how much is not in the journal."""
    subject = Subject("coverage", row.pk, row.reason)
    record(actor=actor, verb=verb, subject=subject, family_id=row.family_id, now=now)
