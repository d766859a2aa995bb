"""Who pays what else than the home: an aid, an employer, the département, the other home of a child. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from marelle.billing.due import Charge, Part
from marelle.core.money import ZERO, rounded
from marelle.pricing.lines import HUNDRED


class Way(TextChoices):
    """How much of a day a coverage takes on."""

    PERCENT = "percent", _("une part, en %")
    AMOUNT = "amount", _("un montant par jour")
    CUSTODY = "custody", _("les jours de garde de l’autre foyer")


@dataclass(frozen=True, slots=True)
class Coverage:
    """From `since` to `until`, both included: of a child (None: of all of the home) and of some activities
    (none: of all). `figure`: a percentage, or euros a day and child. `most`, in euros, over all its days.
    `days`, of `Way.CUSTODY`: those on which the child is with who pays."""

    id: int
    since: date
    way: Way
    figure: Decimal = HUNDRED
    until: date | None = None
    child_id: int | None = None
    activity_ids: frozenset[int] = frozenset()
    most: Decimal | None = None
    days: frozenset[date] = frozenset()

    def holds(self, charge: Charge) -> bool:
        day = charge.line.day
        return (
            self.since <= day
            and (self.until is None or day <= self.until)
            and self.child_id in {None, charge.line.child_id}
            and (not self.activity_ids or charge.activity_id in self.activity_ids)
            and (self.way is not Way.CUSTODY or day in self.days)
        )

    def within(self, first: date, last: date) -> Coverage | None:
        """The same as far as these days go; None where it holds none of them."""
        if last < self.since or (self.until is not None and self.until < first):
            return None
        until = None if self.until is None or self.until > last else self.until
        days = frozenset(day for day in self.days if first <= day <= last)
        return replace(self, since=max(self.since, first), until=until, days=days)


def covered(
    charges: Iterable[Charge], coverages: Iterable[Coverage], spent: Mapping[int, Decimal]
) -> Iterator[Charge]:
    """The same, each with the parts that somebody else pays, in the order of the days; the first coverage
    takes first, of what is left. `spent`: of each, what it has taken on before.

    No part is more than what is left of its charge, and the parts with the rest are the charge, to the cent.
    """
    ordered = sorted(coverages, key=lambda one: (one.since, one.id))
    left = {one.id: one.most - spent.get(one.id, ZERO) for one in ordered if one.most is not None}
    of_day: dict[tuple[int, date, int | None], Decimal] = {}
    for charge in sorted(charges, key=lambda one: one.place.order):
        rest, parts = charge.amount, []
        for one in ordered:
            if not rest or not one.holds(charge):
                continue
            key = one.id, charge.line.day, charge.line.child_id
            if one.way is Way.AMOUNT:
                asked = min(of_day.setdefault(key, one.figure), max(charge.amount, ZERO))
            else:
                asked = rounded(charge.amount * one.figure / HUNDRED)
            amount = _within(asked, rest, left.get(one.id))
            if one.way is Way.AMOUNT:
                of_day[key] -= amount
            if one.id in left:
                left[one.id] -= amount
            if amount:
                rest -= amount
                parts.append(Part(one.id, amount, _food(charge, amount)))
        yield charge._replace(parts=tuple(parts))


def _within(amount: Decimal, rest: Decimal, left: Decimal | None) -> Decimal:
    """`amount`, no more than the rest nor than what is left of the coverage; what is given back to the home
    is given back to who has paid."""
    if rest < 0:
        return max(amount, rest)
    most = rest if left is None else min(rest, max(left, ZERO))
    return max(min(amount, most), ZERO)


def _food(charge: Charge, amount: Decimal) -> Decimal | None:
    if charge.food is None or not charge.amount:
        return None
    return rounded(charge.food * amount / charge.amount)
