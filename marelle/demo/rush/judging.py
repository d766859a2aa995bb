"""What became of the rush, by the tables: who was told what is not so, what is held past its places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from marelle.activities.models import Opening, Quota
from marelle.bookings.models import Booking
from marelle.demo.rush.visitors import quantile


@dataclass(frozen=True, slots=True)
class Step:
    """Milliseconds of what homes did, once they were let in; how often it was done."""

    count: int
    p50: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class RushFigures:
    """Seconds, but for `steps`. `overbooked` places, homes `told_wrongly`, `twice` the same place: all 0, or
    something is broken. `server_cpu` and `load_cpu`: of the portal's processes, and of what plays the homes;
    `database_cpu` of PostgreSQL's, where this machine shows them. `passed_over`: how many homes with later
    numbers came in before one that waited, at p95 and at most."""

    homes: int
    served: int
    steps: dict[str, Step]
    failed: dict[str, int]
    seen: dict[str, int]
    last_served: float
    waited_p50: float
    waited_most: float
    passed_over_p95: int
    passed_over: int
    overbooked: int
    told_wrongly: int
    twice: int
    asked: int
    booked: int
    server_cpu: float
    load_cpu: float
    database_cpu: float

    @property
    def homes_a_minute(self) -> float:
        return self.served * 60 / self.last_served if self.last_served else 0.0

    @property
    def is_right(self) -> bool:
        wrong = self.overbooked + self.told_wrongly + self.twice + sum(self.failed.values())
        return not wrong and self.served == self.homes

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def judged(
    told: Mapping[str, Any],
    openings: Collection[int],
    *,
    server_cpu: float = 0.0,
    database_cpu: float = 0.0,
) -> RushFigures:
    """From what the visitors say and what the tables hold of the week."""
    homes = told["homes"]
    held = _held(openings)
    served = [one for one in homes if one["done_at"]]
    last = max((one["done_at"] for one in served), default=0.0)
    late = _passed_over(homes)
    return RushFigures(
        homes=len(homes),
        served=len(served),
        steps={
            name: Step(len(times), quantile(times, 0.5), quantile(times, 0.95), max(times))
            for name, times in told["steps"].items()
        },
        failed=dict(told["failed"]),
        seen=dict(told["seen"]),
        last_served=last,
        waited_p50=quantile((one["waited"] for one in homes), 0.5),
        waited_most=max((one["waited"] for one in homes), default=0.0),
        passed_over_p95=int(quantile(late, 0.95)),
        passed_over=max(late, default=0),
        overbooked=_overbooked(openings),
        told_wrongly=sum(_is_wrong(one, held) for one in homes if one["acknowledged"]),
        twice=_twice(openings),
        asked=sum(len(one["asked"]) for one in homes),
        booked=sum(len(one["booked"]) for one in homes),
        server_cpu=server_cpu,
        load_cpu=told["cpu"],
        database_cpu=database_cpu,
    )


def _passed_over(homes: Iterable[Mapping[str, Any]]) -> list[int]:
    """Of each home, by those who were called with it and asked sooner: each asks every few seconds."""
    entered = sorted((one["entered_at"], one["numbers"][0]) for one in homes if one["numbers"])
    numbers = [number for _at, number in entered]
    ranks = {number: rank for rank, number in enumerate(sorted(numbers))}
    return [max(0, place - ranks[number]) for place, number in enumerate(numbers)]


def _is_wrong(home: Mapping[str, Any], held: Mapping[int, set[int]]) -> bool:
    """Whether its page showed as booked what is not, or not as booked what is."""
    return set(home["booked"]) != set(home["asked"]) & held.get(home["child"], set())


def _held(openings: Collection[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Booking.objects.holding().filter(opening__in=openings)
    for row in rows.values_list("child_id", "opening_id", named=True):
        found[row.child_id].add(row.opening_id)
    return found


def _overbooked(openings: Collection[int]) -> int:
    """Children on a quota beyond its places, counted from the bookings, and counters that say otherwise."""
    on: dict[int, set[int]] = defaultdict(set)
    quotas_of: dict[int, list[int]] = defaultdict(list)
    quotas = Quota.objects.filter(openings__in=openings, part=Quota.WHOLE_DAY).distinct()
    drawn = Opening.objects.filter(quotas__in=quotas)
    for row in drawn.values_list("pk", "quotas", named=True):
        quotas_of[row.pk].append(row.quotas)
    rows = Booking.objects.holding().filter(opening__in=quotas_of)
    for held in rows.values_list("child_id", "opening_id", named=True):
        for quota in quotas_of[held.opening_id]:
            on[quota].add(held.child_id)
    return sum(
        max(0, len(on[quota.pk]) - quota.capacity - quota.overdraft) + abs(len(on[quota.pk]) - quota.taken)
        for quota in quotas
    )


def _twice(openings: Collection[int]) -> int:
    rows = list(Booking.objects.holding().filter(opening__in=openings).values_list("child_id", "opening_id"))
    return len(rows) - len(set(rows))
