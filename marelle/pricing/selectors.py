"""The tariffs of authorities as they are counted with, read once and kept until one of them changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from marelle.activities.facts import ActivityFacts
from marelle.activities.models import Slot
from marelle.core.kept import Kept
from marelle.pricing.about import slots_of
from marelle.pricing.amounts import EffortBound
from marelle.pricing.models import Adjustment, ResourceBound, SpanRule, Tariff
from marelle.pricing.tariffs import TariffBook

NO_TARIFF: Final = TariffBook(())


def book_of(authority_id: int) -> TariffBook:
    """All of its tariffs, those of the past too: each price is counted with those of its day."""
    return tariff_books().get(authority_id, NO_TARIFF)


def book_held(authority_id: int) -> TariffBook:
    """The same as it is at this instant, for a write that holds the lock of the authority: what a request has
    kept may be older."""
    return tariff_books.read().get(authority_id, NO_TARIFF)


def bounds_of(authority_id: int) -> tuple[EffortBound, ...]:
    """The resources that count for its effort rates, from each date."""
    rows = ResourceBound.objects.filter(authority_id=authority_id).order_by("since")
    return tuple(row.as_bound() for row in rows)


@Kept
def tariff_books() -> Mapping[int, TariffBook]:
    """Of each authority that has any; in a fixed number of queries."""
    bounds: dict[int, tuple[EffortBound, ...]] = defaultdict(tuple)
    for row in ResourceBound.objects.order_by("since"):
        bounds[row.authority_id] += (row.as_bound(),)
    tariffs = list(Tariff.objects.whole().order_by("pk"))
    adjustments = list(Adjustment.objects.whole().order_by("pk"))
    rules = list(SpanRule.objects.whole().order_by("pk"))
    return {
        pk: TariffBook(
            tuple(row.as_tariff(bounds[pk]) for row in tariffs if row.authority_id == pk),
            tuple(row.as_adjustment(bounds[pk]) for row in adjustments if row.authority_id == pk),
            tuple(row.as_rule(bounds[pk]) for row in rules if row.authority_id == pk),
        )
        for pk in {row.authority_id for rows in (tariffs, adjustments, rules) for row in rows}
    }


def slot_names(activity: ActivityFacts, book: TariffBook) -> dict[int, str]:
    """Of the slots of an activity, then of those of others that its tariffs name, with the name of theirs.
    One query, none where there are no others."""
    names = {slot.id: slot.name for slot in activity.in_order}
    others = slots_of(book) - names.keys()
    if others:
        rows = Slot.objects.filter(pk__in=others).select_related("activity").order_by("order", "pk")
        names |= {row.pk: f"{row.name} ({row.activity.name})" for row in rows}
    return names
