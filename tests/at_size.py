"""What a migration does to tables of ten million rows, as PostgreSQL tells it of tables that hold a few.

Each statement is looked at once it has run, within its transaction: which locks are held by now, and which
tables it has read from end to end, rewritten or written to. Nothing is guessed from what the statement says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations import Migration

from marelle.accounts.models import Attempt, Device
from marelle.activities.models import KeptQuota, Opening, Quota, SpanJudged
from marelle.attendance.models import Call, Mismatch, Tick
from marelle.billing.models import (
    Addressee,
    AnnouncedDebit,
    AssessedChild,
    AssessedMonth,
    ExportedBill,
    Invoice,
    InvoiceLine,
    Payment,
    Reminder,
    ReminderBill,
)
from marelle.bookings.models import (
    Absence,
    Attendance,
    Booking,
    BookingRequest,
    ClosedBooking,
    DeadlineTold,
)
from marelle.cases.models import Case, CaseNote
from marelle.files.models import StoredFile
from marelle.journal.models import ChainLink, Entry
from marelle.mail.models import Message as Mail
from marelle.messaging.models import Attachment, Message, NewsRecipient, Thread, ThreadRead

LARGE: Final[tuple[type[models.Model], ...]] = (
    Booking, Attendance, Absence, Tick, Opening, Quota, KeptQuota, Entry, ChainLink, Mail,
    Opening.quotas.through, NewsRecipient.mails.through, Reminder.mails.through, Addressee,
    InvoiceLine, Invoice, AssessedMonth, AssessedChild, ExportedBill, Payment, ReminderBill, AnnouncedDebit,
    BookingRequest, ClosedBooking, DeadlineTold, SpanJudged, Case, CaseNote, Call, Mismatch,
    Message, Thread, ThreadRead, Attachment, NewsRecipient, StoredFile, Attempt, Device,
)  # fmt: skip
"""Of what there is one for each home and day, month, act or message: past a million rows in a département."""

FEW: Final[dict[str, str]] = {
    "billing.Contest": "of the lines that somebody contests",
    "billing.LeftToRecover": "of the bills that are unpaid when an exercise closes",
    "bookings.AbsenceProof": "of the absences that somebody proves",
    "bookings.Passing": "of what is waited for, when somebody behind is given a place",
    "messaging.ThreadPass": "of the exchanges that were handed on",
    "papers.PaperPage": "some papers a home and a year",
    "papers.Publication": "what structures publish",
    "relay.Visit": "mornings of a relais, by adult",
}
"""What points at a row of a large table, and is not large itself: why."""

KEEP_WRITERS_OUT: Final = ["ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]

ROWS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
BY_INDEX: Final = {"enable_seqscan": "off", "enable_indexscan": "on", "enable_bitmapscan": "on"}
"""How statements about rows are run: of a table that holds a few rows, a batch found by its keys would be
looked for from end to end."""
FROM_END_TO_END: Final = {"enable_seqscan": "on", "enable_indexscan": "off", "enable_bitmapscan": "off"}
"""How all else is: a foreign key that is checked may go by an index, and reads all rows nevertheless."""

READ: Final = """
select relname, seq_scan, n_tup_ins + n_tup_upd + n_tup_del, pg_relation_filenode(relid)
from pg_stat_xact_user_tables where relname = any(%s)
"""
HELD: Final = """
select distinct relname from pg_locks join pg_class on pg_class.oid = relation
where pid = pg_backend_pid() and mode = any(%s) and relname = any(%s)
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of a table, within one transaction: how often it was read from end to end, how many rows were written,
    and the file that it lies in."""

    scans: int
    written: int
    file: int


@dataclass
class Watch:
    """Notes in `faults` what no migration may do; told of each as it begins (`progress_callback`)."""

    large: frozenset[str]
    faults: list[str] = field(default_factory=list)
    migration: Migration | None = None
    tables: list[str] = field(default_factory=list)

    def progress(self, action: str, migration: Migration | None = None, _fake: bool = False) -> None:
        if action == "apply_start" and migration is not None:
            self.begins(migration)

    def begins(self, migration: Migration) -> None:
        """Tables that it makes itself hold nothing yet."""
        self.migration = migration
        self.tables = sorted(self.large.intersection(connection.introspection.table_names()))

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if self.migration is None or "CONCURRENTLY" in str(sql).upper():
            return execute(sql, params, many, context)
        with nullcontext() if connection.in_atomic_block else transaction.atomic():
            self._run_by(BY_INDEX if str(sql).lstrip().upper().startswith(ROWS) else FROM_END_TO_END)
            before = self._seen()
            result = execute(sql, params, many, context)
            self._look(str(sql), before, self._seen())
        return result

    def _look(self, sql: str, before: dict[str, Seen], after: dict[str, Seen]) -> None:
        none = Seen(0, 0, 0)
        read, written = set(), set()
        for table, now in after.items():
            then = before.get(table, none)
            if now.scans > then.scans or (then.file and now.file != then.file):
                read.add(table)
            if now.written > then.written:
                written.add(table)
        locked = self._locked()
        if (read or written) and locked:
            self._fault(f"{_named(locked)} locked while {_named(read | written)} is gone through", sql)
        elif read & written:
            self._fault(f"{_named(read & written)} written from end to end by one statement", sql)
        elif written and _is_one_transaction(self.migration):
            self._fault(f"{_named(written)} written within the one transaction of a migration", sql)

    def _fault(self, what: str, sql: str) -> None:
        self.faults.append(f"{self.migration}: {what}: {' '.join(sql.split())[:110]}")

    def _run_by(self, how: dict[str, str]) -> None:
        self._asked("; ".join(f"set {name} = {value}" for name, value in how.items()))

    def _seen(self) -> dict[str, Seen]:
        return {row[0]: Seen(*row[1:]) for row in self._asked(READ, [self.tables])}

    def _locked(self) -> set[str]:
        return {name for (name,) in self._asked(HELD, [KEEP_WRITERS_OUT, self.tables])}

    @staticmethod
    def _asked(sql: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Past Django, so that it is not looked at itself."""
        with connection.connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall()) if cursor.description else []


def _named(tables: set[str]) -> str:
    return ", ".join(sorted(tables))


def _is_one_transaction(migration: Migration | None) -> bool:
    if migration is None:
        return False
    return migration.atomic or any(getattr(one, "atomic", None) is True for one in migration.operations)


@contextmanager
def watched(large: Iterable[str] = ()) -> Iterator[Watch]:
    """Look at each statement meanwhile, on PostgreSQL; at what it does to these tables, or to `LARGE`."""
    watch = Watch(frozenset(large) or frozenset(model._meta.db_table for model in LARGE))
    connection.ensure_connection()
    with connection.execute_wrapper(watch):
        yield watch
    with connection.cursor() as cursor:
        cursor.execute("reset all")


def as_many() -> set[str]:
    """Tables that `LARGE` does not name, and of which each row points at a row of one that it does."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        keys = [column for column in model._meta.concrete_fields if column.related_model in LARGE]
        if model not in LARGE and any(not column.null for column in keys):
            found.add(model._meta.label)
    return found
