from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.enrolments.models import Enrolment


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ("person", "activity", "state", "starts_on", "ends_on")
    list_filter = ("state",)
    list_select_related = ("person", "activity")
    search_fields = ("person__last_name", "person__first_name", "activity__name")
