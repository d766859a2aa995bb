"""Months of one home looked at again, at any time: what is due, what is billed, what is paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from marelle.billing.models import Invoice
from marelle.billing.runs.services import terms_held
from marelle.billing.selectors import office_authorities
from marelle.billing.terms import terms_of
from marelle.core.actor import Actor
from marelle.core.money import ZERO
from marelle.flows.bills.assessing import Scope, home_assessed
from marelle.flows.bills.facts import homes_facts, months_looked_at
from marelle.flows.bills.known import items_billed, spent_before
from marelle.flows.prices.reading import There
from marelle.flows.prices.spans import months_in
from marelle.places.models import Authority
from marelle.pricing.memo import Memo
from marelle.pricing.selectors import book_of

MONTHS: Final = 6
"""How many are looked at, this one included."""


@dataclass(frozen=True, slots=True)
class HomeMonthBilled:
    """Of a home at an authority. `due`, for the days of the month, is None where its bills come by files, and
    where no key opens an income that it stands on;
    `billed`, of these days, on whichever bill. `bills`: those that are named after the month."""

    authority: Authority
    first: date
    due: Decimal | None
    billed: Decimal
    bills: tuple[Invoice, ...]

    @property
    def paid(self) -> Decimal:
        return sum((bill.paid for bill in self.bills), ZERO)

    @property
    def left(self) -> Decimal:
        return ZERO if self.due is None else self.due - self.billed


def home_months(actor: Actor, family_id: int, day: date) -> list[HomeMonthBilled]:
    """The newest first, of the authorities whose office the actor is; those of which there is nothing to say
    are not there. Raises CannotOpen."""
    found = [one for authority in office_authorities(actor) for one in _months(authority, family_id, day)]
    return sorted(found, key=lambda one: (one.first, one.authority.name), reverse=True)


def _months(authority: Authority, family_id: int, day: date) -> Iterator[HomeMonthBilled]:
    days = months_looked_at(day.replace(day=1), MONTHS - 1)
    firsts = [first for first, _last in months_in(days)]
    bills: dict[date, list[Invoice]] = defaultdict(list)
    rows = Invoice.objects.filter(authority=authority, family_id=family_id, month__in=firsts)
    for bill in rows.select_related("corrects", "payer").order_by("issued_on", "pk"):
        bills[bill.month].append(bill)
    items = items_billed(authority.pk, [family_id], firsts).get(family_id, [])
    billed: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for item in items:
        billed[item.place.day.replace(day=1)] += item.amount
    terms = terms_held(authority.pk)
    made_here = {first for first in firsts if terms_of(first, terms).made_here}
    left: dict[date, Decimal] = {}
    unread: tuple[date, ...] = ()
    if made_here:
        book = book_of(authority.pk)
        facts = homes_facts(book, There(authority.pk), [family_id], days)[family_id]
        scope = Scope(None, days[1])
        spent = spent_before(authority.pk, {family_id: facts}).get(family_id, {})
        found = home_assessed(Memo(book), facts, scope, facts.months, items, spent)
        left, unread = {month.first: month.amount for month in found.months}, found.unread
    for first in firsts:
        known = first in made_here and first not in unread
        due = billed[first] + left.get(first, ZERO) if known else None
        if due or billed[first] or bills[first]:
            yield HomeMonthBilled(authority, first, due, billed[first], tuple(bills[first]))
