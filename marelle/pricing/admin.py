from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.pricing.models import Adjustment, Price, Product, ResourceBound, SpanRule, Tariff


@admin.register(Tariff)
class TariffAdmin(ReadOnlyAdmin):
    list_display = ("name", "authority", "subject", "since", "until")
    list_select_related = ("authority",)
    list_filter = ("authority", "subject")


@admin.register(Adjustment)
class AdjustmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "authority", "step", "case", "effect", "since", "until")
    list_select_related = ("authority",)
    list_filter = ("authority", "case")


@admin.register(SpanRule)
class SpanRuleAdmin(ReadOnlyAdmin):
    list_display = ("name", "authority", "span", "effect", "since", "until")
    list_select_related = ("authority",)
    list_filter = ("authority", "span")


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    list_display = ("name", "authority")
    list_select_related = ("authority",)


@admin.register(Price)
class PriceAdmin(ReadOnlyAdmin):
    list_display = ("kind", "amount", "percent", "floor", "ceiling")


@admin.register(ResourceBound)
class ResourceBoundAdmin(ReadOnlyAdmin):
    list_display = ("authority", "since", "floor", "ceiling")
    list_select_related = ("authority",)
