"""Places of a quota that are kept for some, as rules and pages see them. See `activities.kept`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from marelle.activities.kept import Marks
from marelle.activities.models import KeptQuota
from marelle.core.prepared import prepared
from marelle.core.rows import columns


@dataclass(slots=True)
class KeptPart:
    """Places of a quota kept, until an instant, for those whom `kept_id` marks: `taken` counts the children
    among them who are there, be they more than the places. `delta` is what a save changes of it."""

    id: int
    quota_id: int
    kept_id: int
    places: int
    taken: int
    until: datetime
    delta: int = 0

    @property
    def used_delta(self) -> int:
        """How many more of its places are taken."""
        return min(self.places, self.taken + self.delta) - min(self.places, self.taken)


KEPT_PART = columns(KeptPart, "quota_id", "kept_id", "places", "taken", "until", id="pk")


def parts_of(quota_ids: Collection[int]) -> dict[int, list[KeptPart]]:
    """What is kept of these quotas, by id; one query."""
    found: dict[int, list[KeptPart]] = {}
    for part in _parts(quota_ids):
        found.setdefault(part.quota_id, []).append(part)
    return found


@prepared
def _parts(quota_ids: Collection[int]) -> QuerySet[KeptQuota, KeptPart]:
    return KEPT_PART.of(KeptQuota.objects.filter(quota_id__in=quota_ids).order_by("pk"))


def held_back(parts: Sequence[KeptPart], marks: Marks, claimed: Sequence[Marks] = ()) -> int:
    """Places kept for others than a child of these `marks`, once each child of those `claimed` has one."""
    return sum(
        max(0, part.places - part.taken - part.delta - sum(part.kept_id in one for one in claimed))
        for part in parts
        if part.kept_id not in marks
    )
