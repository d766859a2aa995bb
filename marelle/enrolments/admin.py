from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.enrolments.models import CallNote, EndRequest, Enrolment, KeptFor


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ("person", "activity", "state", "starts_on", "ends_on")
    list_filter = ("state",)
    list_select_related = ("person", "activity")
    search_fields = ("person__last_name", "person__first_name", "activity__name")


@admin.register(EndRequest)
class EndRequestAdmin(ReadOnlyAdmin):
    list_display = ("enrolment", "last_day", "state", "requested_at")
    list_filter = ("state",)
    list_select_related = ("enrolment__person", "enrolment__activity")


@admin.register(KeptFor)
class KeptForAdmin(ReadOnlyAdmin):
    list_display = ("kept", "enrolment")
    list_select_related = ("kept__activity", "enrolment__person", "enrolment__activity")


@admin.register(CallNote)
class CallNoteAdmin(ReadOnlyAdmin):
    list_display = ("enrolment", "reached", "at", "by")
    list_filter = ("reached",)
    list_select_related = ("enrolment__person", "enrolment__activity")
