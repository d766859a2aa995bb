"""What a home, or who pays and is no home, owes from day to day: its « compte » at an authority."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from marelle.billing.accounting.histories import histories
from marelle.billing.accounting.rules import Account, account_of
from marelle.billing.accounting.totals import waiting_shares_of
from marelle.billing.models import Invoice, InvoiceQuerySet, Payer
from marelle.billing.selectors import office_authorities
from marelle.core.actor import Actor
from marelle.core.money import ZERO
from marelle.places.models import Authority


@dataclass(frozen=True, slots=True)
class AccountAt:
    """`waiting`: what waits to be worth a bill, of which the balance says nothing."""

    authority: Authority
    account: Account
    waiting: Decimal


def home_accounts(actor: Actor, family_id: int, day: date) -> list[AccountAt]:
    """Of each authority whose office the actor is and that has billed the home, from 1 January to `day`."""
    waiting = Q(assessment__family_id=family_id, payer=None, payer_home=None) | Q(payer_home_id=family_id)
    own = Invoice.objects.of_homes().filter(family_id=family_id)
    return [
        found
        for authority in office_authorities(actor)
        for found in _accounts(authority, own.filter(authority=authority), waiting, day)
    ]


def payer_account(payer: Payer, day: date, *, but_homes: frozenset[int] = frozenset()) -> AccountAt | None:
    """From 1 January to `day`, without what is paid for `but_homes`. The caller has seen who asks."""
    bills = Invoice.objects.filter(payer=payer).exclude(family__in=but_homes)
    waiting = Q(payer=payer) & ~Q(assessment__family__in=but_homes)
    return next(_accounts(payer.authority, bills, waiting, day), None)


def _accounts(authority: Authority, bills: InvoiceQuerySet, waiting: Q, day: date) -> Iterator[AccountAt]:
    """None of which nothing was ever billed and nothing waits."""
    held = histories(bills)
    shares = waiting_shares_of(authority.pk).filter(waiting)
    waits = sum(shares.values_list("total", flat=True), ZERO)
    if held or waits:
        yield AccountAt(
            authority,
            account_of(held, since=date(day.year, 1, 1), until=day),
            waits,
        )
