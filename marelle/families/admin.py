from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.families.models import (
    ChangeRequest,
    Family,
    FieldPolicy,
    FileConfirmation,
    Guardianship,
    Member,
    Person,
    Residence,
    Schooling,
)


@admin.register(Family)
class FamilyAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "created_at", "left_on")
    search_fields = ("number", "name")


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ("last_name", "first_name", "birth_date", "expected_on")
    search_fields = ("last_name", "first_name")


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ("family", "person", "kind", "since", "until")
    list_select_related = ("family", "person")


@admin.register(Guardianship)
class GuardianshipAdmin(ReadOnlyAdmin):
    list_display = ("adult", "child", "link", "since", "until")
    list_select_related = ("adult", "child")


@admin.register(Residence)
class ResidenceAdmin(ReadOnlyAdmin):
    list_display = ("family", "city", "since", "source")
    list_select_related = ("family",)


@admin.register(Schooling)
class SchoolingAdmin(ReadOnlyAdmin):
    list_display = ("child", "school", "school_year", "level")
    list_select_related = ("child", "school")


@admin.register(FieldPolicy)
class FieldPolicyAdmin(ReadOnlyAdmin):
    list_display = ("code", "policy")


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "kind", "field", "state", "decided_at", "decided_by")
    list_filter = ("kind", "state")


@admin.register(FileConfirmation)
class FileConfirmationAdmin(ReadOnlyAdmin):
    list_display = ("family", "school_year", "at", "by")
    list_select_related = ("family",)
