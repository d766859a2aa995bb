"""What was read of a file, kept aside between reading and confirming: nothing of it is read twice.

The first line, JSON, is the fingerprint of the file that was sent. After it come the rows of a table, JSON
too, the elements of an XML, or the PDFs of a ZIP: a line of JSON for each, followed by its clean content.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Final

from django.core.files.base import File
from django.core.files.storage import storages

from marelle.billing.imports import balances, drafts, mandates, parallel, payments
from marelle.billing.imports.balances import BalancesRead, balances_read
from marelle.billing.imports.drafts import InvoiceDraft, invoice_drafts, sums_said
from marelle.billing.imports.mandates import MandatesRead, mandates_read
from marelle.billing.imports.parallel import ParallelRead, parallel_read
from marelle.billing.imports.payments import Payment, payments_read
from marelle.billing.imports.pdfs import Pdf, pdfs_kept, pdfs_told
from marelle.billing.models import ImportRun
from marelle.billing.tresor import returns
from marelle.billing.tresor.returning import sender_check
from marelle.billing.tresor.returns import Returned, returned_read, returns_of_rows
from marelle.core.buckets import StoreAway
from marelle.core.clock import local
from marelle.core.tabular import FileUnreadable, Problem, Row
from marelle.files.apart import nodes_apart, rows_apart
from marelle.files.services import STORAGE

Kind = ImportRun.Kind

COLUMNS: Final = {
    Kind.INVOICES: drafts.COLUMNS,
    Kind.PAST: drafts.PAST_COLUMNS,
    Kind.PAYMENTS: payments.COLUMNS,
    Kind.TRESOR_CSV: returns.COLUMNS,
    Kind.BALANCES: balances.COLUMNS,
    Kind.MANDATES: mandates.COLUMNS,
    Kind.PARALLEL: parallel.COLUMNS,
}


@dataclass(frozen=True, slots=True)
class InvoicesSaid:
    """`theirs`: see `planning.invoices_planned`."""

    drafts: list[InvoiceDraft]
    problems: list[Problem]
    theirs: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class PaymentsSaid:
    payments: list[Payment]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class PdfsSaid:
    pdfs: tuple[Pdf | Problem, ...]


@dataclass(frozen=True, slots=True)
class ReturnsSaid:
    returned: Returned


Said = InvoicesSaid | PaymentsSaid | PdfsSaid | ReturnsSaid | BalancesRead | MandatesRead | ParallelRead
"""What a file says, before it is compared with what is there."""


def keep(run: ImportRun, content: bytes) -> None:
    """Read what was sent for a run, elsewhere, and keep what it says under its key. Raises FileUnreadable."""
    with TemporaryFile() as stream:
        _write_json(stream, {"sha256": run.sha256})
        if run.kind == Kind.PDFS:
            for head, body in pdfs_told(content):
                _write_json(stream, head)
                stream.write(body)
        elif run.kind == Kind.TRESOR:
            nodes = nodes_apart(content, returns.WANTED)
            sender_check(returned_read(nodes, local(run.prepared_at).date()).sender, run.authority)
            _write_json(stream, nodes)
        else:
            rows = rows_apart(content, COLUMNS[Kind(run.kind)])
            _write_json(stream, [[row.line, dict(row.cells), row.extra] for row in rows])
        stream.seek(0)
        storages[STORAGE].save(run.key, File(stream))


@contextmanager
def kept(run: ImportRun) -> Iterator[IO[bytes]]:
    """What is kept of a run, after its first line. Raises FileUnreadable, "forgotten"."""
    try:
        stream = storages[STORAGE].open(run.key, "rb")
    except StoreAway:
        raise
    except (OSError, ValueError) as error:
        raise FileUnreadable("forgotten") from error
    with stream:
        try:
            is_whole = json.loads(stream.readline()) == {"sha256": run.sha256}
        except ValueError:
            is_whole = False
        if not is_whole:
            raise FileUnreadable("forgotten")
        yield stream


def said(run: ImportRun, stream: IO[bytes], day: date) -> Said:
    """What the file of a run says; `day` is today. Of PDFs, all but their contents."""
    if run.kind == Kind.PDFS:
        return PdfsSaid(pdfs_kept(stream))
    if run.kind == Kind.TRESOR:
        return ReturnsSaid(returned_read(json.loads(stream.readline()), day))
    rows = [Row(line, cells, extra) for line, cells, extra in json.loads(stream.readline())]
    if run.kind == Kind.INVOICES:
        return InvoicesSaid(*invoice_drafts(rows, run.month or day.replace(day=1)))
    if run.kind == Kind.PAST:
        return InvoicesSaid(*invoice_drafts(rows, None, day=day), sums_said(rows))
    if run.kind == Kind.TRESOR_CSV:
        return ReturnsSaid(returns_of_rows(rows, day))
    if run.kind == Kind.BALANCES:
        return balances_read(rows, day)
    if run.kind == Kind.PARALLEL:
        return parallel_read(rows)
    if run.kind == Kind.MANDATES:
        return mandates_read(rows, day)
    return PaymentsSaid(*payments_read(rows, day))


def _write_json(stream: IO[bytes], said: object) -> None:
    stream.write(json.dumps(said).encode() + b"\n")
