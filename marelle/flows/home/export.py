"""All that is held on a home, as one of its adults may read it: a ZIP of JSON and of the files.

Built from the registry of personal data, so that no table is forgotten. An adult gets its home, its own
account, the children that it may see, and of a child of two homes what this home wrote, with the health sheet
that both share.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from decimal import Decimal
from shutil import copyfileobj
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import models, transaction
from django.utils.translation import gettext as _

from marelle.accounts.models import User
from marelle.accounts.notices import Notice, wants
from marelle.accounts.selectors import own_account
from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.personal import PersonalData, declared
from marelle.core.sealed import UNAVAILABLE, CannotOpen, Sealed, Unreadable, opened
from marelle.core.subject import Subject
from marelle.families.incomes.rules import IncomeStatus
from marelle.families.locks import own_home_locked
from marelle.families.models import Family, HealthSheet, Income, Member
from marelle.families.models.care import SHEET_WORDS
from marelle.families.selectors import children, current
from marelle.files.models import StoredFile
from marelle.files.rules import FileHeld, Kind, shown_name
from marelle.files.services import open_content
from marelle.flows.home.personal_rows import Rows, file_fields, of_own_home, rows_of
from marelle.flows.journal.history import hidden_subjects
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.models import Message

EXPORTED: Final = "family.exported"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: `people` whole, `known` by name as well (adults who left the home)."""

    actor: Actor
    user: User
    family_id: int
    people: frozenset[int]
    known: frozenset[int]
    day: date


def may_export(actor: Actor) -> bool:
    """A home's own adults: an agent who acts for it would read what its post does not show."""
    return actor.family_id is not None and actor.user_id is not None and not actor.on_behalf_of


def export_write(*, actor: Actor, to: IO[bytes], now: datetime) -> None:
    """Write the ZIP to a file open for writing, and the journal. Raises LookupError when not `may_export`.

    A file that the storage has lost, or that no key opens, is named in the JSON and is not in the ZIP.
    """
    if not may_export(actor):
        raise LookupError("Only for an adult of the home.")
    reader = _reader(actor, local(now).date())
    home = Family.objects.get(pk=reader.family_id)
    files: dict[int, StoredFile] = {}
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        data = {
            _("écrit le"): local(now).isoformat(timespec="minutes"),
            _("foyer"): str(home),
            _("votre compte"): _account(reader.user),
            **dict(_sections(reader, files)),
        }
        archive.writestr("donnees.json", json.dumps(data, ensure_ascii=False, indent=2))
        archive.writestr("lisez-moi.txt", _read_me())
        for stored in files.values():
            _add(archive, stored)
    subject = Subject("family", home.pk, home.name)
    with transaction.atomic():
        own_home_locked(actor)
        record(actor=actor, verb=EXPORTED, subject=subject, family_id=home.pk, now=now)


def _reader(actor: Actor, day: date) -> Reader:
    members = Member.objects.filter(family_id=actor.home_id, kind=Member.Kind.ADULT)
    adults = frozenset(members.filter(current(day)).values_list("person_id", flat=True))
    seen = frozenset(child.id for child in children(actor, day=day))
    ever = frozenset(members.values_list("person_id", flat=True))
    return Reader(actor, own_account(actor), actor.home_id, adults | seen, adults | seen | ever, day)


