"""Copies a built territory in SQL, so that a benchmark of ten thousand homes is built in a minute or two.

Each row becomes as many rows as there are copies, with keys and foreign keys moved together; rows of one
source lie side by side, so that a home's rows are spread over the table as they are in a real one. Calendars,
communes and authorities are common to all.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models

from marelle.accounts.models import Attempt, Invitation, SecretLink, User
from marelle.activities.models import Activity
from marelle.billing.models import ImportRun, Invoice, Treasury
from marelle.cases.models import Case
from marelle.demo.models import World
from marelle.enrolments.models import Enrolment
from marelle.families.models import ChangeRequest, ConsentType, Family, FieldPolicy
from marelle.files.models import StoredFile
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.messaging.models import Thread
from marelle.papers.models import Acceptance, Paper, PaperPage, PaperType, Publication
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, Structure
from marelle.relay.models import CareRequest, Childminder

COMMON: tuple[type[models.Model], ...] = (
    World, Authority, Calendar, CalendarSpan, Commune, Authority.communes.through,
    Attempt, Invitation, SecretLink, Entry, Message, Treasury, ImportRun, ConsentType, Childminder,
    StoredFile, PaperType, PaperPage, Publication, Acceptance, FieldPolicy,
)  # fmt: skip
"""Tables that are not copied: shared by the copies, or empty when the world is new."""

GENERIC: dict[tuple[type[models.Model], str], type[models.Model]] = {
    (Case, "family_id"): Family,
    (Case, "structure_id"): Structure,
}
SUBJECTS: dict[str, type[models.Model]] = {
    "care": CareRequest,
    "change": ChangeRequest,
    "enrolment": Enrolment,
    "message": Thread,
    "paper": Paper,
}
"""Tables of the subjects of cases, by the kind of case."""

NUMBERED = {(User, "identifier"), (Family, "number"), (Invoice, "number")}
"""Unique texts: a copy adds its number."""

COPY = "copies.n"


@dataclass(frozen=True, slots=True)
class Keys:
    """How keys move: row `id` of copy `n` becomes `top + (id - 1) * (copies - 1) + n`."""

    tops: dict[type[models.Model], int]
    copies: int

    def moved(self, model: type[models.Model], column: str) -> str:
        if model not in self.tops:
            return column
        return f"{self.tops[model]} + ({column} - 1) * {self.copies - 1} + {COPY}"


def replicate(copies: int) -> None:
    """Make the territory in the database `copies` territories in all."""
    copied = [model for model in apps.get_models(include_auto_created=True) if _is_copied(model)]
    keys = Keys({model: _top(model) for model in copied}, copies)
    with connection.cursor() as cursor:
        for model in _referenced_first(copied):
            cursor.execute(_statement(model, keys))
        for statement in connection.ops.sequence_reset_sql(no_style(), copied):
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def _is_copied(model: type[models.Model]) -> bool:
    options = model._meta
    return (
        model.__module__.startswith("marelle.")
        and model not in COMMON
        and options.managed
        and not options.proxy
    )


def _top(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(top=models.Max("pk"))["top"] or 0)


def _referenced_first(copied: list[type[models.Model]]) -> list[type[models.Model]]:
    """Tables in an order where each comes after those that it points at."""
    ordered: list[type[models.Model]] = []

    def add(model: type[models.Model]) -> None:
        if model in ordered:
            return
        for field in model._meta.concrete_fields:
            target = field.related_model
            if isinstance(target, type) and target in copied and target is not model:
                add(target)
        ordered.append(model)

    for model in copied:
        add(model)
    return ordered


def _statement(model: type[models.Model], keys: Keys) -> str:
    quote = connection.ops.quote_name
    columns = {field: quote(str(field.column)) for field in model._meta.concrete_fields}
    values = [_value(model, field, f"source.{column}", keys) for field, column in columns.items()]
    table, last = quote(model._meta.db_table), keys.copies - 1
    # Every name comes from our own models, and every number is computed here: nothing is from outside.
    return (
        f"WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {last}) "  # noqa: S608  # nosec B608
        f"INSERT INTO {table} ({', '.join(columns.values())}) SELECT {', '.join(values)} "
        f"FROM {table} AS source CROSS JOIN copies ORDER BY source.{columns[model._meta.pk]}, {COPY}"
    )


def _value(model: type[models.Model], field: models.Field[object, object], column: str, keys: Keys) -> str:
    if field.primary_key:
        return keys.moved(model, column)
    if (model, field.name) in NUMBERED:
        return f"{column} || '-' || {COPY}"
    if model is Case and field.name == "subject_id":
        moved = (f"WHEN '{kind}' THEN {keys.moved(of, column)}" for kind, of in SUBJECTS.items())
        return f"CASE source.kind {' '.join(moved)} ELSE {column} END"
    if (model, field.name) in GENERIC:
        return keys.moved(GENERIC[model, field.name], column)
    if model is Activity and field.name == "revision":
        return f"{column} + {COPY}"
    if model is Enrolment and field.name == "wishes":
        return "'{}'"
    if isinstance(field.related_model, type):
        return keys.moved(field.related_model, column)
    return column
