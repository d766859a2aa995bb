"""When the fields of a file were last written from the portal, as the journal tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from marelle.core.prepared import prepared
from marelle.families.models import ChangeRequest
from marelle.journal.models import Entry

WRITTEN: Final = ("file.saved", "file.change_accepted")
ENTRIES_READ: Final = 200
"""Of the home's journal, the latest: a field written before so many others has no date."""


def last_written(family_id: int) -> dict[tuple[str, int | None], datetime]:
    """When each field of a home and of its people was last written, by its code and whose it is; two queries.

    None stands for the home itself. What the journal has forgotten is not there.
    """
    found: dict[tuple[str, int | None], datetime] = {}
    accepted: list[tuple[int, datetime]] = []
    for verb, kind, subject_id, data, at in _entries(family_id):
        if verb == "file.change_accepted" and subject_id is not None:
            accepted.append((subject_id, at))
            continue
        for code in data.get("fields", ()):
            found.setdefault((code, subject_id if kind == "person" else None), at)
    changes = ChangeRequest.objects.in_bulk([subject_id for subject_id, _at in accepted])
    for subject_id, at in accepted:
        if (change := changes.get(subject_id)) is not None and change.field:
            key = (change.field, change.person_id)
            found[key] = max(at, found.get(key, at))
    return found


@prepared
def _entries(family_id: int) -> QuerySet[Entry, tuple[Any, ...]]:
    entries = Entry.objects.of_family(family_id).filter(verb__in=WRITTEN).order_by("-at", "-pk")
    return entries.values_list("verb", "subject_kind", "subject_id", "data", "at")[:ENTRIES_READ]
