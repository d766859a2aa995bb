"""What of a home's month somebody else will pay, and what is due no more: cut as its bill will be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.billing.contests import contests_accepted
from marelle.billing.models import Coverage
from marelle.core.actor import Actor
from marelle.core.money import ZERO
from marelle.core.prepared import prepared
from marelle.core.sealed import CannotOpen
from marelle.flows.bills.assessing import HomeAssessed, Scope, home_assessed
from marelle.flows.bills.facts import HomeFacts, homes_facts
from marelle.flows.bills.known import spent_before
from marelle.flows.prices.reading import There
from marelle.flows.prices.spans import Days, month_of
from marelle.places.models import Authority
from marelle.places.scope import in_office
from marelle.pricing.memo import Memo
from marelle.pricing.selectors import book_of


@dataclass(frozen=True, slots=True)
class MonthShared:
    """Of a home at one authority: what each other pays, by name ("" for the other home of a child), and what
    is left to the home. `waived`: what it contested and does not owe any more, of these `days`."""

    authority: str
    parts: tuple[tuple[str, Decimal], ...]
    own: Decimal
    waived: Decimal = ZERO
    days: tuple[date, ...] = ()

    @property
    def taken_off(self) -> Decimal:
        """Of the price, what the home does not pay, in euros."""
        return self.waived + sum((amount for _who, amount in self.parts), ZERO)


def month_shared(actor: Actor, day: date) -> dict[str, MonthShared]:
    """Of the month that `day` is in, by authority, where somebody else pays or something is waived; one query
    where that is nowhere. Nothing where no key opens what a most has been spent on."""
    if actor.family_id is None:
        return {}
    return _months(actor.family_id, day, actor if actor.on_behalf_of else None)


def home_shared(actor: Actor, family_id: int, day: date) -> dict[str, MonthShared]:
    """The same for an agent who reads what the home pays: of the authorities whose office it is, since who
    pays and what is contested is read by no other."""
    return _months(family_id, day, actor)


def _months(family_id: int, day: date, office: Actor | None) -> dict[str, MonthShared]:
    days = month_of(day)
    try:
        found = [_shared(one, family_id, days) for one in _taken_off(family_id, days[0], days[1], office)]
    except CannotOpen:
        return {}
    return {one.authority: one for one in found if one is not None}


@prepared
def _taken_off(family_id: int, first: date, last: date, office: Actor | None) -> QuerySet[Authority]:
    """Where somebody else may pay, or something may be waived; of `office`, where it is the office."""
    coverages = _coverages(family_id, (first, last)).filter(authority=OuterRef("pk"))
    # A day is on the bill of its month, or on a later one.
    waived = contests_accepted(line__invoice__family_id=family_id, line__invoice__month__gte=first)
    there = Authority.objects.filter(
        Exists(coverages) | Exists(waived.filter(line__invoice__authority=OuterRef("pk")))
    )
    return (there if office is None else there.filter(in_office(office))).order_by("name")


def own_of(actor: Actor, total: Decimal | None, day: date) -> Decimal | None:
    """What is left to the home of the price of its month; one query where nothing is taken off."""
    if total is None:
        return None
    return total - sum((one.taken_off for one in month_shared(actor, day).values()), ZERO)


def _coverages(family_id: int, days: Days) -> QuerySet[Coverage]:
    return Coverage.objects.filter(
        Q(until=None) | Q(until__gte=days[0]),
        since__lte=days[1],
        family_id=family_id,
        withdrawn_at=None,
    )


def _shared(authority: Authority, family_id: int, days: Days) -> MonthShared | None:
    """None where nobody else pays, and nothing is waived; nor is a month told that cannot be billed."""
    rows = _coverages(family_id, days).filter(authority=authority).select_related("payer")
    names = {row.pk: str(row.payer or "") for row in rows.order_by("pk")}
    book = book_of(authority.pk)
    facts = homes_facts(book, There(authority.pk), [family_id], days)
    home = facts[family_id]
    given_up = sorted({place.day for place in home.waived if days[0] <= place.day <= days[1]})
    if not (names or given_up) or any(month.unread for month in home.months):
        return None
    spent = spent_before(authority.pk, facts).get(family_id, {})
    memo = Memo(book)

    def due(facts: HomeFacts) -> HomeAssessed:
        return home_assessed(memo, facts, Scope(None, days[1]), facts.months, (), spent)

    owed = due(home)
    parts: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for item in owed.items:
        for account, amount in item.accounts:
            if account.coverage_id is not None:
                parts[names[account.coverage_id]] += amount.whole
    waived = due(replace(home, waived=frozenset())).total - owed.total if given_up else ZERO
    own = owed.total - sum(parts.values(), ZERO)
    return MonthShared(authority.name, tuple(parts.items()), own, waived, tuple(given_up))
