from __future__ import annotations

from django.contrib import admin

from marelle.bookings.models import (
    Absence,
    AbsenceProof,
    Attendance,
    Booking,
    BookingRequest,
    ClosedBooking,
    DeadlineTold,
    EntryCard,
)
from marelle.core.readonly import ReadOnlyAdmin


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    list_display = ("day", "child", "opening", "state", "late", "created_at", "created_by")
    list_select_related = ("child", "opening__slot__activity")
    list_filter = ("state",)
    search_fields = ("child__last_name", "child__first_name")


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin):
    list_display = ("booking", "declared_at", "declared_by", "justified")
    list_select_related = ("booking__child", "booking__opening__slot__activity")


@admin.register(ClosedBooking)
class ClosedBookingAdmin(ReadOnlyAdmin):
    list_display = ("closure", "booking", "state", "back")
    list_select_related = ("closure__structure", "booking__child", "booking__opening__slot__activity")
    raw_id_fields = ("back",)


@admin.register(BookingRequest)
class BookingRequestAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "child", "activity", "asked_by")
    list_select_related = ("child", "activity")


@admin.register(AbsenceProof)
class AbsenceProofAdmin(ReadOnlyAdmin):
    """Without its file: what it shows is for the home and the structure alone."""

    list_display = ("sent_at", "child", "structure", "state", "decided_by")
    list_select_related = ("child", "structure")
    exclude = ("file",)


@admin.register(EntryCard)
class EntryCardAdmin(ReadOnlyAdmin):
    list_display = ("enrolment", "entries", "first_day", "last_day", "ended_at")
    list_select_related = ("enrolment__person", "enrolment__activity")


@admin.register(DeadlineTold)
class DeadlineToldAdmin(ReadOnlyAdmin):
    list_display = ("told_at", "enrolment", "week")
    list_select_related = ("enrolment__person", "enrolment__activity")


@admin.register(Attendance)
class AttendanceAdmin(ReadOnlyAdmin):
    list_display = ("day", "child", "opening", "present", "noted_at", "noted_by")
    list_select_related = ("child", "opening__slot__activity")
