"""Which places of which quotas are kept, as rows: what the definitions want of the days to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Min, QuerySet

from marelle.activities.capacity import capacities
from marelle.activities.catalogue import activity_facts
from marelle.activities.kept import Kept
from marelle.activities.models import Activity, KeptPlaces, KeptQuota, Quota
from marelle.activities.rules import OpeningFacts, is_before
from marelle.core.rows import columns
from marelle.places.rules import CalendarFacts

BATCH = 1_000


class _Drawn(NamedTuple):
    """A quota that openings of an activity draw on, with when the first of them starts."""

    id: int
    gauge_id: int
    activity_id: int
    day: date
    starts_at: datetime


DRAWN = columns(
    _Drawn,
    "gauge_id",
    "day",
    id="pk",
    activity_id="openings__activity_id",
    starts_at=Min("openings__starts_at"),
)


def kept_wanted(quotas: QuerySet[Quota, Any]) -> list[KeptQuota]:
    """The rows, not stored, that these quotas would have if the past did not count: on the days on which the
    activity itself draws on them. Four queries at most, one where nothing is kept of their gauges."""
    rows = KeptPlaces.objects.filter(gauge__in=quotas.order_by().values("gauge"))
    kept = _pure(rows)
    if not kept:
        return []
    drawn = DRAWN.of(quotas.exclude(openings=None).order_by("pk"))
    return [
        KeptQuota(kept_id=one.id, quota_id=quota.id, places=one.places, until=until)
        for quota in drawn
        for one, activity_id, calendar in kept
        if (one.gauge_id, activity_id) == (quota.gauge_id, quota.activity_id)
        and (until := one.kept_until(OpeningFacts(quota.day, quota.starts_at, quota.starts_at), calendar))
        is not None
    ]


def kept_made(quota_ids: Collection[int], now: datetime) -> None:
    """Keep what is to be kept of quotas that openings come to draw on: nobody of these counts there yet."""
    wanted = [row for row in kept_wanted(Quota.objects.filter(pk__in=quota_ids)) if is_before(now, row.until)]
    if not wanted:
        return
    there = set(KeptQuota.objects.filter(quota_id__in=quota_ids).values_list("quota_id", "kept_id"))
    made = [row for row in wanted if (row.quota_id, row.kept_id) not in there]
    KeptQuota.objects.bulk_create(made, batch_size=BATCH, ignore_conflicts=True)
    kept_summed({row.quota_id for row in made})


def kept_summed(quota_ids: Collection[int]) -> None:
    """Bring what quotas say of the places kept in line with their rows. Who calls holds their locks."""
    sums = dict.fromkeys(quota_ids, (0, 0))
    for row in KeptQuota.objects.filter(quota_id__in=quota_ids):
        kept, taken = sums[row.quota_id]
        sums[row.quota_id] = kept + row.places, taken + min(row.places, row.taken)
    alike: dict[tuple[int, int], list[int]] = {}
    for pk, counts in sums.items():
        alike.setdefault(counts, []).append(pk)
    for (kept, taken), ids in alike.items():
        Quota.objects.filter(pk__in=ids).update(kept=kept, kept_taken=taken)


@dataclass(frozen=True, slots=True)
class Beyond:
    """A day on which more places of a gauge are kept than it has."""

    gauge: str
    day: date
    kept: int
    capacity: int


def kept_beyond(rows: Collection[KeptPlaces], today: date) -> list[Beyond]:
    """Of each gauge, the first day, of those on which one of these rows begins, from `today` on. Three
    queries, none where there are no rows."""
    begun = {row.pk: max(row.since, today) for row in rows if row.until is None or row.until >= today}
    if not begun:
        return []
    gauges = {row.gauge_id for row in rows}
    days = set(begun.values())
    places = capacities(gauges, days)
    kept: Counter[tuple[int, date]] = Counter()
    for one in KeptPlaces.objects.filter(gauge__in=gauges):
        within = (day for day in days if one.since <= day and (one.until is None or day <= one.until))
        kept.update({(one.gauge_id, day): one.places for day in within})
    found: dict[int, Beyond] = {}
    for row in sorted((row for row in rows if row.pk in begun), key=lambda row: (begun[row.pk], row.pk)):
        key = row.gauge_id, begun[row.pk]
        if row.gauge_id not in found and kept[key] > places.get(key, kept[key]):
            found[row.gauge_id] = Beyond(row.gauge.name, key[1], kept[key], places[key])
    return list(found.values())


def _pure(rows: Iterable[KeptPlaces]) -> list[tuple[Kept, int, CalendarFacts]]:
    kept = [(row.as_kept(), row.activity_id) for row in rows]
    ids = {activity_id for _kept, activity_id in kept}
    if not ids:
        return []
    revisions = dict(Activity.objects.filter(pk__in=ids).values_list("pk", "revision"))
    facts = activity_facts(revisions)
    return [(one, activity_id, facts[activity_id].calendar) for one, activity_id in kept]
