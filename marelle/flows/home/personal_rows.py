"""Finds, from the registry of personal data, the rows that are of a home and of its people."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, IntegerField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from marelle.accounts.models import User
from marelle.core.personal import PersonalData, declared
from marelle.core.prepared import prepared
from marelle.families.models import Family, Person
from marelle.files.models import StoredFile

Rows = QuerySet[models.Model]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one table: how many, and what becomes of them."""

    declaration: PersonalData
    count: int


def leads_to_family(declaration: PersonalData) -> bool:
    """Whether the path ends on a home; otherwise it ends on a person."""
    if not declaration.path:
        return declaration.model is Family
    if declaration.path.endswith("family_id"):
        return True
    return _models_of(declaration)[-1][1] is Family


def rows_of(declaration: PersonalData, *, family_id: int, people: Collection[int]) -> Rows:
    """The declared rows of the home, or of these people where the path ends on a person."""
    rows: Rows = declaration.model._default_manager.all()
    if leads_to_family(declaration):
        return rows.filter(**{declaration.path or "pk": family_id})
    return rows.filter(**{f"{declaration.path or 'pk'}__in": people})


def counts_of(family_id: int, people: Collection[int]) -> tuple[Part, ...]:
    """Every table that holds something of the home, counted in one query."""
    (counts,) = _counts(family_id, people)
    return tuple(Part(one, count) for one, count in zip(declared(), counts, strict=True) if count)


@prepared
def _counts(family_id: int, people: Collection[int]) -> QuerySet[Family, tuple[int, ...]]:
    """One count for each declaration, in their order."""
    counts = {
        f"n{number}": Coalesce(Subquery(_counted(declaration, family_id, people)), 0)
        for number, declaration in enumerate(declared())
    }
    return Family.objects.filter(pk=family_id).annotate(**counts).values_list(*counts)


def _counted(declaration: PersonalData, family_id: int, people: Collection[int]) -> QuerySet[Any, Any]:
    rows = rows_of(declaration, family_id=family_id, people=people).order_by()
    one = rows.annotate(one=Value(1, IntegerField())).values("one")
    counted: QuerySet[Any, Any] = one.annotate(count=Count("pk")).values("count")
    return counted


def of_own_home(
    rows: Rows, declaration: PersonalData, *, family_id: int, known: Collection[int], user_id: int | None
) -> Rows:
    """Without what points at somebody who is not `known`, at another account or at another home.

    So of a child of two homes, each home reads its own rows alone; a file goes with its row.
    """
    families = {other.model: other.path for other in declared() if other.path and leads_to_family(other)}
    del families[StoredFile]
    for prefix, model in _models_of(declaration):
        if model in {Family, Person}:
            continue
        for field in _foreign_keys(model):
            lookup, target = f"{prefix}{field.name}", field.related_model
            if target is Person:
                rows = rows.filter(Q(**{f"{lookup}__in": known}) | Q(**{lookup: None}))
            elif target is User:
                rows = rows.filter(Q(**{lookup: user_id}) | Q(**{lookup: None}))
            elif target in families and not leads_to_family(declaration):
                rows = rows.filter(**{f"{lookup}__{families[target]}": family_id})
    return rows


def file_fields(model: type[models.Model]) -> list[str]:
    """The names of the fields of a model that point at a private file."""
    return [field.name for field in _foreign_keys(model) if field.related_model is StoredFile]


def _models_of(declaration: PersonalData) -> list[tuple[str, type[models.Model]]]:
    """The models from the declared one along its path, each with the lookup that leads to its fields."""
    found: list[tuple[str, type[models.Model]]] = [("", declaration.model)]
    for step in filter(None, declaration.path.split("__")):
        prefix, model = found[-1]
        target = model._meta.get_field(step).related_model
        if isinstance(target, type):
            found.append((f"{prefix}{step}__", target))
    return found


def _foreign_keys(model: type[models.Model]) -> Iterator[models.ForeignKey[models.Model, models.Model]]:
    for field in model._meta.get_fields():
        if field.concrete and isinstance(field, models.ForeignKey):
            yield field