def _sections(reader: Reader, files: dict[int, StoredFile]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each table in words; `files` gets those that the rows point at, and comes last itself."""
    for declaration in declared():
        if not declaration.export or declaration.model is StoredFile:
            continue
        pointing = file_fields(declaration.model)
        related = [name for name in declaration.export if _is_key(declaration, name)]
        found = [*_rows(declaration, reader).select_related(*{*pointing, *related}).order_by("pk")]
        for row in found:
            files.update(_files_of(row, pointing))
        if found:
            yield _title(declaration), [_words(row, declaration) for row in found]
    if files:
        own = next(one for one in declared() if one.model is StoredFile)
        yield (
            _title(own),
            [{_("dans le dossier"): _path(row), **_words(row, own)} for row in files.values()],
        )


def _rows(declaration: PersonalData, reader: Reader) -> Rows:
    rows = rows_of(declaration, family_id=reader.family_id, people=reader.people)
    rows = of_own_home(
        rows, declaration, family_id=reader.family_id, known=reader.known, user_id=reader.user.pk
    )
    narrow = NARROWED.get(declaration.model)
    return narrow(rows, reader) if narrow else rows


def _without_hidden(rows: Rows, reader: Reader) -> Rows:
    for kind, ids in hidden_subjects(reader.actor, reader.day).items():
        rows = rows.exclude(subject_kind=kind, subject_id__in=ids)
    return rows


def _own_mails(rows: Rows, reader: Reader) -> Rows:
    """Those that came to the reader; one with a secret link is a key, not a datum."""
    return rows.filter(secret=False, to__iexact=reader.user.email or "-")


NARROWED: Final[Mapping[type[models.Model], Callable[[Rows, Reader], Rows]]] = {
    Case: _without_hidden,
    Entry: _without_hidden,
    Message: _own_mails,
}
"""Tables whose rows say by other means than a key whom they are about."""


def _files_of(row: models.Model, pointing: list[str]) -> dict[int, StoredFile]:
    found = [getattr(row, name) for name in pointing]
    return {stored.pk: stored for stored in found if stored is not None}


def _title(declaration: PersonalData) -> str:
    options = declaration.model._meta
    return f"{options.app_config.verbose_name} : {options.verbose_name_plural}"


def _words(row: models.Model, declaration: PersonalData) -> dict[str, Any]:
    names = [name for name in declaration.export if not (isinstance(row, HealthSheet) and name == "said")]
    told = _sheet_words(row) if isinstance(row, HealthSheet) else {}
    return told | {str(row._meta.get_field(name).verbose_name): _value(row, name) for name in names}  # type: ignore[union-attr]


def _sheet_words(sheet: HealthSheet) -> dict[str, Any]:
    """What it says, field by field; of one that no key opens, that it is so."""
    try:
        said = sheet.data
    except CannotOpen:
        return {str(sheet._meta.get_field("said").verbose_name): str(UNAVAILABLE)}
    until = said.pai_until and said.pai_until.isoformat()
    meal = str(dict(HealthSheet.Meal.choices).get(said.pai_meal, ""))
    brought = [[day.isoformat() for day in period if date.min < day < date.max] for period in sheet.meals]
    told = {**asdict(said), "pai_until": until, "pai_meal": meal, "meals": brought}
    return {str(SHEET_WORDS[name]): value for name, value in told.items()}


def _value(row: models.Model, name: str) -> Any:
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display is not None else getattr(row, name)
    if isinstance(value, Sealed):
        value = _opened(row, name, value)
    if isinstance(value, datetime):
        return local(value).isoformat(timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | list | dict):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _opened(row: models.Model, name: str, value: Sealed) -> str:
    """What no key opens is said to be so, and the rest is handed over."""
    try:
        text = opened(value)
    except CannotOpen:
        return str(UNAVAILABLE)
    is_status = isinstance(row, Income) and name == "status"
    return str(IncomeStatus(text).label) if is_status else text


def _is_key(declaration: PersonalData, name: str) -> bool:
    return isinstance(declaration.model._meta.get_field(name), models.ForeignKey)


def _account(user: User) -> dict[str, Any]:
    return {
        _("identifiant"): user.identifier,
        _("adresse de courriel"): user.email,
        _("créé le"): local(user.created_at).isoformat(timespec="minutes"),
        _("courriels choisis"): [notice.value for notice in Notice if wants(user.notices, notice)],
    }


def _path(stored: StoredFile) -> str:
    """By its name; where no key opens that, it still ends as what it is."""
    name = stored.name
    if isinstance(name, Unreadable):
        name = shown_name(name, Kind(stored.kind))
    return f"fichiers/{stored.pk}-{name}"


def _add(archive: ZipFile, stored: StoredFile) -> None:
    """By pieces, as it is: PDF and pictures do not get any smaller."""
    try:
        content = open_content(stored)
    except (FileNotFoundError, CannotOpen, FileHeld):
        return
    with content, archive.open(_path(stored), "w") as target:
        copyfileobj(content, target)


def _read_me() -> str:
    return _(
        "Voici ce que l’espace famille garde sur votre foyer.\n\n"
        "donnees.json : toutes les informations, à ouvrir avec un navigateur ou un éditeur de texte.\n"
        "fichiers/ : les documents que vous avez envoyés ou reçus.\n\n"
        "Ce dossier est personnel : il contient des données de santé de vos enfants. Gardez-le à l’abri.\n"
    )
