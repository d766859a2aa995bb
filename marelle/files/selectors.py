"""Which files of a home stay and which go."""

from __future__ import annotations

from django.db.models import QuerySet

from marelle.core.personal import Erase, declared, file_columns
from marelle.files.models import StoredFile


def erasable_files(family_id: int) -> QuerySet[StoredFile]:
    """What an erasure deletes of a home's files: all but those of rows that the law keeps: invoices'."""
    files = StoredFile.objects.filter(family_id=family_id)
    for declaration in declared():
        if declaration.erase is not Erase.KEEP:
            continue
        for column in file_columns(declaration.model):
            rows = declaration.model._default_manager.filter(**{f"{column}__family_id": family_id})
            files = files.exclude(pk__in=rows.values(column))
    return files
