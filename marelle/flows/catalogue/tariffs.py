"""The tariffs of a grid, and all that goes with them, written and ended together: all of them or none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.pricing.about import Row, Seen
from marelle.pricing.models import Adjustment, SpanRule, Tariff
from marelle.pricing.services import refuse_stale, tariff_end, tariff_set


@dataclass(frozen=True, slots=True)
class GridRow:
    """`replaces`: the one of its kind that ends the day before this one begins."""

    tariff: Row
    replaces: int | None = None


@transaction.atomic
def grid_set(
    *, actor: Actor, authority_id: int, rows: Sequence[GridRow], seen: Seen | None = None, now: datetime
) -> None:
    """Raises NotYours, TariffRefused, or ChangedMeanwhile."""
    refuse_stale(actor=actor, authority_id=authority_id, seen=seen, now=now)
    for row in rows:
        tariff_set(actor=actor, authority_id=authority_id, tariff=row.tariff, replaces=row.replaces, now=now)


@transaction.atomic
def grid_end(
    *,
    actor: Actor,
    authority_id: int,
    tariff_ids: Collection[int],
    until: date,
    model: type[Tariff | Adjustment | SpanRule] = Tariff,
    seen: Seen | None = None,
    now: datetime,
) -> None:
    """`until` is their last day. Raises NotYours, TariffRefused, or ChangedMeanwhile."""
    refuse_stale(actor=actor, authority_id=authority_id, seen=seen, now=now)
    found: list[Any] = list(model._default_manager.filter(authority_id=authority_id, pk__in=tariff_ids))
    rows: list[Tariff | Adjustment | SpanRule] = sorted(found, key=lambda row: row.pk)
    if not rows or len(rows) != len(tariff_ids):
        raise NotYours
    for row in rows:
        tariff_end(actor=actor, authority_id=authority_id, row=row, until=until, now=now)
