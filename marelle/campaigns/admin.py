from __future__ import annotations

from django.contrib import admin

from marelle.campaigns.models import Campaign, Wish
from marelle.core.readonly import ReadOnlyAdmin


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("name", "authority", "first_day", "state", "opens_at", "closes_at")
    list_select_related = ("authority",)
    list_filter = ("authority", "state")
    exclude = ("seed", "file")


@admin.register(Wish)
class WishAdmin(ReadOnlyAdmin):
    list_display = ("campaign", "ticket", "turn", "given_at")
    list_select_related = ("campaign",)
