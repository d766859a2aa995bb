from __future__ import annotations

from django.contrib import admin

from marelle.billing.models import (
    Deferral,
    ImportRun,
    Invoice,
    InvoiceLine,
    Mandate,
    Payment,
    Reminder,
    Treasury,
)
from marelle.core.readonly import ReadOnlyAdmin


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = ("number", "family", "month", "total", "paid", "due_on")
    list_filter = ("authority", "kind")
    list_select_related = ("family",)
    search_fields = ("number", "family__name", "family__number")


@admin.register(InvoiceLine)
class InvoiceLineAdmin(ReadOnlyAdmin):
    list_display = ("invoice", "child", "activity", "label", "amount")
    list_select_related = ("invoice", "child")
    search_fields = ("invoice__number",)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("invoice", "amount", "on", "means", "recorded_at", "recorded_by")
    list_filter = ("means",)
    list_select_related = ("invoice",)
    search_fields = ("invoice__number", "reference")


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("file_name", "kind", "authority", "prepared_at", "done_at", "done_by")
    list_filter = ("kind",)
    list_select_related = ("authority",)


@admin.register(Treasury)
class TreasuryAdmin(ReadOnlyAdmin):
    list_display = ("name", "authority")
    list_select_related = ("authority",)


@admin.register(Mandate)
class MandateAdmin(ReadOnlyAdmin):
    list_display = ("rum", "authority", "last_digits", "state", "signed_on", "noted_by", "checked_by")
    list_filter = ("authority", "state", "how")
    list_select_related = ("authority",)
    search_fields = ("rum",)


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    list_display = ("name", "title", "run", "mailed", "letter")
    list_filter = ("run__authority",)
    list_select_related = ("run__authority",)
    search_fields = ("name",)


@admin.register(Deferral)
class DeferralAdmin(ReadOnlyAdmin):
    list_display = ("family", "payer", "authority", "until", "granted_at", "ended_at")
    list_filter = ("authority",)
    list_select_related = ("family", "payer", "authority")
