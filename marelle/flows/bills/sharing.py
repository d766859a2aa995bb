"""What somebody else will pay of a home's month, as it stands: by the cut that its bill will be made with."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from marelle.billing.models import Coverage
from marelle.core.actor import Actor
from marelle.core.money import ZERO
from marelle.core.sealed import CannotOpen
from marelle.flows.bills.assessing import Scope, home_assessed
from marelle.flows.bills.facts import homes_facts
from marelle.flows.bills.known import spent_before
from marelle.flows.prices.reading import There
from marelle.flows.prices.spans import month_of
from marelle.places.models import Authority
from marelle.places.scope import in_office
from marelle.pricing.memo import Memo
from marelle.pricing.selectors import book_of


@dataclass(frozen=True, slots=True)
class MonthShared:
    """Of a home at one authority: what each other pays, by name ("" for the other home of a child), and what
    is left to the home."""

    authority: str
    parts: tuple[tuple[str, Decimal], ...]
    own: Decimal


def month_shared(actor: Actor, day: date) -> dict[str, MonthShared]:
    """Of the month that `day` is in, by authority; one query where nobody else pays. Nothing where no key
    opens what a most has been spent on."""
    if actor.family_id is None:
        return {}
    days = month_of(day)
    rows = Coverage.objects.filter(
        Q(until=None) | Q(until__gte=days[0]),
        since__lte=days[1],
        family_id=actor.family_id,
        withdrawn_at=None,
    )
    if actor.on_behalf_of:
        rows = rows.filter(in_office(actor, "authority__"))
    payers: dict[Authority, dict[int, str]] = defaultdict(dict)
    for row in rows.select_related("authority", "payer").order_by("authority__name", "pk"):
        payers[row.authority][row.pk] = str(row.payer or "")
    try:
        return {
            authority.name: _shared(authority, actor.family_id, days, names)
            for authority, names in payers.items()
        }
    except CannotOpen:
        return {}


def _shared(
    authority: Authority, family_id: int, days: tuple[date, date], names: dict[int, str]
) -> MonthShared:
    book = book_of(authority.pk)
    facts = homes_facts(book, There(authority.pk), [family_id], days)
    home = facts[family_id]
    spent = spent_before(authority.pk, facts).get(family_id, {})
    due = home_assessed(Memo(book), home, Scope(None, days[1]), home.months, (), spent)
    parts: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for item in due.items:
        for account, amount in item.accounts:
            if account.coverage_id is not None:
                parts[names[account.coverage_id]] += amount.whole
    return MonthShared(authority.name, tuple(parts.items()), due.total - sum(parts.values(), ZERO))
