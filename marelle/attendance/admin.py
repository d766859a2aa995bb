from __future__ import annotations

from django.contrib import admin

from marelle.attendance.models import Call, Mismatch, NoShow, Pin, Tablet, Tick, UnsettledDay
from marelle.core.readonly import ReadOnlyAdmin


@admin.register(Tablet)
class TabletAdmin(ReadOnlyAdmin):
    list_display = ("name", "structure", "enrolled_at", "enrolled_by", "revoked_at", "seen_at")
    list_select_related = ("structure",)
    exclude = ("secret_digest",)


@admin.register(Pin)
class PinAdmin(ReadOnlyAdmin):
    list_display = ("account", "set_at", "wrong", "locked_until")
    list_select_related = ("account",)
    exclude = ("digest",)


@admin.register(Tick)
class TickAdmin(ReadOnlyAdmin):
    list_display = ("at", "structure", "child", "name", "kind", "by", "tablet", "outcome", "settled")
    list_select_related = ("structure", "child", "tablet")
    list_filter = ("outcome", "kind")
    raw_id_fields = ("child", "opening", "account")


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = ("opening", "state", "closed_at", "closed_by")
    list_select_related = ("opening__slot__activity",)


@admin.register(UnsettledDay)
class UnsettledDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "structure")
    list_select_related = ("structure",)


@admin.register(Mismatch)
class MismatchAdmin(ReadOnlyAdmin):
    list_display = ("day", "child", "opening", "kind", "told_at", "answer", "settled")
    list_select_related = ("child", "opening__slot__activity")
    raw_id_fields = ("child", "opening", "family", "booking")


@admin.register(NoShow)
class NoShowAdmin(ReadOnlyAdmin):
    list_display = ("enrolment", "since", "asked_at", "decision", "decided_at", "decided_by")
    list_select_related = ("enrolment__person", "enrolment__activity")
    list_filter = ("decision",)
