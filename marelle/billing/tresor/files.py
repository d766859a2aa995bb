"""Writing the files whose numbers are taken: by the worker, from rows that nothing changes any more."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Final

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction

from marelle.billing.models import ExportedBill, TresorExport, TresorTerms
from marelle.billing.tresor.csv import CsvExporter
from marelle.billing.tresor.debiting import debit_of
from marelle.billing.tresor.making import piece_of
from marelle.billing.tresor.pes import PesExporter
from marelle.billing.tresor.pieces import Bordereau, Exporter, Numbers, Piece, Sort
from marelle.billing.tresor.reading import AT_ONCE, bills_read
from marelle.billing.tresor.report import head_read
from marelle.billing.tresor.texts import text_of
from marelle.core.fate import is_lost
from marelle.core.french import month_text
from marelle.core.sealed import CannotOpen
from marelle.files.models import StoredFile
from marelle.files.services import STORAGE, open_content

logger = logging.getLogger(__name__)

EXPORTERS: Final[dict[str, Exporter]] = {
    TresorTerms.Layout.PES: PesExporter(),
    TresorTerms.Layout.CSV: CsvExporter(),
}


def exports_write(*, now: datetime) -> int:  # noqa: ARG001 - as every job of the worker has it
    """Write those that are still to be written; for the worker. Returns how many."""
    waiting = TresorExport.objects.filter(key="", cancelled_at=None).order_by("pk")
    return sum(_written(one) for one in waiting)


def _written(export: TresorExport) -> bool:
    """False for one whose PDF the storage has lost, or of which no key opens an account: the files after it
    are written all the same."""
    try:
        return export_write(export)
    except FileNotFoundError:
        logger.exception("A PDF of export %d is lost", export.pk)
    except CannotOpen:
        logger.exception("An account of export %d is sealed by a key that is not here", export.pk)
    return False


def export_write(export: TresorExport) -> bool:
    """Write the file of one, which any worker may do: the first to end it wins."""
    key = f"tresor/{secrets.token_hex(20)}"
    with TemporaryFile() as made:
        _write(made, export)
        size = made.tell()
        made.seek(0)
        sha256 = hashlib.file_digest(made, "sha256").hexdigest()
        made.seek(0)
        storages[STORAGE].save(key, File(made))
    try:
        with transaction.atomic():
            rows = TresorExport.objects.filter(pk=export.pk, key="", cancelled_at=None)
            kept = rows.update(key=key, size=size, sha256=sha256)
    except BaseException as error:
        if not is_lost(error):
            storages[STORAGE].delete(key)
        raise
    if not kept:
        storages[STORAGE].delete(key)
    return bool(kept)


def export_open(export: TresorExport) -> IO[bytes]:
    """To be closed by the caller. Raises FileNotFoundError when the storage has lost it."""
    return storages[STORAGE].open(export.key, "rb")


def export_name(export: TresorExport) -> str:
    return f"{_bordereau(export).name}.{EXPORTERS[export.layout].ending}"


def _write(out: IO[bytes], export: TresorExport) -> None:
    EXPORTERS[export.layout].write(
        out, _bordereau(export), lambda: _pieces(export), _Contents(export).content
    )


def _bordereau(export: TresorExport) -> Bordereau:
    sender, _terms = head_read(export.head)
    return Bordereau(
        sort=Sort(export.sort),
        sender=sender,
        exercise=export.exercise,
        number=export.number,
        issued_on=export.issued_on,
        label=text_of(f"Enfance et jeunesse - {month_text(export.month)}", 160),
        count=export.count,
        net=export.net,
        tax=export.tax,
    )


def _pieces(export: TresorExport) -> Iterator[Piece]:
    sender, terms = head_read(export.head)
    for rows in _batches(export):
        civilities = {row.invoice_id: row.civility for row in rows}
        bills = bills_read([row.invoice_id for row in rows], civilities)
        for row, (_invoice, bill) in zip(rows, bills, strict=True):
            yield piece_of(
                bill,
                Numbers(row.piece, row.debt),
                sort=Sort(export.sort),
                exercise=export.exercise,
                sender=sender,
                terms=terms,
                debit=debit_of(bill, row.drawn_on, row.sequence) if row.drawn_on else None,
            )


def _batches(export: TresorExport) -> Iterator[list[ExportedBill]]:
    last = 0
    while rows := list(export.bills.filter(piece__gt=last).order_by("piece")[:AT_ONCE]):
        last = rows[-1].piece
        yield rows


class _Contents:
    """The PDFs of an export, of which the rows are read some at a time, in the order of the pieces."""

    def __init__(self, export: TresorExport) -> None:
        self._export = export
        self._rows: dict[int, StoredFile] = {}
        self._batches = _batches(export)

    def content(self, invoice_id: int) -> bytes:
        if invoice_id not in self._rows:
            ids = [row.invoice_id for row in next(self._batches)]
            files = StoredFile.objects.filter(invoices__in=ids).prefetch_related("invoices")
            self._rows = {one.pk: stored for stored in files for one in stored.invoices.all()}
        with open_content(self._rows[invoice_id]) as content:
            return content.read()
