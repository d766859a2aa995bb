"""Whether a child finds a place on the openings of a page, and what is kept of them for others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import F, QuerySet

from marelle.activities.audiences import Public
from marelle.activities.generation import half_hours
from marelle.activities.models import KeptQuota, Quota
from marelle.bookings.keeping import KEPT_PART, KeptPart, held_back
from marelle.bookings.rules import Opening, Place, lacks_room
from marelle.core.clock import local
from marelle.core.listed import integers
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns

PARTS: Final = 64
"""More than a quota has parts: its id and its part are listed as one number."""


class _FullQuota(NamedTuple):
    """Of which no place is left but those kept. `part` -1 for the whole day, else its half-hour."""

    id: int
    part: int


@dataclass(frozen=True, slots=True)
class _Keeping:
    """A quota of which places are kept: those that nobody has, and for whom some of them are."""

    left: int
    parts: Sequence[KeptPart]


@dataclass(frozen=True, slots=True)
class Rooms:
    """Of each opening, by id, which of its quotas are full and whether somebody waits; what is kept of those
    quotas, by id."""

    full: Mapping[int, Sequence[_FullQuota]]
    queued: Mapping[int, bool]
    kept: Mapping[int, _Keeping]

    def lack(
        self, opening: Opening, others: Iterable[tuple[Opening, Place]], public: Public
    ) -> tuple[bool, datetime | None]:
        """Whether the child finds no place, and until when, at most, those that are left are kept for others.
        `others`: what it has that day."""
        full = self.full[opening.id]
        if not full:
            return lacks_room((), (), queued=self.queued[opening.id]), None
        marks = opening.activity.marks_of(public, opening.day)
        lacking = {one.id: self.kept.get(one.id) for one in full}
        for pk, kept in list(lacking.items()):
            if kept is not None and held_back(kept.parts, marks) < kept.left:
                del lacking[pk]
        if not lacks_room(lacking, self._held(others), queued=False):
            return False, None
        untils = [
            part.until
            for kept in lacking.values()
            for part in (kept.parts if kept else ())
            if part.kept_id not in marks
        ]
        return True, max(untils) if None not in lacking.values() else None

    def _held(self, mine: Iterable[tuple[Opening, Place]]) -> set[int]:
        """The quotas that are full and that the child is on already."""
        return {
            quota.id
            for opening, place in mine
            for quota in self.full[opening.id]
            if quota.part == Quota.WHOLE_DAY or quota.part in _parts(opening, place)
        }


def rooms_of(
    openings: Mapping[int, Opening], full: Mapping[int, str | None], queued: Mapping[int, bool]
) -> Rooms:
    """`full` lists the quotas of each opening that are, each as one number. One query, none where nothing
    shown keeps places."""
    found = {pk: [_full_quota(number) for number in integers(text)] for pk, text in full.items()}
    ids = {quota.id for one in openings.values() if one.activity.kept for quota in found[one.id]}
    return Rooms(found, queued, _kept(ids) if ids else {})


def _kept(quota_ids: Collection[int]) -> dict[int, _Keeping]:
    """Those of which places are left for some, by id."""
    left: dict[int, int] = {}
    parts: dict[int, list[KeptPart]] = {}
    for row in _keeping(rounded(quota_ids)):
        left[row.part.quota_id] = row.left
        parts.setdefault(row.part.quota_id, []).append(row.part)
    return {pk: _Keeping(n, parts[pk]) for pk, n in left.items() if n > 0}


class _KeepingRow(NamedTuple):
    left: int
    part: KeptPart


KEEPING = columns(_KeepingRow, left=F("quota__capacity") - F("quota__taken"), part=KEPT_PART)


@prepared
def _keeping(quota_ids: Collection[int]) -> QuerySet[KeptQuota, _KeepingRow]:
    return KEEPING.of(KeptQuota.objects.filter(quota_id__in=quota_ids).order_by("pk"))


def _full_quota(number: int) -> _FullQuota:
    pk, part = divmod(number - Quota.WHOLE_DAY, PARTS)
    return _FullQuota(pk, part + Quota.WHOLE_DAY)


def _parts(opening: Opening, place: Place) -> Collection[int]:
    hours = place if opening.slot.by_hour else opening
    return half_hours(local(hours.starts_at).time(), local(hours.ends_at).time())
