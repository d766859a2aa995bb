from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.meals.models import MealExtra, MealOrder


@admin.register(MealOrder)
class MealOrderAdmin(ReadOnlyAdmin):
    list_display = ("day", "structure", "slot", "number", "ordered_at", "ordered_by")
    list_select_related = ("structure", "slot__activity")
    list_filter = ("structure",)


@admin.register(MealExtra)
class MealExtraAdmin(ReadOnlyAdmin):
    list_display = ("day", "structure", "slot", "adults", "picnics")
    list_select_related = ("structure", "slot__activity")
