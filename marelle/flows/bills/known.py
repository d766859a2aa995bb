"""What runs that were issued know of homes: how each month was looked at last, and what was billed of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from marelle.billing.due import Item, renamed
from marelle.billing.models import AssessedMonth, Assessment, Invoice
from marelle.billing.runs.children import children_of
from marelle.billing.runs.selectors import MonthBilled, months_billed
from marelle.billing.runs.services import terms_held
from marelle.billing.runs.terms import last_billed
from marelle.billing.stored import items_read
from marelle.billing.terms import months_back
from marelle.core.sealed import opened
from marelle.flows.bills.assessing import KnownMonth, spent_of
from marelle.flows.bills.facts import HomeFacts, months_looked_at
from marelle.flows.prices.spans import months_in

USUAL_MONTHS = 3
"""How many months before it a bill is compared with."""


def months_known(
    authority_id: int, family_ids: Collection[int], months: Collection[date]
) -> Mapping[int, Mapping[date, KnownMonth]]:
    """By home and month; one query."""
    rows = AssessedMonth.objects.filter(
        assessment__state=Assessment.State.SETTLED,
        assessment__run__authority_id=authority_id,
        assessment__family_id__in=family_ids,
        month__in=months,
    ).order_by("assessment_id")
    found: dict[int, dict[date, KnownMonth]] = defaultdict(dict)
    for family_id, month, digest, scope in rows.values_list(
        "assessment__family_id", "month", "digest", "scope"
    ):
        found[family_id][month] = KnownMonth(digest, scope)
    return found


def items_billed(
    authority_id: int, family_ids: Collection[int], months: Collection[date]
) -> Mapping[int, list[Item]]:
    """By home, all that was billed of these months, in its order; two queries. Raises CannotOpen."""
    rows = Assessment.objects.filter(
        state=Assessment.State.SETTLED,
        run__authority_id=authority_id,
        family_id__in=family_ids,
        months__month__in=months,
        items__isnull=False,
    ).distinct()
    held = list(rows.order_by("pk").values_list("pk", "family_id", "items"))
    children = children_of([pk for pk, _family_id, _items in held])
    found: dict[int, list[Item]] = defaultdict(list)
    for pk, family_id, items in held:
        if items is not None:
            found[family_id] += (renamed(item, children.get(pk, {})) for item in items_read(opened(items)))
    return found


def spent_before(authority_id: int, facts: Mapping[int, HomeFacts]) -> Mapping[int, Mapping[int, Decimal]]:
    """By home, what each of its coverages that have a most took on, of what was billed before the months that
    are looked at. No query where none has. Raises CannotOpen."""
    capped = {
        family_id: min(one.since for one in home.coverages if one.most is not None)
        for family_id, home in facts.items()
        if any(one.most is not None for one in home.coverages)
    }
    if not capped:
        return {}
    first = min(home.months[0].first for home in facts.values())
    months = [month for month, _last in months_in((min(capped.values()), first)) if month < first]
    billed = items_billed(authority_id, capped, months)
    return {
        family_id: spent_of(item for item in items if item.place.day < first)
        for family_id, items in billed.items()
    }


def usual_totals(authority_id: int, family_ids: Collection[int], month: date) -> Mapping[int, list[Decimal]]:
    """What each was billed in the months before, however that was, of those that had a bill; one query."""
    first, _last = months_looked_at(month, USUAL_MONTHS)
    rows = Invoice.objects.filter(
        authority_id=authority_id,
        family_id__in=family_ids,
        cancelled_on=None,
        month__gte=first,
        month__lt=month,
    ).exclude(kind=Invoice.Kind.OTHER)
    found: dict[int, list[Decimal]] = defaultdict(list)
    for family_id, total in (
        rows.order_by()
        .values("family_id", "month")
        .annotate(whole=Sum("total"))
        .values_list("family_id", "whole")
    ):
        found[family_id].append(total)
    return found


def months_to_correct(
    authority_id: int, since: date, until: date | None = None, structure_ids: Collection[int] | None = None
) -> list[MonthBilled]:
    """Of the months that `months_billed` tells, those that a run looks at again; two queries more where there
    is one."""
    found = months_billed(authority_id, since, until, structure_ids)
    if not found:
        return []
    last = last_billed(authority_id)
    first, _last = months_looked_at(last, months_back(last, terms_held(authority_id)))
    return [month for month in found if month.first >= first]
