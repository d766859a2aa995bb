"""The tables of tariffs, and what agents noted that sets a home apart. What a home pays is counted, never
kept here."""

from marelle.pricing.models.adjustments import Adjustment, SpanRule
from marelle.pricing.models.amounts import Price, PriceBracket, PriceRate, ResourceBound
from marelle.pricing.models.homes import HomeTrait
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
    "Tariff",
    "TariffSet",
]
