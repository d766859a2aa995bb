"""A table as a section of the file, and the fields that many of them have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import models

from marelle.definitions.values import (
    DAY,
    WEEKDAYS_LIST,
    Choice,
    Field,
    Reference,
    Several,
    Text,
)


@dataclass(frozen=True)
class Kind:
    """A table as a section of the file. `name` is that of its keys.

    `parent`: the column that leads to what it stands under; `parts`: what stands under it. `called` names a
    row that has no key yet. `is_single`: there is one, without a key. `is_ordered`: the order of the file is
    that of the screens (`order`).
    """

    name: str
    word: str
    model: type[models.Model]
    fields: tuple[Field, ...]
    comment: str = ""
    parent: str = ""
    parts: tuple[Kind, ...] = ()
    called: Callable[[Any], str] = lambda row: str(row.name)
    rows: Callable[[], Iterable[Any]] | None = None
    is_single: bool = False
    is_ordered: bool = False

    def every(self) -> Iterable[Any]:
        """Its rows that the file tells of, in their order."""
        return self.model._default_manager.all() if self.rows is None else self.rows()


def labels(choices: type[models.TextChoices]) -> Choice:
    return Choice({one.value: str(one.label) for one in choices})


def ids(name: str) -> Callable[[Any], tuple[int, ...]]:
    """The rows of a field of many."""
    return lambda row: tuple(getattr(row, name).values_list("pk", flat=True))


def text(word: str, attr: str, longest: int, comment: str = "", **more: Any) -> Field:
    return Field(word, attr, Text(longest), comment, default=more.pop("default", ""), **more)


def name(longest: int, word: str = "nom", attr: str = "name") -> Field:
    return Field(word, attr, Text(longest))


SINCE: Final = Field("depuis", "since", DAY)
UNTIL: Final = Field("jusqu’au", "until", DAY, default=None)
SLOT: Final = Field(
    "créneau",
    "slot",
    Reference("slot"),
    "Sans lui : tous les créneaux de l’activité.",
    default=None,
    fixed=True,
    of=lambda row: row.slot_id,
)
WEEKDAYS: Final = Field(
    "jours",
    "weekdays",
    WEEKDAYS_LIST,
    "Sans eux : tous.",
    default=(),
    fixed=True,
    of=lambda row: tuple(sorted(row.weekdays)),
)
SLOTS: Final = Field("créneaux", "slots", Several(Reference("slot")), default=(), of=ids("slots"))
SCHOOLS: Final = Field("écoles", "schools", Several(Reference("school")), default=(), of=ids("schools"))
COMMUNES: Final = Field("communes", "communes", Several(Reference("commune")), default=(), of=ids("communes"))
