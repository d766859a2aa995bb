from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.journal.models import ChainLink, ChainWalk, Entry


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor_label", "on_behalf", "verb", "subject_label", "family_id", "address")
    list_filter = ("verb", "on_behalf")
    search_fields = ("actor_label", "subject_label")


@admin.register(ChainLink)
class ChainLinkAdmin(ReadOnlyAdmin):
    list_display = ("number", "at", "kind", "batch", "count", "taken", "intact", "digest")
    list_filter = ("kind", "intact")
    exclude = ("proof",)


@admin.register(ChainWalk)
class ChainWalkAdmin(ReadOnlyAdmin):
    list_display = ("began_at", "ended_at", "reached", "flaws")
