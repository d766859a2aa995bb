"""Which facts of a home prices stand on, and what each row says of one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

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
