from __future__ import annotations

from django.contrib import admin

from marelle.campaigns.models import Campaign, Commission, Wish
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


@admin.register(Commission)
class CommissionAdmin(ReadOnlyAdmin):
    list_display = ("name", "structure", "sits_on", "state")
    list_select_related = ("structure",)
    list_filter = ("state",)
    exclude = ("seed", "file")
