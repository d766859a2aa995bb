"""Another world, which differs from the first in what some rows of the registry of personal data hold.

The columns are those of the registry: a new one is rewritten without being named. What places a row (keys,
states, days, ranks) stays, since the two worlds are to be compared page by page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from marelle.accounts.models import User
from marelle.core.actor import SYSTEM
from marelle.core.personal import PersonalData, declared
from marelle.core.sealed import Sealed, opened, seal
from marelle.families.incomes.rules import IncomeStatus
from marelle.files.models import StoredFile
from marelle.files.services import file_make
from tests.roles.world import NOW

Row = models.Model
Rows = models.QuerySet[Row]

STAYS: Final = {
    "which row it is, and what it is about": (
        "kind subject_kind subject_id family_id authority_id structure_id from_structure_id to_structure_id "
        "case_id about account_id actor_user_id old_id field verb theme correction after last_tick key "
        "message_id kept ticket"
    ),
    "what became of it": (
        "state ended_state end_cause end answer settled outcome withdrawn_at closed_at decided_at "
        "cancelled_at cancelled_on left_on erased_at answered_at settled_at ended_at told_at sent_at paid_on "
        "expires_on files_until shared with_office passed from_staff on_behalf by_family in_conflict present "
        "attempts not_before next_attempt_at channel secret way stop_url mailed letter"
    ),
    "days, hours and ranks, which count places and bound what is read": (
        "day week month school_year starts_at ends_at starts_on ends_on since until priority queued_at "
        "offered_until last_day ended_before order seats late expected_on weeks holidays at last_at "
        "last_reminder on waits_with one_of preference needed left rank turn choice"
    ),
    "who may see and act": "has_authority may_see may_book may_fetch is_told",
    "of a file, changed with its content": "size pages sha256",
}
"""Columns that are the same in both worlds, by the reason why."""

PLACED: Final = frozenset(" ".join(STAYS.values()).split())

SAID_BESIDE: Final = {"result", "day", "slot", "activity"}
"""Of an act, in its JSON: what became of a cell, and of which public slot it is."""

EARLIER: Final = timedelta(minutes=7)
LETTERS: Final = "bdfghlmnpr"


Statement = tuple[str, tuple[Any, ...]]

NO_ROW: Final = re.compile(
    'SAVEPOINT|RELEASE|ROLLBACK|(INSERT INTO|UPDATE) "(django_session|accounts_device)"'
)
"""Statements that change nothing of what is rewritten."""


@dataclass(slots=True)
class Reads:
    """What an answer is made of: the statements that it read by, and whether it wrote before it read on.

    A wrapper of the statements of a connection.
    """

    statements: set[Statement] = field(default_factory=set)
    wrote: bool = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            self.statements.add((sql, tuple(params or ())))
        elif not NO_ROW.match(sql):
            self.wrote = True
        return execute(sql, params, many, context)


def rows_read(statements: Iterable[Statement]) -> dict[Statement, list[Any]]:
    """What each statement finds now."""
    found = {}
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            found[sql, params] = cursor.fetchall()
    return found


def rewritten_columns(declaration: PersonalData) -> Iterator[models.Field[Any, Any]]:
    for column in declaration.model._meta.concrete_fields:
        if not column.primary_key and not column.is_relation and column.name not in PLACED:
            yield column


def rewrite(secret: Callable[[PersonalData], Rows], but: set[tuple[str, int, str]]) -> set[str]:
    """Write something else in each personal column of the rows that `secret` names, and in their files.

    All `but` what is named by label, key and column.

    Returns the columns, as `app.Model.column`, that have another value now.
    """
    found: set[str] = set()
    numbers = count(1)
    for declaration in declared():
        label = declaration.model._meta.label
        for row in list(secret(declaration)):
            for column in rewritten_columns(declaration):
                if (label, row.pk, column.name) not in but and _changed(row, column, next(numbers)):
                    found.add(f"{label}.{column.name}")
            if isinstance(row, StoredFile) and (label, row.pk, "key") not in but:
                _other_content(row)
    return found


def rewrite_accounts(accounts: models.QuerySet[User]) -> None:
    for user in accounts:
        name = _letters(user.pk)
        type(user)._base_manager.filter(pk=user.pk).update(
            display_name=f"Compte {name}", email=f"{name}@ailleurs.example", calendar_serial=7
        )


def _changed(row: Row, column: models.Field[Any, Any], number: int) -> bool:
    for value in _others(getattr(row, column.attname), column, number):
        try:
            column.run_validators(value)
            with transaction.atomic():
                type(row)._base_manager.filter(pk=row.pk).update(**{column.attname: value})
        except (ValidationError, IntegrityError):
            continue
        return True
    return False


def _others(old: Any, column: models.Field[Any, Any], number: int) -> Iterator[Any]:
    """Values of the column that are not the old one; the first that the tables accept is taken."""
    if column.choices:
        yield from (value for value, _label in column.flatchoices if value not in {old, "", None})
    elif isinstance(old, Sealed):
        yield from (seal(text) for text in _unsealed(opened(old)))
    elif isinstance(old, bool):
        yield not old
    elif isinstance(old, Decimal):
        yield from (old + Decimal("1.37"), old - Decimal("0.37"))
    elif isinstance(old, int):
        yield old + 1
    elif isinstance(old, datetime):
        yield from (old - EARLIER, old + EARLIER)
    elif isinstance(old, date):
        yield from (old - timedelta(days=5), old + timedelta(days=5))
    elif isinstance(old, time):
        yield old.replace(minute=(old.minute + 7) % 60)
    elif isinstance(column, models.JSONField):
        yield _other_json(old, number)
    elif isinstance(column, models.GenericIPAddressField | models.BinaryField):
        yield bytes(old) + b"7" if isinstance(column, models.BinaryField) else "198.51.100.7"
    elif isinstance(old, str):
        yield from _texts(old, column, number)


def _unsealed(old: str) -> Iterator[str]:
    """A health sheet, an amount, a status, an account, or lines of a bill."""
    if old.startswith('{"birth_name"'):
        yield json.dumps({**json.loads(old), "birth_name": "Rosier", "place": "75113"})
    elif old.startswith('{"said"'):
        told = json.loads(old)
        amounts = dict.fromkeys(told["said"]["amounts"], "4321")
        yield json.dumps({**told, "said": {**told["said"], "amounts": amounts}})
    elif old.startswith('{"allergies"'):
        yield _other_sheet(json.loads(old))
    elif old in IncomeStatus.values:
        yield from (status for status in (IncomeStatus.DECLARED, IncomeStatus.PROVED) if status != old)
    elif old[:1] in {"[", "{"}:
        yield AMOUNTS.sub(lambda found: f'"amount":"{Decimal(found[1]) + Decimal("1.37")}"', old)
    elif old[:2].isalpha():
        yield "DE89370400440532013000" if len(old) > BIC else "COBADEFFXXX"
    else:
        yield str(Decimal(old or 0) + Decimal("1.37"))


def _other_sheet(said: dict[str, Any]) -> str:
    """Each of its fields says something else; what is empty stays so, as in a column."""
    until = said["pai_until"]
    texts = ("allergies", "treatments", "remarks", "doctor_name")
    said |= {name: _letters(place) + said[name] for place, name in enumerate(texts) if said[name]}
    said |= {"is_severe": not said["is_severe"], "pai": not said["pai"]}
    said["pai_until"] = until and (date.fromisoformat(until) - timedelta(days=5)).isoformat()
    said["pai_meal"] = {"family": "structure", "structure": "family"}.get(said["pai_meal"], "")
    said["doctor_phone"] = said["doctor_phone"] and "+33399970000"
    return json.dumps(said)


BIC: Final = 11
AMOUNTS = re.compile(r'"amount":"(-?[\d.]+)"')


def _texts(old: str, column: models.Field[Any, Any], number: int) -> Iterator[str]:
    letters = _letters(number)
    shapes = (
        (letters + letters * (len(old) // len(letters) + 1))[: column.max_length],
        f"+3363997{number % 10000:04}",
        f"{letters}@ailleurs.example",
        f"{10000 + number % 80000}",
    )
    yield from (shape for shape in shapes if shape != old)


def _letters(number: int) -> str:
    return "Zy" + "".join(LETTERS[int(digit)] for digit in f"{number:05}")


def _other_json(old: Any, number: int) -> Any:
    if isinstance(old, dict):
        return {
            key: value if key in SAID_BESIDE else _other_json(value, number) for key, value in old.items()
        }
    if isinstance(old, list):
        return [_other_json(value, number) for value in old]
    return _other_text(old, number) if isinstance(old, str) else old


def _other_text(old: str, number: int) -> str:
    """Of the same shape: what is kept as text may be a day or an amount."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", old):
        return (date.fromisoformat(old) - timedelta(days=5)).isoformat()
    return f"{number}.37" if re.fullmatch(r"\d+(\.\d+)?", old) else _letters(number)


def _other_content(row: StoredFile) -> None:
    other = file_make(actor=SYSTEM, content=b"%PDF-1.7 " + b"other" * 9, name="x.pdf", pages=1, now=NOW)
    StoredFile.objects.filter(pk=other.pk).delete()
    StoredFile.objects.filter(pk=row.pk).update(key=other.key, size=other.size, sha256=other.sha256)
