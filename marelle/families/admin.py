from __future__ import annotations

from django.contrib import admin

from marelle.core.readonly import ReadOnlyAdmin
from marelle.families.models import (
    ChangeRequest,
    ExternalReference,
    Family,
    FamilyImport,
    FamilyNote,
    FieldPolicy,
    FileConfirmation,
    FormerFile,
    Guardianship,
    ImportWord,
    Member,
    Person,
    Promotion,
    PupilList,
    Residence,
    Schooling,
    SearchKey,
    SearchWord,
)


@admin.register(Family)
class FamilyAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "created_at", "left_on")
    search_fields = ("number", "name")


@admin.register(FamilyImport)
class FamilyImportAdmin(ReadOnlyAdmin):
    list_display = ("file_name", "state", "prepared_at", "prepared_by", "homes", "done_homes")


@admin.register(PupilList)
class PupilListAdmin(ReadOnlyAdmin):
    list_display = ("file_name", "state", "school", "school_year", "prepared_at", "prepared_by")
    list_select_related = ("school",)


@admin.register(ImportWord)
class ImportWordAdmin(ReadOnlyAdmin):
    list_display = ("kind", "word", "meaning")


@admin.register(ExternalReference)
class ExternalReferenceAdmin(ReadOnlyAdmin):
    list_display = ("reference", "family", "noted_at")
    list_select_related = ("family",)
    search_fields = ("reference",)


@admin.register(FormerFile)
class FormerFileAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "family", "merged_at", "merged_by")
    list_select_related = ("family",)
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


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    list_display = ("school", "school_year", "children", "made_at", "made_by", "undone_at")
    list_select_related = ("school",)


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


@admin.register(FamilyNote)
class FamilyNoteAdmin(ReadOnlyAdmin):
    list_display = ("at", "family", "by", "pinned")
    list_select_related = ("family",)


@admin.register(SearchWord)
class SearchWordAdmin(ReadOnlyAdmin):
    list_display = ("word", "family")
    list_select_related = ("family",)


@admin.register(SearchKey)
class SearchKeyAdmin(ReadOnlyAdmin):
    list_display = ("key", "word")
