from __future__ import annotations

from django.contrib import admin

from marelle.cases.models import Case
from marelle.core.readonly import ReadOnlyAdmin


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("opened_at", "kind", "label", "state", "decided_at", "decided_by")
    list_filter = ("kind", "state")
    search_fields = ("label",)
