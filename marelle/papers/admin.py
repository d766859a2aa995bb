from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.papers.models import Acceptance, Paper, PaperNeed, PaperReminder, PaperType, Publication


@admin.register(PaperType)
class PaperTypeAdmin(ReadOnlyAdmin):
    list_display = ("title", "authority", "about", "mandatory", "active")
    list_filter = ("authority", "active")
    list_select_related = ("authority",)


@admin.register(PaperNeed)
class PaperNeedAdmin(ReadOnlyAdmin):
    list_display = ("paper_type", "activity", "effect", "bookings_from")
    list_filter = ("effect",)
    list_select_related = ("paper_type", "activity")


@admin.register(Paper)
class PaperAdmin(ReadOnlyAdmin):
    list_display = ("paper_type", "family", "person", "state", "sent_at")
    list_filter = ("state",)
    list_select_related = ("paper_type", "family", "person")


@admin.register(PaperReminder)
class PaperReminderAdmin(ReadOnlyAdmin):
    list_display = ("structure", "activity", "homes", "asked_at", "asked_by")
    list_select_related = ("structure", "activity")


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    list_display = ("title", "structure", "theme", "published_on", "until")
    list_filter = ("theme", "structure")
    list_select_related = ("structure",)


@admin.register(Acceptance)
class AcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("publication", "family", "accepted_at", "accepted_by")
    list_select_related = ("publication", "family")
