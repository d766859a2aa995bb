"""When the fields of a file were last written from the portal, as the journal tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from marelle.core.rows import columns
from marelle.families.models import ChangeRequest
from marelle.journal.models import Entry

WRITTEN: Final = ("file.saved", "file.change_accepted")
ENTRIES_READ: Final = 200
"""Of the home's journal, the latest: a field written before so many others has no date."""


class _Written(NamedTuple):
    verb: str
    subject_kind: str
    subject_id: int | None
    data: dict[str, Any]
    at: datetime


ENTRY = columns(_Written, "verb", "subject_kind", "subject_id", "data", "at")


def last_written(family_id: int) -> dict[tuple[str, int | None], datetime]:
    """When each field of a home and of its people was last written, by its code and whose it is; two queries.

    None stands for the home itself. What the journal has forgotten is not there.
    """
    found: dict[tuple[str, int | None], datetime] = {}
    accepted: list[tuple[int, datetime]] = []
    for one in _entries(family_id):
        if one.verb == "file.change_accepted" and one.subject_id is not None:
            accepted.append((one.subject_id, one.at))
            continue
        for code in one.data.get("fields", ()):
            found.setdefault((code, one.subject_id if one.subject_kind == "person" else None), one.at)
    changes = ChangeRequest.objects.in_bulk([subject_id for subject_id, _at in accepted])
    for subject_id, at in accepted:
        if (change := changes.get(subject_id)) is not None and change.field:
            key = (change.field, change.person_id)
            found[key] = max(at, found.get(key, at))
    return found


def _entries(family_id: int) -> QuerySet[Entry, _Written]:
    entries = Entry.objects.of_family(family_id).filter(verb__in=WRITTEN).order_by("-at", "-pk")
    return ENTRY.of(entries)[:ENTRIES_READ]
