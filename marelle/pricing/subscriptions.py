"""Writes what a home has taken at once: a card, a month, a fee, from a day to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.models import Member
from marelle.families.services import file_to_write
from marelle.journal.services import record
from marelle.pricing.models import Product, Subscription
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.services import authority_locked

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """`child_id` None: for all of the home. Both days are in it."""

    product_id: int
    since: date
    until: date | None = None
    child_id: int | None = None


@transaction.atomic
def subscription_take(*, actor: Actor, family_id: int, taken: NewSubscription, now: datetime) -> Subscription:
    """From a day that has not gone by. The office of the authority does, never of its own home.

    Raises NotYours, NotAllowed, HomeGone, or TariffRefused.
    """
    product = Product.objects.filter(pk=taken.product_id).first()
    if product is None:
        raise TariffRefused("product")
    authority_locked(actor, product.authority_id)
    if not Product.objects.filter(pk=product.pk).exists():
        raise TariffRefused("product")
    family = file_to_write(actor, family_id)
    _check(taken, family.pk, local(now).date())
    row = Subscription(
        family=family,
        child_id=taken.child_id,
        product=product,
        since=taken.since,
        until=taken.until,
        noted_at=now,
        noted_by=actor.label,
    )
    row.full_clean()
    row.save()
    _record(actor, "subscription.taken", row, now)
    return row


@transaction.atomic
def subscription_end(*, actor: Actor, subscription_id: int, until: date, now: datetime) -> None:
    """`until` is its last day; one that would end before it begins is taken away. Raises NotYours,
    NotAllowed, HomeGone, or TariffRefused."""
    found = Subscription.objects.select_related("product").filter(pk=subscription_id).first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.product.authority_id)
    file_to_write(actor, found.family_id)
    row = Subscription.objects.select_for_update().get(pk=subscription_id)
    if until < local(now).date() - DAY:
        raise TariffRefused("past")
    if row.until is not None and row.until < until:
        raise TariffRefused("replaced")
    _record(actor, "subscription.ended", row, now)
    if until < row.since:
        row.delete()
    else:
        row.until = until
        row.save(update_fields=["until"])


def _check(taken: NewSubscription, family_id: int, today: date) -> None:
    if taken.since < today:
        raise TariffRefused("past")
    if taken.until is not None and taken.until < taken.since:
        raise TariffRefused("not_in_order")
    children = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD, until=None)
    if taken.child_id is not None and not children.filter(person_id=taken.child_id).exists():
        raise TariffRefused("child")
    rows = Subscription.objects.filter(family_id=family_id, product_id=taken.product_id)
    rows = rows.within(taken.since, taken.until or date.max)
    if taken.child_id is not None:
        rows = rows.filter(Q(child_id=taken.child_id) | Q(child=None))
    if rows.exists():
        raise TariffRefused("already")


def _record(actor: Actor, verb: str, row: Subscription, now: datetime) -> None:
    """What it is says nothing of what the home earns; how much it pays is not in the journal."""
    subject = Subject("subscription", row.pk, row.product.name)
    record(actor=actor, verb=verb, subject=subject, family_id=row.family_id, now=now)
