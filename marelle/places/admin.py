from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.places.models import (
    Authority,
    Calendar,
    CalendarSpan,
    Closure,
    Commune,
    Delay,
    Employment,
    GroundBefore,
    Look,
    Post,
    School,
    Structure,
    StructureContact,
)


@admin.register(Authority, Calendar, Commune)
class PlaceAdmin(ReadOnlyAdmin):
    search_fields = ("name",)


@admin.register(GroundBefore)
class GroundBeforeAdmin(ReadOnlyAdmin):
    list_display = ("authority", "until", "incomes_count")
    list_select_related = ("authority",)


@admin.register(Delay)
class DelayAdmin(ReadOnlyAdmin):
    list_display = ("code", "months")


@admin.register(Look)
class LookAdmin(ReadOnlyAdmin):
    list_display = ("authority", "main", "accent", "revision")
    list_select_related = ("authority",)


@admin.register(School)
class SchoolAdmin(ReadOnlyAdmin):
    list_display = ("name", "commune", "calendar")
    list_select_related = ("commune", "calendar")


@admin.register(Structure)
class StructureAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "authority", "commune")
    list_select_related = ("authority", "commune")


@admin.register(StructureContact)
class StructureContactAdmin(ReadOnlyAdmin):
    list_display = ("structure", "label", "ages", "email", "phone")
    list_select_related = ("structure",)


@admin.register(CalendarSpan)
class CalendarSpanAdmin(ReadOnlyAdmin):
    list_display = ("name", "calendar", "kind", "first_day", "last_day", "corrected", "typed", "active")
    list_filter = ("calendar", "kind")
    list_select_related = ("calendar",)


@admin.register(Closure)
class ClosureAdmin(ReadOnlyAdmin):
    list_display = ("structure", "part", "reason", "fewer", "first_day", "last_day", "undone_at")
    list_select_related = ("structure",)


@admin.register(Employment)
class EmploymentAdmin(ReadOnlyAdmin):
    list_display = ("user", "authority", "since", "until")
    list_select_related = ("user", "authority")


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    list_display = ("user", "role", "authority", "structure", "suspended_at")
    list_select_related = ("user", "authority", "structure")
