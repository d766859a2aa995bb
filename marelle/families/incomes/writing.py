"""Where incomes are written, whoever decided it: sealed, and never in the journal."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from marelle.families.incomes.rules import IncomeKind, Told
from marelle.families.models import Income
from marelle.families.models.incomes import sealed_of


def income_put(
    family_id: int,
    kind: IncomeKind,
    told: Told,
    *,
    since: date,
    source: str,
    until: date | None = None,
    authority_id: int | None = None,
) -> Income:
    """What a home's income of a kind is from `since`; the same day given again replaces what was said.

    Raises CannotSeal.
    """
    row = income_row(family_id, kind, since, authority_id)
    if row is None:
        row = Income(family_id=family_id, kind=kind, since=since, authority_id=authority_id)
    sealed = sealed_of(told)
    row.status, row.amount, row.source, row.until = sealed["status"], sealed["amount"], source, until
    row.save()
    return row


def income_row(
    family_id: int, kind: IncomeKind, since: date, authority_id: int | None = None
) -> Income | None:
    """The row over which such a value is written."""
    whose = Q(authority=None) if authority_id is None else Q(authority=authority_id)
    return Income.objects.filter(whose, family_id=family_id, kind=kind, since=since).first()
