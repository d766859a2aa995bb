"""The income facts of homes on days, read at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet, Subquery

from marelle.core.prepared import prepared
from marelle.families.incomes.rules import IncomeRow
from marelle.families.incomes.selectors import row_of
from marelle.families.models import Income as IncomeHeld
from marelle.flows.incomes.counting import income_on
from marelle.places.models import Authority
from marelle.pricing.facts import UNKNOWN_INCOME, Income
from marelle.pricing.incomes import Counts


def incomes_on(
    authority_id: int, family_ids: Collection[int], days: Collection[date]
) -> Mapping[tuple[int, date], Income]:
    """The facts of each home on each day, by both, as `authority_id` counts them. One query."""
    held: dict[int, list[IncomeRow]] = defaultdict(list)
    counts = Counts.NEXT_MONTH
    for row in _held(authority_id, family_ids):
        counts = Counts(row.counts)
        held[row.family_id].append(row_of(row, reads=True))
    return {
        (family_id, day): income_on(held[family_id], day, authority_id=authority_id, counts=counts)
        if family_id in held
        else UNKNOWN_INCOME
        for family_id in family_ids
        for day in days
    }


@prepared
def _held(authority_id: int, family_ids: Collection[int]) -> QuerySet[Any]:
    """What all were told and what that authority was, each with how the authority counts."""
    setting = Authority.objects.filter(pk=authority_id).values("incomes_count")
    rows = IncomeHeld.objects.filter(family_id__in=family_ids)
    return rows.annotate(counts=Subquery(setting)).order_by("since", "pk")
