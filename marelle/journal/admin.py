from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.journal.models import Entry


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor_label", "on_behalf", "verb", "subject_label", "family_id", "address")
    list_filter = ("verb", "on_behalf")
    search_fields = ("actor_label", "subject_label")
