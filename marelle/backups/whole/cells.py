"""What a column of a table is in a cell, and back, without anything lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import models

from marelle.backups.whole.tables import BY_MODEL, Table
from marelle.bookings.models import Booking
from marelle.core.refusals import Refusal
from marelle.core.sealed import SealedField, SealedTextField, Unreadable, opened, seal
from marelle.definitions.kinds import EVERY
from marelle.definitions.values import Path
from marelle.enrolments.models import Enrolment

KIND_OF: Final = {kind.model: kind.name for kind in EVERY.values()}
"""The kinds of definitions, by their tables."""


class WholeRefused(Refusal):
    """Why the whole is not written, or not read: `code` and what it is about."""


@dataclass(frozen=True)
class Names:
    """The definitions by the key of their row, and back: kind and path."""

    paths: Mapping[tuple[str, int], Path]
    keys: Mapping[tuple[str, Path], int]

    def path(self, kind: str, pk: int) -> str:
        """ "mercredis/matin". Raises WholeRefused."""
        found = self.paths.get((kind, pk))
        if found is None:
            raise WholeRefused("not_defined", kind=kind, key=pk)
        return "/".join(found)

    def key(self, kind: str, text: str) -> int:
        """Raises WholeRefused."""
        found = self.keys.get((kind, tuple(text.split("/"))))
        if found is None:
            raise WholeRefused("unknown_definition", kind=kind, key=text)
        return found


@dataclass(frozen=True)
class Cell:
    """A column: how its value is written and read. `points_at` names what it leads to, for the page."""

    attname: str
    title: str
    meaning: str
    write: Callable[[Any, Names], str]
    read: Callable[[str, Names], Any]
    points_at: str = ""
    is_many: bool = False


def cells_of(table: Table) -> tuple[Cell, ...]:
    """The columns of a table, in their order; those that it omits are not there."""
    fields, many = table.model._meta.concrete_fields, table.model._meta.many_to_many
    return (
        *(_cell(table, one) for one in fields if one.name not in table.omits),
        *(_many(table, one) for one in many if one.name not in table.omits),
    )


def _many(table: Table, one: models.ManyToManyField[Any, Any]) -> Cell:
    """Definitions that a row leads to, between spaces."""
    kind = KIND_OF.get(one.related_model)
    if kind is None:
        raise LookupError(f"{table.name}.{one.name} leads out of what is exported.")
    return Cell(
        one.name,
        one.name,
        str(one.verbose_name),
        lambda rows, names: " ".join(sorted(names.path(kind, row.pk) for row in rows)),
        lambda text, names: [names.key(kind, path) for path in text.split()],
        "definitions",
        is_many=True,
    )


def _cell(table: Table, one: models.Field[Any, Any]) -> Cell:
    special = _SPECIAL.get((table.model, one.name))
    meaning = _meaning(one)
    if special is not None:
        return Cell(one.attname, one.name, meaning, *special)
    if isinstance(one, models.ForeignKey):
        return _pointing(table, one, meaning)
    if one.primary_key:
        meaning = "identifiant de la ligne, le même dans tous les exports"
    write, read = _plain(one)
    return Cell(one.attname, one.name, meaning, write, read)


def _meaning(one: models.Field[Any, Any]) -> str:
    """Its name in French; of one that leads somewhere without a name of its own, that of what it leads to."""
    if isinstance(one, models.ForeignKey) and one.verbose_name == one.name.replace("_", " "):
        return str(one.related_model._meta.verbose_name)
    return str(one.verbose_name)


def _pointing(table: Table, one: models.ForeignKey[Any, Any], meaning: str) -> Cell:
    target = one.related_model
    if target in BY_MODEL:
        write, read = _optional(lambda value, _names: str(value), lambda text, _names: int(text))
        return Cell(one.attname, one.name, meaning, write, read, BY_MODEL[target].name)
    kind = KIND_OF.get(target)
    if kind is None:
        raise LookupError(f"{table.name}.{one.name} leads out of what is exported.")
    write, read = _optional(
        lambda value, names: names.path(kind, value), lambda text, names: names.key(kind, text)
    )
    return Cell(one.attname, one.name, meaning, write, read, "definitions")


Write = Callable[[Any, Names], str]
Read = Callable[[str, Names], Any]


def _optional(write: Write, read: Read) -> tuple[Write, Read]:
    return (
        lambda value, names: "" if value is None else write(value, names),
        lambda text, names: None if text == "" else read(text, names),
    )


def _plain(one: models.Field[Any, Any]) -> tuple[Write, Read]:
    """By the kind of the field: an empty cell is nothing, or a text without a letter."""
    if isinstance(one, SealedTextField):
        return _readable, lambda text, _names: text
    if isinstance(one, SealedField):
        whole: tuple[Write, Read] = (
            lambda value, _names: opened(value),
            lambda text, _names: seal(text),
        )
        return _optional(*whole) if one.null else whole
    if isinstance(one, models.BooleanField):
        return _optional(lambda value, _names: "oui" if value else "non", lambda text, _names: _truth(text))
    for kind, (write, read) in _KINDS.items():
        if isinstance(one, kind):
            return _optional(_nameless(write), _nameless(read))
    if one.null:
        raise LookupError(f"{one} may be nothing or an empty text: a cell cannot tell.")
    return (lambda value, _names: str(value)), (lambda text, _names: text)


def _nameless(how: Callable[[Any], Any]) -> Callable[[Any, Names], Any]:
    """One that asks for no definition."""
    return lambda value, _names: how(value)


def _readable(value: Any, _names: Names) -> str:
    if isinstance(value, Unreadable):
        raise WholeRefused("unreadable")
    return str(value)


def _truth(text: str) -> bool:
    if text not in ("oui", "non"):
        raise ValueError(text)
    return text == "oui"


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


_KINDS: Final[Mapping[type[models.Field[Any, Any]], tuple[Callable[[Any], str], Callable[[str], Any]]]] = {
    models.DateTimeField: (_instant, datetime.fromisoformat),
    models.DateField: (date.isoformat, date.fromisoformat),
    models.TimeField: (time.isoformat, time.fromisoformat),
    models.DecimalField: (str, Decimal),
    models.UUIDField: (str, UUID),
    models.JSONField: (_json, json.loads),
    models.IntegerField: (str, int),
}


def _wishes_write(value: dict[str, list[int]], names: Names) -> str:
    return _json({day: [names.path("slot", pk) for pk in slots] for day, slots in value.items()})


def _wishes_read(text: str, names: Names) -> dict[str, list[int]]:
    return {day: sorted(names.key("slot", slot) for slot in slots) for day, slots in json.loads(text).items()}


def _answers_write(value: list[dict[str, Any]], names: Names) -> str:
    return _json([{**one, "question": names.path("question", one["question"])} for one in value])


def _answers_read(text: str, names: Names) -> list[dict[str, Any]]:
    return [{**one, "question": names.key("question", one["question"])} for one in json.loads(text)]


def _marks_write(value: str, names: Names) -> str:
    return " ".join(sorted(names.path("kept_places", int(pk)) for pk in value.split(",") if pk))


def _marks_read(text: str, names: Names) -> str:
    return ",".join(map(str, sorted(names.key("kept_places", path) for path in text.split())))


_SPECIAL: Final[Mapping[tuple[type[models.Model], str], tuple[Write, Read]]] = {
    (Enrolment, "wishes"): (_wishes_write, _wishes_read),
    (Enrolment, "answers"): (_answers_write, _answers_read),
    (Booking, "kept"): (_marks_write, _marks_read),
}
