"""What rows of payments come to: the day that a bill was last paid, what is told of it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from marelle.core.money import ZERO


class Means(TextChoices):
    """By what a payment is known. `KNOWN`: before payments were rows."""

    KNOWN = "known", _("connu avant le détail des paiements")
    STATE = "state", _("état des paiements")
    TRESOR = "tresor", _("retour du Trésor public")


class Row(Protocol):
    @property
    def on(self) -> date: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def means(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What came to a bill on a day by one means, in euros; below zero, what was taken back."""

    on: date
    means: Means
    amount: Decimal


def told(rows: Iterable[Row]) -> tuple[Told, ...]:
    """In the order of the days. What another row takes back on the same day is not told twice."""
    sums: dict[tuple[date, str], Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        sums[row.on, row.means] += row.amount
    return tuple(Told(on, Means(means), amount) for (on, means), amount in sorted(sums.items()) if amount)


def paid_of(rows: Iterable[Row]) -> tuple[Decimal, date | None]:
    """What is paid in all, and the last day on which something was; None of what is not paid at all."""
    days: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        days[row.on] += row.amount
    paid = sum(days.values(), ZERO)
    return paid, max((day for day, amount in days.items() if amount > 0), default=None) if paid > 0 else None
