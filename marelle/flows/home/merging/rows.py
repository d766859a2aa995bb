"""What points at a home or a person, found from the models themselves, and pointed at another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.db.models import Case, F, IntegerField, Q, Value, When

from marelle.core.personal import GENERIC_COLUMNS
from marelle.families.models import Family, Person

Model = type[models.Model]
SUBJECTS: Final[Mapping[str, Model]] = {"family": Family, "person": Person}
"""What a journal's entry or a case calls its subject, where that is a home or a person."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Ids of what goes to ids of what stays: one home, and the people who are the same."""

    family: tuple[int, int]
    people: Mapping[int, int]

    def of(self, root: Model) -> Mapping[int, int]:
        return {self.family[0]: self.family[1]} if root is Family else self.people


@dataclass(frozen=True, slots=True)
class Pointer:
    """A column of a model that holds the id of a home or a person."""

    column: str
    root: Model


def pointing_models() -> Iterator[Model]:
    """Our models with a pointer of their own, or a subject that may be a home or a person."""
    for model in apps.get_models():
        if model.__module__.startswith("marelle.") and (pointers(model) or has_subject(model)):
            yield model


@cache
def pointers(model: Model) -> tuple[Pointer, ...]:
    return tuple(_pointers(model))


def _pointers(model: Model) -> Iterator[Pointer]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            if field.related_model in {Family, Person}:
                yield Pointer(field.attname, field.related_model)
        elif field.name in GENERIC_COLUMNS:
            yield Pointer(field.name, Family if field.name == "family_id" else Person)


def has_subject(model: Model) -> bool:
    return {"subject_kind", "subject_id"} <= {field.name for field in model._meta.concrete_fields}


def uniques(model: Model) -> Iterator[tuple[tuple[str, ...], Q, bool]]:
    """The columns of which there is one row, where, and whether an empty column counts as a value.

    Those alone that hold a pointer: others cannot be broken by moving rows.
    """
    held = {pointer.column for pointer in pointers(model)}
    for field in model._meta.concrete_fields:
        if field.unique and field.attname in held:
            yield (field.attname,), Q(), False
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            names = constraint.fields or tuple(_named(constraint.expressions))
            columns = tuple(model._meta.get_field(name).attname for name in names)  # type: ignore[union-attr]
            if held.intersection(columns):
                yield columns, constraint.condition or Q(), bool(constraint.expressions)


def may_clash(model: Model) -> bool:
    """Whether two rows of the model may want one place once they point at the same home or person."""
    return any(True for _unique in uniques(model))


def clashes(model: Model, moves: Moves) -> list[list[int]]:
    """Keys of rows that could not all stay once moved, those that already point at what stays first."""
    found: list[list[int]] = []
    mapped = {pointer.column: moves.of(pointer.root) for pointer in pointers(model)}
    for columns, condition, empty_counts in uniques(model):
        touched: set[int] = set()
        # One column after the other: SQLite's planner breaks on an OR beside the condition of an index.
        for column in mapped.keys() & set(columns):
            ids = mapped[column]
            here = model._default_manager.filter(**{f"{column}__in": {*ids, *ids.values()}})
            touched.update(here.order_by().values_list("pk", flat=True))
        rows = model._default_manager.filter(condition, pk__in=touched).values_list("pk", *columns)
        by_key: dict[tuple[Any, ...], list[tuple[bool, int]]] = {}
        for pk, *values in rows:
            key = tuple(
                mapped.get(column, {}).get(value, value)
                for column, value in zip(columns, values, strict=True)
            )
            if empty_counts or None not in key:
                by_key.setdefault(key, []).append((key != tuple(values), pk))
        groups = [[pk for _moves, pk in sorted(group)] for group in by_key.values() if len(group) > 1]
        found += [
            group for group in groups if group not in found
        ]  # two constraints may meet on the same rows
    return found


def move(model: Model, moves: Moves) -> None:
    """Point every row at what stays. What would clash has been settled."""
    rows = model._default_manager.all()
    for pointer in pointers(model):
        _move(rows, pointer.column, moves.of(pointer.root))
    if has_subject(model):
        for kind, root in SUBJECTS.items():
            _move(rows.filter(subject_kind=kind), "subject_id", moves.of(root))


def still_pointing(moves: Moves) -> Iterator[str]:
    """The columns in which somebody or something of what goes is left: none, once all is moved."""
    for model in pointing_models():
        for pointer in pointers(model):
            ids = moves.of(pointer.root)
            if ids and model._default_manager.filter(**{f"{pointer.column}__in": ids}).exists():
                yield f"{model._meta.label}.{pointer.column}"


def _move(rows: models.QuerySet[Any], column: str, ids: Mapping[int, int]) -> None:
    if ids:
        cases = [When(**{column: old}, then=Value(new)) for old, new in ids.items()]
        rows.filter(**{f"{column}__in": ids}).update(**{column: Case(*cases, output_field=IntegerField())})


def _named(expressions: Iterable[Any]) -> Iterator[str]:
    """The fields that an expression of a constraint reads: `Coalesce("person", 0)` reads the person."""
    for expression in expressions:
        if isinstance(expression, F):
            yield str(expression.name)  # type: ignore[attr-defined]
        else:
            yield from _named(expression.get_source_expressions())
