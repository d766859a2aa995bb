"""Copies a built territory in SQL, so that a benchmark of ten thousand homes is built in a minute or two.

Each row becomes as many rows as there are copies, with keys and foreign keys moved together; rows of one
source lie side by side, so that a home's rows are spread over the table as they are in a real one. Calendars,
communes and authorities are common to all. A structure, with its activities and its openings, serves the
homes of `SHARING` copies and has their places, so that its days are as long as those of a real one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models

from marelle.accounts.models import Attempt, Invitation, SecretLink, User
from marelle.activities.models import Activity, GaugeCut, GaugeLevel, Quota
from marelle.attendance.models import Mismatch, NoShow, Tick, UnsettledDay
from marelle.billing.models import Contest, ImportRun, Invoice, ReminderStep, Treasury
from marelle.campaigns.models import (
    Commission,
    CommissionCriterion,
    CommissionSection,
    CommissionSheet,
    SheetProof,
)
from marelle.cases.models import Case
from marelle.core.kept import kept_changed
from marelle.core.models import Revision
from marelle.definitions.models import DefinitionKey
from marelle.demo.models import World
from marelle.enrolments.models import Enrolment
from marelle.families.models import (
    ChangeRequest,
    ConsentType,
    Family,
    FieldPolicy,
    Person,
    SearchKey,
    SearchWord,
)
from marelle.files.models import Store, StoredFile
from marelle.journal.models import Entry
from marelle.mail.models import Message, Wording
from marelle.messaging.models import ReplyTemplate, Thread
from marelle.papers.models import Acceptance, Paper, PaperPage, PaperType, Publication
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, School, Structure
from marelle.pricing.models import Product, ResourceBound
from marelle.relay.models import CareRequest, Childminder

COMMON: tuple[type[models.Model], ...] = (
    World, Authority, Calendar, CalendarSpan, Commune, Authority.communes.through,
    Attempt, Invitation, SecretLink, Entry, Message, Treasury, ImportRun, ConsentType,
    Store, StoredFile, PaperType, PaperPage, Publication, Acceptance, FieldPolicy, SearchKey, SearchWord,
    ReplyTemplate, Tick, Wording, Revision, ResourceBound, ReminderStep, DefinitionKey,
    Commission, CommissionSection, CommissionCriterion, CommissionSheet, SheetProof,
)  # fmt: skip
"""Tables that are not copied: shared by the copies, or empty when the world is new."""

GENERIC: dict[tuple[type[models.Model], str], type[models.Model]] = {
    (Case, "family_id"): Family,
    (Case, "structure_id"): Structure,
}
SUBJECTS: dict[str, type[models.Model]] = {
    "attendance": UnsettledDay,
    "care": CareRequest,
    "change": ChangeRequest,
    "contest": Contest,
    "enrolment": Enrolment,
    "message": Thread,
    "mismatch": Mismatch,
    "no_show": NoShow,
    "paper": Paper,
}
"""Tables of the subjects of cases, by the kind of case."""

HOMES: tuple[type[models.Model], ...] = (Family, Person, User, Childminder)

NUMBERED = {
    (User, "identifier"),
    (Family, "number"),
    (Invoice, "number"),
    (Childminder, "name"),
    (School, "name"),
    (Product, "name"),
}
"""Unique texts: a copy adds its number."""

NAMED = {(Person, "last_name"), (Family, "name")}
"""Names of homes: they begin otherwise in each of as many copies as there are `BEGINNINGS`, so that the most
frequent is borne by six people of a thousand and not by a hundred: by four in France (INSEE)."""

BEGINNINGS = "BoisCastDelmFontGrosHautJoliKergLandMontNeuvPechQuinRochSauvTregVillYbarZamb"
BEGINNING = 4
"""Letters of each: so unlike that none is taken for a mistake for another."""

COUNTED: dict[type[models.Model], tuple[str, ...]] = {
    Quota: ("capacity", "taken", "overdraft"),
    GaugeLevel: ("capacity",),
    GaugeCut: ("capacity",),
}
"""Numbers of places: those of all the homes that share a structure."""

COPY = "copies.n"
SHARING = 4
"""Copies of the homes that share the structures of one, where their number can be divided by it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """How keys move: row `id` of copy `n` becomes `top + (id - 1) * (copies - 1) + n`.

    Places have fewer copies than homes: those of copy `n` are in the places of copy `n % places`, 0 being the
    ones already there.
    """

    tops: dict[type[models.Model], int]
    copies: int
    places: int
    of_places: frozenset[type[models.Model]]

    def copies_of(self, model: type[models.Model]) -> int:
        return self.places if model in self.of_places else self.copies

    def moved(self, target: type[models.Model], column: str, *, within: type[models.Model]) -> str:
        """What a key of `target` becomes, read in a row of `within`."""
        if target not in self.tops:
            return column
        start, step = f"{self.tops[target]} + ({column} - 1)", self.copies_of(target) - 1
        if self.copies_of(target) == self.copies_of(within):
            return f"{start} * {step} + {COPY}"
        copy = f"{COPY} % {self.places}"
        return f"CASE WHEN {copy} = 0 THEN {column} ELSE {start} * {step} + {copy} END"


