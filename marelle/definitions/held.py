"""What the tables hold, as a file would say it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from marelle.definitions.kinds import EVERY, Kind
from marelle.definitions.models import KEY_LENGTH, DefinitionKey
from marelle.definitions.tree import Entry, Id, parent_of, slug
from marelle.definitions.values import Path


@dataclass
class Held:
    """Entries and rows by kind and path; `unkept` are keys that no row holds yet."""

    entries: dict[Id, Entry] = field(default_factory=dict)
    rows: dict[Id, models.Model] = field(default_factory=dict)
    paths: dict[tuple[str, int], Path] = field(default_factory=dict)
    unkept: list[DefinitionKey] = field(default_factory=list)


def definitions_held() -> Held:
    """All of it; a few queries for each row."""
    held = Held()
    stored: dict[str, dict[int, str]] = defaultdict(dict)
    for name, row_id, key in DefinitionKey.objects.values_list("kind", "row_id", "key"):
        stored[name][row_id] = key
    found: list[tuple[Kind, Path, Any]] = []
    for kind in EVERY.values():
        for path, row in _named(kind, stored[kind.name], held):
            held.paths[kind.name, row.pk] = path
            held.rows[kind.name, path] = row
            found.append((kind, path, row))
    for kind, path, row in found:
        held.entries[kind.name, path] = Entry(kind, path, _values(kind, row, held.paths))
    return held


def keys_keep(rows: Iterable[DefinitionKey]) -> None:
    """From now on these rows are known by these keys. Joins the caller's transaction."""
    DefinitionKey.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["kind", "row_id"], update_fields=["key"]
    )


def _named(kind: Kind, stored: Mapping[int, str], held: Held) -> list[tuple[Path, Any]]:
    """Each row with its path: by the key that is kept, or one of its name that no other has there."""
    if kind.is_single:
        return [((kind.word,), row) for row in kind.every()]
    parent = parent_of(kind)
    under: list[tuple[Path, Any]] = []
    for row in kind.every():
        above = held.paths.get((parent.name, getattr(row, f"{kind.parent}_id"))) if parent else ()
        if above is not None:
            under.append((above, row))
    taken = {(above, stored[row.pk]) for above, row in under if row.pk in stored}
    named = []
    for above, row in under:
        key = stored.get(row.pk)
        if key is None:
            base = slug(kind.called(row), KEY_LENGTH - 4) or kind.name.replace("_", "-")
            tries = (base, *(f"{base}-{number}" for number in range(2, 999)))
            key = next(one for one in tries if (above, one) not in taken)
            taken.add((above, key))
            held.unkept.append(DefinitionKey(kind=kind.name, row_id=row.pk, key=key))
        named.append(((*above, key), row))
    return named


def _values(kind: Kind, row: Any, paths: Mapping[tuple[str, int], Path]) -> dict[str, Any]:
    def path(name: str, pk: Any) -> Path:
        return paths[name, pk]

    found = {"order": row.order} if kind.is_ordered else {}
    for one in kind.fields:
        value = getattr(row, one.attr) if one.of is None else one.of(row)
        found[one.attr] = value if value is None else one.value.mapped(value, path)
    return found
