"""The registry of personal data: how each model that leads to a home or a person is treated.

Each app declares its models in its own `personal.py`, read when Django starts:

    register(
        PersonalData(
            model=Booking,
            path="child",
            export=("day", "state"),
            merge=Merge.MOVE,
            erase=Erase.DELETE,
            keep=Keep(months=24, since=Since.LEFT),
        )
    )

A system check (`marelle.E001`) refuses a model that leads to a home or a person and declares nothing, and a
column of which nothing is said, so that nobody adds a table or a column that an export forgets and an erasure
leaves behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import models

# What personal data is data of. By label, since `core` knows no domain; with the columns by which floors
# that know no family (journal, cases, mail) point at one without a foreign key.
ROOTS = ("families.Family", "families.Person")
GENERIC_COLUMNS = ("family_id", "person_id", "child_id")


class Merge(StrEnum):
    """When two records turn out to be the same home or person, what becomes of the rows of the one left.

    All move to the one kept. Where both have a row of which there may be one: `MOVE` has somebody to settle
    it first (`flows.home.merging.settling`; `marelle.E003` asks for it), `KEEP_NEWEST` keeps the later one.
    """

    MOVE = "move"
    KEEP_NEWEST = "keep_newest"
    DROP = "drop"  # of no use to the one kept
    ROOT = "root"  # the record itself: it is what is merged


class Erase(StrEnum):
    """What an erasure does to the row."""

    DELETE = "delete"
    ANONYMISE = "anonymise"  # stays, for counts and accounts, with nothing that names anyone
    KEEP = "keep"  # the law asks for it; it goes when `keep` is over


class Since(StrEnum):
    """The event from which the time of keeping runs."""

    WRITTEN = "written"
    LAST_ENROLMENT = "last_enrolment"
    LEFT = "left"  # the home has left, or gave no sign of life
    ROW = "row"  # of a file: as long as the row that points at it, whatever its months


@dataclass(frozen=True, slots=True)
class Keep:
    """To be kept for `months` after `since`, as each package sees it.

    What goes by itself is what a purge takes, after the delays that the authority chose (`places/delays.py`),
    and families are promised nothing else; the rest goes with the erasure of its file.
    """

    months: int
    since: Since


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One model's declaration.

    `path` is the lookup that leads to the home or the person ("family", "member__family", "" for a root
    itself, "family_id" for a generic column). `export` names the fields handed to who asks for its data,
    `unexported` those that are not, by the reason why. `anonymise` gives what an anonymised row holds in each
    field that names anyone, or that somebody wrote freely; `stays` names its others, by the reason why. So
    each column is said once for the export and, where rows are anonymised, once for the erasure; the row's
    key and the path's own field need no naming. `newest` is the field by which `Merge.KEEP_NEWEST` knows the
    later of two rows. `checked` are the columns that the CAF may ask to see: as long as it may
    (`flows.home.checked`), they outlive the erasure of a home of which nobody has heard;
    of a row that would be deleted, the row stays with them.
    """

    model: type[models.Model]
    path: str
    export: tuple[str, ...]
    merge: Merge
    erase: Erase
    keep: Keep
    unexported: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    newest: str = ""
    anonymise: Mapping[str, Any] = field(default_factory=dict)
    stays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    checked: tuple[str, ...] = ()


class AlreadyRegistered(Exception):
    """A model was declared twice."""


_registry: dict[type[models.Model], PersonalData] = {}


def register(*declarations: PersonalData) -> None:
    """Add declarations; raises `AlreadyRegistered` for a model that has one."""
    for declaration in declarations:
        if declaration.model in _registry:
            raise AlreadyRegistered(declaration.model._meta.label)
        _registry[declaration.model] = declaration


def declared() -> tuple[PersonalData, ...]:
    """All declarations, in an order that does not depend on the imports."""
    return tuple(sorted(_registry.values(), key=lambda d: d.model._meta.label))


def leads_to_someone(model: type[models.Model]) -> bool:
    """Whether foreign keys, however many, or a generic column lead from `model` to a home or a person."""
    seen: set[type[models.Model]] = set()
    todo = [model]
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        if current._meta.label in ROOTS:
            return True
        for column in current._meta.get_fields():
            if not column.concrete:
                continue
            if isinstance(column, models.ManyToManyField | models.ForeignKey):
                todo.append(column.remote_field.model)
            elif column.name in GENERIC_COLUMNS:
                return True
    return False


