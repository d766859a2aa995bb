"""The tariffs of an authority as they are counted with, in a fixed number of queries."""

from __future__ import annotations

from marelle.pricing.amounts import EffortBound
from marelle.pricing.models import Adjustment, ResourceBound, SpanRule, Tariff
from marelle.pricing.tariffs import TariffBook


def bounds_of(authority_id: int) -> tuple[EffortBound, ...]:
    """The resources that count for its effort rates, from each date."""
    rows = ResourceBound.objects.filter(authority_id=authority_id).order_by("since")
    return tuple(row.as_bound() for row in rows)


def book_of(authority_id: int) -> TariffBook:
    """All of them, those of the past too: each price is counted with those of its day."""
    bounds = bounds_of(authority_id)
    tariffs = Tariff.objects.whole().filter(authority_id=authority_id).order_by("pk")
    adjustments = Adjustment.objects.whole().filter(authority_id=authority_id).order_by("pk")
    rules = SpanRule.objects.whole().filter(authority_id=authority_id).order_by("pk")
    return TariffBook(
        tuple(row.as_tariff(bounds) for row in tariffs),
        tuple(row.as_adjustment(bounds) for row in adjustments),
        tuple(row.as_rule(bounds) for row in rules),
    )
