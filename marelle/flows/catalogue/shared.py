"""What the authorities of a portal share, written with all that follows: a calendar has the holidays of its
zone, and who lives in a commune is one of its residents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext

from marelle.activities.services.shared import shared_add, shared_change
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.families.file.writing import residences_attach
from marelle.flows.catalogue.calendars import calendar_years_read
from marelle.journal.edits import NotPossible, Shown
from marelle.journal.services import record
from marelle.places.grounds import Ties, ties_follow
from marelle.places.models import Calendar, Commune


@dataclass(frozen=True, slots=True)
class Followed:
    """`pk`: of a row that was begun. `changed`: names of the fields that changed. `years`: the school years
    whose holidays a calendar has read, as the years of their September; None when it had none to read.
    `residences`: how many addresses became those of a commune; `authorities`: those for which homes live
    elsewhere for prices, from `since` on (None: since ever)."""

    changed: tuple[str, ...] = ()
    years: tuple[int, ...] | None = None
    residences: int = 0
    authorities: frozenset[int] = frozenset()
    since: date | None = None
    pk: int = 0


@transaction.atomic
def shared_begin(
    *,
    actor: Actor,
    model: type[models.Model],
    values: Mapping[str, Any],
    since: date | None = None,
    now: datetime,
) -> Followed:
    """A new row, and what follows; `since` as in `shared_edit`. Raises what `shared_add` raises."""
    _check_begun(since, now)
    row = shared_add(actor=actor, model=model, values=values, now=now)
    return replace(_followed(actor, row, tuple(values), Ties(), since, now), pk=row.pk)


@transaction.atomic
def shared_edit(
    *,
    actor: Actor,
    model: type[models.Model],
    pk: int,
    changes: Mapping[str, Any],
    seen: Shown,
    since: date | None = None,
    now: datetime,
) -> Followed:
    """A row changed from what its form showed, and what follows. `since`: from which day, gone by or today,
    prices follow the authorities of a commune; None: of all days. Raises what `shared_change` raises."""
    _check_begun(since, now)
    before = Ties()
    if model is Commune and (row := Commune.objects.select_for_update(no_key=True).filter(pk=pk).first()):
        before = Ties.of(row)
    changed = shared_change(actor=actor, model=model, pk=pk, changes=changes, seen=seen, now=now)
    return _followed(actor, model._default_manager.get(pk=pk), changed, before, since, now)


def _check_begun(since: date | None, now: datetime) -> None:
    """Who may book follows at once: prices are not told to follow later. Raises NotPossible."""
    if since is not None and since > local(now).date():
        told = gettext("Donnez aujourd’hui ou un jour passé\u00a0: les réservations suivent dès maintenant.")
        raise NotPossible({"since": [told]})


def _followed(
    actor: Actor,
    row: models.Model,
    changed: tuple[str, ...],
    before: Ties,
    since: date | None,
    now: datetime,
) -> Followed:
    if isinstance(row, Calendar) and "zone" in changed:
        years = calendar_years_read(actor=actor, calendar_id=row.pk, now=now)
        return Followed(changed, years=years)
    if isinstance(row, Commune):
        tied = ties_follow(commune_id=row.pk, before=before, after=Ties.of(row), since=since)
        is_named = not {"name", "postal_code"}.isdisjoint(changed)
        count = residences_attach(row) if is_named else 0
        if count:
            subject = Subject("commune", row.pk, str(row))
            data = {"count": count}
            record(actor=actor, verb="commune.residents_found", subject=subject, data=data, now=now)
        # Who lived there since before now lives in a commune that those authorities knew.
        known = before.residents | before.agreement if count else frozenset()
        return Followed(changed, None, count, tied | known, None if known else since)
    return Followed(changed)
