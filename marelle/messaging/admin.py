from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.messaging.models import News, NewsSending, ReplyTemplate, Thread


@admin.register(Thread)
class ThreadAdmin(ReadOnlyAdmin):
    """Without the messages: who administers the tables is not who the families wrote to."""

    list_display = ("pk", "structure", "family", "opened_at", "last_at", "closed_at")
    list_filter = ("structure",)
    list_select_related = ("structure", "family")
    fields = ("structure", "family", "opened_at", "last_at", "closed_at", "closed_by")


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(ReadOnlyAdmin):
    list_display = ("title", "authority", "structure", "by", "changed_at")
    list_select_related = ("authority", "structure")


@admin.register(News)
class NewsAdmin(ReadOnlyAdmin):
    list_display = ("title", "structure", "activity", "published_at", "until", "withdrawn_at")
    list_select_related = ("structure", "activity")


@admin.register(NewsSending)
class NewsSendingAdmin(ReadOnlyAdmin):
    list_display = ("news", "homes", "by_mail", "urgent", "asked_at", "asked_by")
    list_select_related = ("news",)
