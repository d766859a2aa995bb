"""How long cases waited before their decision, and how many wait too long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from marelle.cases.models import CaseState
from marelle.cases.rules import percentile
from marelle.core.actor import Actor
from marelle.flows.desk.cases import OFFICE, cases_in_reach, decided_in_reach
from marelle.places.models import Structure

MONTH: Final = timedelta(days=30)
YEAR: Final = timedelta(days=365)
AT_MOST: Final = 20_000
"""Decisions read, the latest first: beyond, the figures are of these."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The decisions of a span: how many, and the days that half, and nine in ten, of them waited at most."""

    count: int
    median: float | None
    ninetieth: float | None


@dataclass(frozen=True, slots=True)
class DelayLine:
    """Of one kind in one structure (`OFFICE`: of none): the last month, the last year, and what waits."""

    kind: str
    structure_id: int
    structure: str
    month: Waits
    year: Waits
    waiting: int
    too_long: int


def delays(actor: Actor, *, longer_than: timedelta, now: datetime) -> list[DelayLine]:
    """By kind and structure, of all that the actor may decide; three queries, `AT_MOST` rows.

    `too_long` counts what waits for longer than `longer_than`. What a family took back waited for nobody.
    """
    decided = (
        decided_in_reach(actor)
        .filter(decided_at__gte=now - YEAR, state__in=(CaseState.ACCEPTED, CaseState.REFUSED))
        .order_by("-decided_at")
        .values_list("kind", "structure_id", "opened_at", "decided_at")[:AT_MOST]
    )
    spans: dict[tuple[str, int], list[tuple[datetime, float]]] = {}
    for kind, structure_id, opened_at, decided_at in decided:
        if decided_at is None:  # the database's check refuses it
            continue
        waited = max(0.0, (decided_at - opened_at) / timedelta(days=1))
        spans.setdefault((kind, structure_id or OFFICE), []).append((decided_at, waited))
    open_rows = (
        cases_in_reach(actor)
        .order_by()
        .values_list("kind", "structure_id")
        .annotate(waiting=Count("id"), too_long=Count("id", filter=Q(opened_at__lt=now - longer_than)))
    )
    waiting = {(kind, place or OFFICE): (count, late) for kind, place, count, late in open_rows}
    wanted = sorted({*spans, *waiting})
    names = dict(
        Structure.objects.filter(pk__in={place for _kind, place in wanted}).values_list("pk", "name")
    )
    return [
        DelayLine(
            kind=kind,
            structure_id=place,
            structure=names.get(place, ""),
            month=_waits(w for at, w in spans.get((kind, place), ()) if at >= now - MONTH),
            year=_waits(w for _at, w in spans.get((kind, place), ())),
            waiting=waiting.get((kind, place), (0, 0))[0],
            too_long=waiting.get((kind, place), (0, 0))[1],
        )
        for kind, place in wanted
    ]


def _waits(days: Iterable[float]) -> Waits:
    found = list(days)
    return Waits(len(found), percentile(found, 50), percentile(found, 90))