def problems_of(declaration: PersonalData) -> Iterator[str]:
    """What is wrong with a declaration, in words for the developer who wrote it."""
    anonymised = declaration.erase is Erase.ANONYMISE
    if anonymised and not declaration.anonymise:
        yield "is anonymised and does not say what becomes of its fields in `anonymise`"
    if declaration.stays and not anonymised:
        yield "says in `stays` what an anonymised row keeps, and is not anonymised"
    if (declaration.merge is Merge.KEEP_NEWEST) is not bool(declaration.newest):
        yield "says in `newest` which of two rows is kept with `Merge.KEEP_NEWEST`, and only then"
    if declaration.checked and declaration.erase is Erase.KEEP:
        yield "says in `checked` what outlives an erasure for a while, and stays anyhow"
    if anonymised and not set(declaration.checked) <= set(declaration.anonymise):
        yield "says in `checked` what is emptied later, and does not empty it"
    if not all(map(str.strip, (*declaration.unexported, *declaration.stays))):
        yield "excuses columns without a reason"
    yield from _columns_wrong(declaration)
    current: type[models.Model] = declaration.model
    for step in filter(None, declaration.path.split("__")):
        try:
            found = current._meta.get_field(step)
        except FieldDoesNotExist:
            yield f"has a path through {step!r}, which is not a field of {current._meta.label}"
            return
        if isinstance(found.related_model, type):
            current = found.related_model
        elif step not in GENERIC_COLUMNS:
            yield f"has a path that ends on {step!r}, which leads nowhere"
            return


def _columns_wrong(declaration: PersonalData) -> Iterator[str]:
    """What is said of a column that is not there, twice, or of none."""
    options = declaration.model._meta
    unexported, stays = _names(declaration.unexported), _names(declaration.stays)
    newest = (declaration.newest,) if declaration.newest else ()
    for does, names in (
        ("exports", declaration.export),
        ("does not export", unexported),
        ("anonymises", declaration.anonymise),
        ("keeps", stays),
        ("keeps the newest by", newest),
        ("keeps for the CAF", declaration.checked),
    ):
        for name in names:
            try:
                options.get_field(name)
            except FieldDoesNotExist:
                yield f"{does} {name!r}, which is not a field"
    yield from _unsaid(declaration, (*declaration.export, *unexported), "for an export")
    if declaration.erase is Erase.ANONYMISE:
        yield from _unsaid(declaration, (*declaration.anonymise, *stays), "for an erasure")


def _names(excused: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for names in excused.values() for name in names)


def _unsaid(declaration: PersonalData, names: tuple[str, ...], when: str) -> Iterator[str]:
    """The columns that a declaration forgets, or names twice."""
    own = declaration.path.split("__")[0]
    options = declaration.model._meta
    for column in (*options.concrete_fields, *options.many_to_many):
        if not column.primary_key and column.name != own and column.name not in names:
            yield f"says nothing of {column.name!r} {when}"
    for name, times in Counter(names).items():
        if times > 1:
            yield f"names {name!r} {times} times {when}"


def unregistered_models() -> Iterator[type[models.Model]]:
    """Our models that lead to someone and declare nothing; many-to-many tables go with their owner."""
    for model in apps.get_models():
        if model.__module__.startswith("marelle.") and model not in _registry and leads_to_someone(model):
            yield model


@checks.register(checks.Tags.models)
def check_personal_data(**_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.E001`: every model that leads to a home or a person is declared, column by column."""
    found: list[checks.CheckMessage] = [
        checks.Error(
            f"{model._meta.label} leads to a home or a person but declares nothing about it.",
            hint=f"Register it in {model._meta.app_config.name}.personal.",
            obj=model,
            id="marelle.E001",
        )
        for model in unregistered_models()
    ]
    found.extend(
        checks.Error(f"{declaration.model._meta.label} {problem}.", obj=declaration.model, id="marelle.E001")
        for declaration in declared()
        for problem in problems_of(declaration)
    )
    return found
