from __future__ import annotations

from django.contrib import admin

from marelle.cases.models import Case, CaseNote, Reason
from marelle.core.readonly import ReadOnlyAdmin


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("opened_at", "kind", "label", "state", "decided_at", "decided_by")
    list_filter = ("kind", "state")
    search_fields = ("label",)


@admin.register(CaseNote)
class CaseNoteAdmin(ReadOnlyAdmin):
    list_display = ("at", "by", "case", "passed")


@admin.register(Reason)
class ReasonAdmin(ReadOnlyAdmin):
    list_display = ("authority_id", "kind", "position", "text")
    list_filter = ("kind",)
