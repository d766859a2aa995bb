"""The tables of tariffs. They lead to no home: what a home pays is counted, never kept here."""

from marelle.pricing.models.adjustments import Adjustment, SpanRule
from marelle.pricing.models.amounts import Price, PriceBracket, PriceRate, ResourceBound
from marelle.pricing.models.tariffs import GiveBack, Product, Tariff, TariffSet

__all__ = [
    "Adjustment",
    "GiveBack",
    "Price",
    "PriceBracket",
    "PriceRate",
    "Product",
    "ResourceBound",
    "SpanRule",
    "Tariff",
    "TariffSet",
]
