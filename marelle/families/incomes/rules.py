"""Which facts of a home prices stand on, and what each row says of one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.refusals import Refusal

MOST_EUROS = Decimal("99999.99")
MOST_CHILDREN = Decimal(20)


class IncomeKind(models.TextChoices):
    QUOTIENT = "quotient", _("quotient familial")
    RESOURCES = "resources", _("ressources mensuelles")
    DEPENDANTS = "dependants", _("enfants à charge")
    AEEH = "aeeh", _("enfants qui ouvrent droit à l’AEEH")


COUNTS = frozenset({IncomeKind.DEPENDANTS, IncomeKind.AEEH})
"""Kinds whose amount is a number of children, the others euros."""


class IncomeStatus(models.TextChoices):
    """How a fact is known; the words of `pricing`."""

    PROVED = "proved", _("justifié")
    DECLARED = "declared", _("déclaré")
    REFUSED = "refused", _("non communiqué")
    NONE = "none", _("sans revenu")
    UNKNOWN = "unknown", _("inconnu")


SAYS_AN_AMOUNT = frozenset({IncomeStatus.PROVED, IncomeStatus.DECLARED})


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says: a status, and an amount where the status says one."""

    status: IncomeStatus
    amount: Decimal | None = None

    def __repr__(self) -> str:
        return "‹revenu›"


@dataclass(frozen=True, slots=True)
class IncomeRow:
    """A row as read. `told` is None for who may not read it, and where no key opens it (`lost`)."""

    id: int
    kind: IncomeKind
    since: date
    until: date | None
    source: str
    authority_id: int | None = None
    told: Told | None = field(default=None, repr=False)
    lost: bool = False


def last_begun(
    rows: Iterable[IncomeRow], kind: IncomeKind, day: date, authority_id: int | None = None
) -> IncomeRow | None:
    """The row of a kind that holds on `day`, as it was told: from when it counts is a setting apart.

    What was told to `authority_id` alone goes before what was told to all.
    """
    begun = [row for row in rows if row.kind == kind and row.since <= day]
    for whose in dict.fromkeys((authority_id, None)):
        told = [row for row in begun if row.authority_id == whose]
        last = max(told, key=lambda row: row.since, default=None)
        if last is not None and (last.until is None or last.until >= day):
            return last
    return None


def is_holding(row: IncomeRow, rows: Iterable[IncomeRow], day: date) -> bool:
    """Whether `row`, one of `rows`, holds on `day` of all that was told to its authority, or to all."""
    alike = [one for one in rows if one.authority_id == row.authority_id]
    return last_begun(alike, row.kind, day, row.authority_id) is row


BEFORE = timedelta(days=5 * 366)
AHEAD = timedelta(days=366)


class WrongIncome(Refusal):
    """`code`: "amount_missing", "amount_for_nothing", "amount_too_high", "negative", "not_whole",
    "since_far_away", "ends_before_it_begins", "other_authority"; `part` is the field at fault."""

    def __init__(self, code: str, part: str) -> None:
        super().__init__(code)
        self.part = part


@dataclass(frozen=True, slots=True)
class NewIncome:
    """What an agent notes: a fact from a date, until a last day where it has one."""

    kind: IncomeKind
    told: Told
    since: date
    source: str
    until: date | None = None
    authority_id: int | None = None


def income_check(income: NewIncome, *, day: date) -> None:
    """Raises WrongIncome."""
    amount = income.told.amount
    if income.told.status in SAYS_AN_AMOUNT:
        if amount is None:
            raise WrongIncome("amount_missing", "amount")
        if amount < 0:
            raise WrongIncome("negative", "amount")
        if income.kind in COUNTS and amount != amount.to_integral_value():
            raise WrongIncome("not_whole", "amount")
        if amount > (MOST_CHILDREN if income.kind in COUNTS else MOST_EUROS):
            raise WrongIncome("amount_too_high", "amount")
    elif amount is not None:
        raise WrongIncome("amount_for_nothing", "amount")
    if not day - BEFORE <= income.since <= day + AHEAD:
        raise WrongIncome("since_far_away", "since")
    if income.until is not None and income.until < income.since:
        raise WrongIncome("ends_before_it_begins", "until")
