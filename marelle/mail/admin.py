from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.mail.models import Message


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What left and what did not, for who runs the server; the texts are the families' own business."""

    list_display = ("created_at", "kind", "channel", "state", "attempts", "next_attempt_at", "last_error")
    list_filter = ("state", "kind", "channel")
    exclude = ("text", "html", "attached")
