from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from marelle.accounts.models import User
from marelle.accounts.services import account_sign_out


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who runs the server may suspend an account or open the administration to it. Accounts are made by
    invitation, and a password is known to its owner alone."""

    list_display = ("identifier", "display_name", "guest", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "guest")
    search_fields = ("identifier", "display_name", "email")
    fields = ("identifier", "display_name", "email", "guest", "is_active", "is_staff", "is_superuser")
    readonly_fields = ("identifier", "display_name", "email", "guest")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A suspended account leaves no session that would live again once it is given back."""
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            account_sign_out(user_id=obj.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
