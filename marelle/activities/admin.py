from __future__ import annotations

from django.contrib import admin

from marelle.activities.models import (
    AbsenceRule,
    Activity,
    AwaitedOpening,
    BookingBound,
    BookingCondition,
    BookingRule,
    Gauge,
    GaugeCut,
    GaugeLevel,
    KeptPlaces,
    Opening,
    Question,
    Quota,
    Slot,
    SlotBefore,
    StaffPlan,
)
from marelle.core.readonly import ReadOnlyAdmin


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ("name", "structure", "kind", "first_day", "last_day", "booking_mode")
    list_select_related = ("structure",)
    search_fields = ("name",)


@admin.register(Slot)
class SlotAdmin(ReadOnlyAdmin):
    list_display = ("name", "activity", "starts", "ends")
    list_select_related = ("activity",)


@admin.register(SlotBefore)
class SlotBeforeAdmin(ReadOnlyAdmin):
    list_display = ("slot", "until", "starts", "ends", "is_free")
    list_select_related = ("slot__activity",)


@admin.register(Question)
class QuestionAdmin(ReadOnlyAdmin):
    list_display = ("text", "activity", "kind", "required")
    list_select_related = ("activity",)


@admin.register(BookingRule)
class BookingRuleAdmin(ReadOnlyAdmin):
    list_display = ("activity", "slot", "since", "until", "book_kind", "cancel_kind", "after")
    list_select_related = ("activity", "slot__activity")


@admin.register(BookingCondition)
class BookingConditionAdmin(ReadOnlyAdmin):
    list_display = ("activity", "since", "until", "min_age_months", "max_age_months", "paper_title")
    list_select_related = ("activity__structure",)


@admin.register(KeptPlaces)
class KeptPlacesAdmin(ReadOnlyAdmin):
    list_display = ("activity", "gauge", "places", "audience", "since", "until")
    list_select_related = ("activity", "gauge")


@admin.register(AwaitedOpening)
class AwaitedOpeningAdmin(ReadOnlyAdmin):
    list_display = ("activity", "at")
    list_select_related = ("activity",)


@admin.register(BookingBound)
class BookingBoundAdmin(ReadOnlyAdmin):
    list_display = ("activity", "kind", "n", "unit", "each", "whose", "since", "until")
    list_select_related = ("activity",)


@admin.register(AbsenceRule)
class AbsenceRuleAdmin(ReadOnlyAdmin):
    list_display = ("activity", "slot", "since", "until", "told_kind", "waiting_days", "unannounced")
    list_select_related = ("activity", "slot__activity")


@admin.register(Gauge)
class GaugeAdmin(ReadOnlyAdmin):
    list_display = ("name", "structure", "unit")
    list_select_related = ("structure",)


@admin.register(GaugeLevel)
class GaugeLevelAdmin(ReadOnlyAdmin):
    list_display = ("gauge", "since", "capacity")
    list_select_related = ("gauge",)


@admin.register(GaugeCut)
class GaugeCutAdmin(ReadOnlyAdmin):
    list_display = ("gauge", "first_day", "last_day", "capacity", "closure")
    list_select_related = ("gauge", "closure__structure")


@admin.register(Quota)
class QuotaAdmin(ReadOnlyAdmin):
    list_display = ("gauge", "day", "part", "capacity", "taken", "overdraft")
    list_select_related = ("gauge",)
    date_hierarchy = "day"


@admin.register(Opening)
class OpeningAdmin(ReadOnlyAdmin):
    list_display = ("slot", "group", "day", "state", "reason", "title")
    list_filter = ("state",)
    list_select_related = ("slot__activity", "group")
    date_hierarchy = "day"


@admin.register(StaffPlan)
class StaffPlanAdmin(ReadOnlyAdmin):
    list_display = ("day", "structure", "slot", "number")
    list_select_related = ("structure", "slot__activity")
    date_hierarchy = "day"
