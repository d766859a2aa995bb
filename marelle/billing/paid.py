"""What rows of payments come to: the day that a bill was last paid, what is told of it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from marelle.core.money import ZERO


class Means(TextChoices):
    """By what a payment is known. `KNOWN`: before payments were rows."""

    KNOWN = "known", _("connu avant le détail des paiements")
    STATE = "state", _("état des paiements")
    TRESOR = "tresor", _("retour du Trésor public")
    HAND = "hand", _("noté par un agent")


UNDONE: Final = "undone "
"""Begins the references of payments whose import was undone, and of the rows that take them back."""


class Stray(TextChoices):
    """Why an amount that came back waits for an agent."""

    UNKNOWN = "unknown", _("aucune pièce de ce numéro n’est partie d’ici")
    DEBT = "debt", _("son numéro de dette est d’une autre pièce")
    MORE = "more", _("c’est plus que ce qui reste à payer de la facture")
    LESS = "less", _("cela reprend plus que ce qui est payé de la facture")


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


ALL_TOLD: Final = (Means.STATE, Means.KNOWN)
"""What says what is paid in all, and so holds amounts that the Trésor then tells one by one."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What becomes of an amount that came: `rows`, by day, of what is known of it in all already and is now
    taken back there, `amount` written as such, `over`, which waits."""

    told_before: tuple[tuple[date, Decimal], ...]
    amount: Decimal
    over: Decimal


def taken(amount: Decimal, on: date, *, rows: Iterable[Row], owed: Decimal) -> Taken:
    """An amount that the Trésor says came on a day, of a bill with these `rows` of which `owed` euros are
    asked in all. What a state of payments said is paid in all until that day or a later one holds it."""
    nets: dict[date, Decimal] = defaultdict(lambda: ZERO)
    paid = ZERO
    for row in rows:
        paid += row.amount
        if row.means in ALL_TOLD:
            nets[row.on] += row.amount
    sign = 1 if amount > 0 else -1
    said = max(sign * sum((net for day, net in nets.items() if day >= on), ZERO), ZERO)
    held = min(sign * amount, said)
    room = max(owed - paid, ZERO) if sign > 0 else paid
    new = min(sign * amount - held, max(room, ZERO))
    return Taken(tuple(_from_days(nets, on, held, sign)), sign * (held + new), amount - sign * (held + new))


def _from_days(
    nets: Mapping[date, Decimal], on: date, held: Decimal, sign: int
) -> Iterator[tuple[date, Decimal]]:
    for day in sorted(day for day in nets if day >= on):
        part = min(held, max(sign * nets[day], ZERO))
        if part:
            yield day, -sign * part
            held -= part