def replicate(copies: int) -> None:
    """Make the territory in the database `copies` territories in all."""
    copied = [model for model in apps.get_models(include_auto_created=True) if _is_copied(model)]
    sharing = SHARING if copies % SHARING == 0 else copies
    of_places = frozenset(model for model in copied if not _leads_home(model, frozenset()))
    keys = Keys({model: _top(model) for model in copied}, copies, copies // sharing, of_places)
    for model, names in COUNTED.items():
        model._default_manager.update(**{name: models.F(name) * sharing for name in names})
    with connection.cursor() as cursor:
        for model in _referenced_first(copied):
            if keys.copies_of(model) > 1:
                cursor.execute(_statement(model, keys))
        for statement in connection.ops.sequence_reset_sql(no_style(), copied):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    kept_changed()


def _is_copied(model: type[models.Model]) -> bool:
    options = model._meta
    return (
        model.__module__.startswith("marelle.")
        and model not in COMMON
        and options.managed
        and not options.proxy
    )


def _leads_home(model: type[models.Model], seen: frozenset[type[models.Model]]) -> bool:
    """Whether a row of it belongs to homes, people or accounts, however far."""
    if model in HOMES or any(owner is model for owner, _field in GENERIC):
        return True
    targets = (field.related_model for field in model._meta.concrete_fields)
    return any(
        _leads_home(target, seen | {model})
        for target in targets
        if isinstance(target, type) and issubclass(target, models.Model) and target not in seen | {model}
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
    table, last = quote(model._meta.db_table), keys.copies_of(model) - 1
    # Every name comes from our own models, and every number is computed here: nothing is from outside.
    return (
        f"WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {last}) "  # noqa: S608  # nosec B608
        f"INSERT INTO {table} ({', '.join(columns.values())}) SELECT {', '.join(values)} "
        f"FROM {table} AS source CROSS JOIN copies ORDER BY source.{columns[model._meta.pk]}, {COPY}"
    )


def _value(model: type[models.Model], field: models.Field[object, object], column: str, keys: Keys) -> str:
    if field.primary_key:
        return keys.moved(model, column, within=model)
    if (model, field.name) in NUMBERED:
        return f"{column} || '-' || {COPY}"
    if (model, field.name) in NAMED:
        at = f"{COPY} % {len(BEGINNINGS) // BEGINNING} * {BEGINNING} + 1"
        return f"substr('{BEGINNINGS}', {at}, {BEGINNING}) || {column}"
    if model is Case and field.name == "subject_id":
        moved = (
            f"WHEN '{kind}' THEN {keys.moved(of, column, within=model)}" for kind, of in SUBJECTS.items()
        )
        return f"CASE source.kind {' '.join(moved)} ELSE {column} END"
    if (model, field.name) in GENERIC:
        return keys.moved(GENERIC[model, field.name], column, within=model)
    if model is Activity and field.name == "revision":
        return f"{column} + {COPY}"
    if model is Enrolment and field.name == "wishes":
        return "'{}'"
    if isinstance(field.related_model, type):
        return keys.moved(field.related_model, column, within=model)
    return column
