"""Every sealed value under the first key, so that an older one can be taken out of `SEALING_KEYS`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.db.models import ExpressionWrapper, F, Q, QuerySet, TextField

from marelle.core.sealed import (
    CannotOpen,
    Sealed,
    SealedField,
    SealedTextField,
    is_current,
    is_token,
    resealed,
    seal,
)

BATCH: Final = 200
PASSES: Final = 3
"""A row that somebody writes meanwhile is looked at again, this often at most."""


@dataclass(slots=True)
class Resealing:
    """How many values were sealed again, how many no key opens, how many somebody else kept writing."""

    done: int = 0
    lost: int = 0
    busy: int = 0


def sealed_columns() -> Iterator[tuple[type[models.Model], tuple[str, ...]]]:
    """Each model with sealed columns, and their names."""
    for model in apps.get_models():
        fields = model._meta.local_concrete_fields
        names = tuple(one.name for one in fields if isinstance(one, SealedField | SealedTextField))
        if names:
            yield model, names


def tokens(rows: QuerySet[Any, Any], name: str) -> QuerySet[Any, Any]:
    """Pairs: the key of each row with its token in a sealed column, as the database holds it; of those that
    have one."""
    held: QuerySet[Any, Any] = rows.exclude(Q(**{f"{name}__isnull": True}) | Q(**{name: Sealed("")}))
    raw = ExpressionWrapper(F(name), output_field=TextField())
    pairs: QuerySet[Any, Any] = held.annotate(token=raw).values_list("pk", "token")
    return pairs


def reseal(batch: int = BATCH) -> Resealing:
    """Seal again what an older key wrote, read by batches. Safe to stop, and to run again.

    Nothing is locked, and each row is written by itself: only while it still holds what was read, so that of
    a writer at the same instant the value stays. Raises CannotSeal without a key.
    """
    result = Resealing()
    for _pass in range(PASSES):
        found = Resealing()
        for model, names in sealed_columns():
            _model(model, names, batch, found)
        result = Resealing(result.done + found.done, found.lost, found.busy)
        if not found.busy:
            break
    return result


def _model(model: type[models.Model], names: tuple[str, ...], batch: int, result: Resealing) -> None:
    for name in names:
        last: Any = 0
        while True:
            rows = model._base_manager.filter(pk__gt=last).order_by("pk")
            found = list(tokens(rows, name)[:batch])
            for pk, token in found:
                _row(model, pk, name, Sealed(token), result)
            if len(found) < batch:
                break
            last = found[-1][0]


def _row(model: type[models.Model], pk: Any, name: str, held: Sealed, result: Resealing) -> None:
    if is_current(held):
        return
    try:
        anew = resealed(held) if is_token(held.token) else seal(held.token)
    except CannotOpen:
        result.lost += 1
        return
    if model._base_manager.filter(pk=pk, **{name: held}).update(**{name: anew}):
        result.done += 1
    else:
        result.busy += 1
