"""Places of a gauge on a day: its level, or the fewer of a minimum service; and quotas that follow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, F, Value, When

from marelle.activities.models import Gauge, GaugeCut, GaugeLevel, Quota
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.journal.services import record

CAPACITY_SET = "gauge.capacity_set"


@dataclass(frozen=True, slots=True)
class _Places:
    """A level, and the fewer of the minimum services of a day, where there is one."""

    level: int
    cut: int | None

    def left(self, withheld: int = 0) -> int:
        """A cut is a number of children, said for that day: what is withheld is off the level alone."""
        level = max(0, self.level - withheld)
        return level if self.cut is None else min(level, self.cut)


def capacities(gauge_ids: Collection[int], days: Collection[date]) -> dict[tuple[int, date], int]:
    """Places of each gauge on each day; two queries. A gauge without a level that day is left out."""
    return {key: places.left() for key, places in _places(gauge_ids, days).items()}


def _places(gauge_ids: Collection[int], days: Collection[date]) -> dict[tuple[int, date], _Places]:
    levels: dict[int, list[tuple[date, int]]] = {}
    rows = GaugeLevel.objects.filter(gauge_id__in=gauge_ids).order_by("since")
    for gauge_id, since, capacity in rows.values_list("gauge_id", "since", "capacity"):
        levels.setdefault(gauge_id, []).append((since, capacity))
    cuts: dict[int, list[tuple[date, date, int]]] = {}
    fewer = GaugeCut.objects.filter(gauge_id__in=gauge_ids, closure__undone_at=None)
    for cut in fewer:
        cuts.setdefault(cut.gauge_id, []).append((cut.first_day, cut.last_day, cut.capacity))
    found = {}
    for gauge_id in gauge_ids:
        for day in days:
            begun = [capacity for since, capacity in levels.get(gauge_id, ()) if since <= day]
            if begun:
                smaller = [n for first, last, n in cuts.get(gauge_id, ()) if first <= day <= last]
                found[gauge_id, day] = _Places(begun[-1], min(smaller, default=None))
    return found


def quotas_follow(gauge_ids: Collection[int], *, first: date, last: date = date.max) -> None:
    """Bring the quotas of these days in line with levels and minimum services; what is taken stays taken, and
    what is withheld withheld.

    Joins the transaction of who holds their lock.
    """
    rows = Quota.objects.filter(gauge_id__in=gauge_ids, day__gte=first, day__lte=last)
    kept = list(rows.order_by("pk").values_list("pk", "gauge_id", "day", "capacity", "withheld"))
    wanted = _places(gauge_ids, {day for _pk, _gauge, day, *_counts in kept})
    changed: dict[int, list[int]] = {}
    for pk, gauge_id, day, capacity, withheld in kept:
        places = wanted.get((gauge_id, day))
        now = capacity if places is None else places.left(withheld)
        if now != capacity:
            changed.setdefault(now, []).append(pk)
    for capacity, ids in changed.items():
        over = Case(When(taken__gt=capacity, then=F("taken") - capacity), default=Value(0))
        Quota.objects.filter(pk__in=ids).update(capacity=capacity, overdraft=over)


def withheld_release(gauge_id: int, *, first: date, last: date) -> None:
    """Give back to the capacity what a recount had freed on these days, both included.

    Joins the transaction of who holds the locks of the quotas.
    """
    rows = Quota.objects.filter(gauge_id=gauge_id, day__gte=first, day__lte=last, withheld__gt=0)
    if rows.update(withheld=0):
        quotas_follow([gauge_id], first=first, last=last)


def level_until(gauge_id: int, since: date) -> date:
    """The last day for which a level set from `since` counts: until the next one."""
    later = GaugeLevel.objects.filter(gauge_id=gauge_id, since__gt=since).order_by("since")
    following = later.values_list("since", flat=True).first()
    return following - timedelta(days=1) if following else date.max


def cuts_make(closure_id: int, places: Mapping[int, int], *, first: date, last: date) -> None:
    """Fewer places of these gauges, by id, on these days."""
    GaugeCut.objects.bulk_create(
        [
            GaugeCut(gauge_id=pk, closure_id=closure_id, first_day=first, last_day=last, capacity=capacity)
            for pk, capacity in places.items()
        ]
    )
    quotas_follow(places, first=first, last=last)


def level_set(*, actor: Actor, gauge: Gauge, since: date, capacity: int, now: datetime) -> None:
    """A gauge has `capacity` places from `since` on, until its next level; its quotas follow. Who says so
    confirms it: nothing is withheld any more on these days."""
    GaugeLevel.objects.update_or_create(gauge=gauge, since=since, defaults={"capacity": capacity})
    withheld_release(gauge.pk, first=since, last=level_until(gauge.pk, since))
    quotas_follow([gauge.pk], first=since)
    record(
        actor=actor,
        verb=CAPACITY_SET,
        subject=Subject("gauge", gauge.pk, str(gauge)),
        data={"since": since.isoformat(), "capacity": capacity},
        now=now,
    )
