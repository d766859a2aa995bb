"""The tables of tariffs, and what agents noted of a home: what sets it apart, what it has taken at once.
What a home pays is counted, never kept here."""

from marelle.pricing.models.adjustments import Adjustment, SpanRule
from marelle.pricing.models.amounts import Price, PriceBracket, PriceRate, ResourceBound
from marelle.pricing.models.homes import HomeTrait, Subscription
from marelle.pricing.models.tariffs import GiveBack, Product, Tariff, TariffSet

__all__ = [
    "Adjustment",
    "GiveBack",
    "HomeTrait",
    "Price",
    "PriceBracket",
    "PriceRate",
    "Product",
    "ResourceBound",
    "SpanRule",
    "Subscription",
    "Tariff",
    "TariffSet",
]
