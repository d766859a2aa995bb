"""What the authorities of a portal share, written with all that follows: a calendar has the holidays of its
zone, and who lives in a commune is one of its residents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from marelle.activities.services.shared import shared_add, shared_change
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.families.file.writing import residences_attach
from marelle.flows.catalogue.calendars import calendar_years_read
from marelle.journal.edits import Shown
from marelle.journal.services import record
from marelle.places.models import Calendar, Commune


@dataclass(frozen=True, slots=True)
class Followed:
    """`changed`: names of the fields that changed. `years`: the school years whose holidays a calendar has
    read, as the years of their September; None when it had none to read. `residences`: how many addresses
    became those of a commune."""

    changed: tuple[str, ...] = ()
    years: tuple[int, ...] | None = None
    residences: int = 0


@transaction.atomic
def shared_begin(
    *, actor: Actor, model: type[models.Model], values: Mapping[str, Any], now: datetime
) -> Followed:
    """A new row, and what follows. Raises what `shared_add` raises."""
    row = shared_add(actor=actor, model=model, values=values, now=now)
    return _followed(actor, row, tuple(values), now)


@transaction.atomic
def shared_edit(
    *,
    actor: Actor,
    model: type[models.Model],
    pk: int,
    changes: Mapping[str, Any],
    seen: Shown,
    now: datetime,
) -> Followed:
    """A row changed from what its form showed, and what follows. Raises what `shared_change` raises."""
    changed = shared_change(actor=actor, model=model, pk=pk, changes=changes, seen=seen, now=now)
    return _followed(actor, model._default_manager.get(pk=pk), changed, now)


def _followed(actor: Actor, row: models.Model, changed: tuple[str, ...], now: datetime) -> Followed:
    if isinstance(row, Calendar) and "zone" in changed:
        years = calendar_years_read(actor=actor, calendar_id=row.pk, now=now)
        return Followed(changed, years=years)
    if isinstance(row, Commune) and not {"name", "postal_code"}.isdisjoint(changed):
        count = residences_attach(row)
        if count:
            subject = Subject("commune", row.pk, str(row))
            data = {"count": count}
            record(actor=actor, verb="commune.residents_found", subject=subject, data=data, now=now)
        return Followed(changed, residences=count)
    return Followed(changed)
