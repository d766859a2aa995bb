"""The tariffs of a grid, written and ended together: all of them or none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.pricing.models import Tariff as TariffRow
from marelle.pricing.services import tariff_end, tariff_set
from marelle.pricing.tariffs import Tariff


@dataclass(frozen=True, slots=True)
class GridRow:
    """`replaces`: the one that ends the day before this one begins."""

    tariff: Tariff
    replaces: int | None = None


@transaction.atomic
def grid_set(*, actor: Actor, authority_id: int, rows: Sequence[GridRow], now: datetime) -> None:
    """Raises NotYours, or TariffRefused."""
    for row in rows:
        tariff_set(actor=actor, authority_id=authority_id, tariff=row.tariff, replaces=row.replaces, now=now)


@transaction.atomic
def grid_end(
    *, actor: Actor, authority_id: int, tariff_ids: Collection[int], until: date, now: datetime
) -> None:
    """`until` is their last day. Raises NotYours, or TariffRefused."""
    rows = list(TariffRow.objects.filter(authority_id=authority_id, pk__in=tariff_ids).order_by("pk"))
    if not rows or len(rows) != len(tariff_ids):
        raise NotYours
    for row in rows:
        tariff_end(actor=actor, authority_id=authority_id, row=row, until=until, now=now)
