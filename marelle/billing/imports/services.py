"""Importing in two steps: a file is read and kept aside, then written whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import IO, Any, Final

from django.db import transaction

from marelle.billing.imports.kept import InvoicesSaid, PaymentsSaid, ReturnsSaid, Said, keep, kept, said
from marelle.billing.imports.payments import PaymentPlan, payments_planned
from marelle.billing.imports.pdfs import Pdf, PdfPlan, pdfs_planned
from marelle.billing.imports.planning import InvoicePlan, Known, invoices_planned
from marelle.billing.imports.problems import MAX_PROBLEMS, MAX_ZIP_BYTES, ImportRefused
from marelle.billing.mails import tell_invoices
from marelle.billing.models import ImportRun, Invoice, InvoiceLine
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, bills_locked, payments_add
from marelle.billing.tresor.returning import ReturnPlan, returns_planned
from marelle.billing.tresor.returns_writing import returns_write
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.core.tabular import MAX_CSV_BYTES, FileUnreadable, Problem
from marelle.families.locks import homes_locked
from marelle.files.models import StoredFile
from marelle.files.rules import Cleaned, shown_as_sent
from marelle.files.rules import Kind as FileKind
from marelle.files.scanning import content_read
from marelle.files.services import CheckedFile, Upload, contents_forget, file_put, files_delete, files_unput
from marelle.journal.services import record
from marelle.places.models import Authority
from marelle.places.scope import in_office

Kind = ImportRun.Kind
Plan = InvoicePlan | PaymentPlan | PdfPlan | ReturnPlan

KEPT: Final = timedelta(days=1)
"""How long a file that was read waits to be imported."""

VERBS: Final = {
    Kind.INVOICES: "invoices.imported",
    Kind.PDFS: "invoices.pdfs_imported",
    Kind.PAYMENTS: "invoices.payments_imported",
    Kind.TRESOR: "invoices.returns_imported",
    Kind.TRESOR_CSV: "invoices.returns_imported",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a run would do. `already` is the run that imported this very file, and then nothing is to do.

    `problems` are the first ones, `problem_count` counts them all.
    """

    counts: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    already: ImportRun | None = None


def import_prepare(
    *,
    actor: Actor,
    authority_id: int,
    kind: str,
    month: date | None,
    correction: bool,
    upload: Upload,
    now: datetime,
) -> ImportRun:
    """Read a file and keep aside what it says until it is imported or forgotten; nothing of it is written.

    `month` (its first day) is for invoices. Raises NotYours for an authority whose office the actor is not,
    FileUnreadable. It may take a minute: never in a transaction.
    """
    authority = Authority.objects.filter(in_office(actor), pk=authority_id).first()
    if authority is None:
        raise NotYours
    limit = MAX_ZIP_BYTES if kind == Kind.PDFS else MAX_CSV_BYTES
    if upload.size is not None and upload.size > limit:
        raise FileUnreadable("too_big", limit=limit)
    content = content_read(upload)
    if not content.strip():
        raise FileUnreadable("empty")
    run = ImportRun(
        authority=authority,
        kind=kind,
        month=month if kind == Kind.INVOICES else None,
        correction=correction,
        file_name=shown_as_sent(upload.name or ""),
        sha256=sha256(content).hexdigest(),
        key=f"imports/{secrets.token_hex(20)}",
        prepared_at=now,
        prepared_by=actor.label[:200],
    )
    if _already(run) is None:
        keep(run, content)
    with transaction.atomic():
        imports_forget(now=now)
        run.save()
    return run


def import_report(*, actor: Actor, run_id: int, now: datetime) -> tuple[ImportRun, Report]:
    """What the run would do now; writes nothing. Raises NotYours, FileUnreadable."""
    run = ImportRun.objects.filter(in_office(actor, "authority__"), pk=run_id).first()
    if run is None:
        raise NotYours
    if run.done_at is not None:
        return run, Report(counts=run.counts)
    already = _already(run)
    if already is not None:
        return run, Report(counts=already.counts, already=already)
    day = local(now).date()
    with kept(run) as stream:
        plan = _planned(run, said(run, stream, day), day)
    return run, Report(plan.counts, tuple(plan.problems[:MAX_PROBLEMS]), len(plan.problems))


def import_confirm(*, actor: Actor, run_id: int, tell: bool, now: datetime) -> ImportRun:
    """Write what the run says, whole or not at all, and tell the homes that have a new invoice (`tell`).

    A run that is done is answered as it is, so that a second click changes nothing. An agent imports the
    accounts of everybody as the authority's software wrote them: that its own invoice is among them is no
    decision of its own. Raises NotYours, FileUnreadable, ImportRefused.
    """
    found = ImportRun.objects.filter(in_office(actor, "authority__"), pk=run_id).first()
    if found is None:
        raise NotYours
    if found.done_at is not None:
        return found
    if _already(found) is not None:
        raise ImportRefused("already")
    day = local(now).date()
    try:
        with kept(found) as stream:
            read = said(found, stream, day)
            contents = _Contents(actor, stream, now)
            # Before the lock: nobody waits while files are written.
            contents.put(_planned(found, read, day))
            with contents:
                return _confirmed(actor, found, read, contents, tell=tell, now=now)
    except FileUnreadable:
        # A colleague's confirmation, or a second click, was faster.
        done = ImportRun.objects.filter(pk=run_id, done_at__isnull=False).first()
        if done is None:
            raise
        return done


@transaction.atomic
def _confirmed(
    actor: Actor, found: ImportRun, read: Said, contents: _Contents, *, tell: bool, now: datetime
) -> ImportRun:
    # Two imports for one authority wait for each other here, so that the second sees the first.
    Authority.objects.select_for_update(no_key=True).get(pk=found.authority_id)
    run = ImportRun.objects.get(pk=found.pk)
    if run.done_at is not None:
        return run
    if _already(run) is not None:
        raise ImportRefused("already")
    run.done_at = now
    run.done_by = actor.label[:200]
    plan = _written(run, read, contents, tell=tell, now=now)
    run.counts = plan.counts
    contents_forget([run.key])
    run.key = ""
    run.save(update_fields=["counts", "done_at", "done_by", "key"])
    record(
        actor=actor,
        verb=VERBS[Kind(run.kind)],
        subject=Subject("import", run.pk, run.file_name),
        data=run.counts,
        now=now,
    )
    return run


@transaction.atomic
def import_drop(*, actor: Actor, run_id: int) -> bool:
    """Forget a file that was read and not imported; false when it was imported, or is not there.

    Raises NotYours.
    """
    run = ImportRun.objects.filter(in_office(actor, "authority__"), pk=run_id).first()
    if run is None:
        raise NotYours
    dropped = ImportRun.objects.filter(pk=run.pk, done_at__isnull=True).delete()[0] == 1
    if dropped:
        contents_forget([run.key])
    return dropped


def imports_forget(*, now: datetime) -> int:
    """Delete the files that were read and never imported, once they have waited for `KEPT`."""
    stale = ImportRun.objects.filter(done_at__isnull=True, prepared_at__lte=now - KEPT)
    rows = list(stale.values_list("pk", "key"))
    if not rows:
        return 0
    with transaction.atomic():
        count, _by_model = ImportRun.objects.filter(
            pk__in=[pk for pk, _key in rows], done_at__isnull=True
        ).delete()
        contents_forget([key for _pk, key in rows])
    return count


def _planned(run: ImportRun, read: Said, day: date) -> Plan:
    where, correction = run.authority_id, run.correction
    if isinstance(read, InvoicesSaid):
        return invoices_planned(read.drafts, read.problems, authority_id=where, correction=correction)
    if isinstance(read, PaymentsSaid):
        return payments_planned(
            read.payments, read.problems, authority_id=where, correction=correction, day=day
        )
    if isinstance(read, ReturnsSaid):
        return returns_planned(read.returned, authority_id=where)
    return pdfs_planned(read.pdfs, authority_id=where, correction=correction)


def _written(run: ImportRun, read: Said, contents: _Contents, *, tell: bool, now: datetime) -> Plan:
    plan = _planned(run, read, local(now).date())
    if isinstance(plan, InvoicePlan) and not _homes_locked(plan):
        plan = _planned(run, read, local(now).date())
    if isinstance(plan, PaymentPlan | ReturnPlan):
        # Looked at again: a credit note may have been issued, and a payment given, until they were held.
        bills_locked(plan.bill_ids)
        plan = _planned(run, read, local(now).date())
    if plan.problems:
        raise ImportRefused("problems", count=len(plan.problems))
    if isinstance(plan, InvoicePlan):
        _write_invoices(run, plan)
        if tell:
            tell_invoices(
                authority=run.authority,
                month=run.month,
                family_ids={known.family_id for known in plan.to_write},
                corrected=run.correction,
                now=now,
            )
    elif isinstance(plan, PaymentPlan):
        _write_payments(run, plan, now)
    elif isinstance(plan, ReturnPlan):
        returns_write(run, plan, now)
    else:
        _write_pdfs(plan, contents)
    return plan


def _homes_locked(plan: InvoicePlan) -> bool:
    """The homes that are billed, before anything is written. False when one of them has just gone into
    another file: the plan is to be made again."""
    billed = {known.family_id for known in plan.to_write}
    return {home.pk for home in homes_locked(billed)} == billed


def _write_invoices(run: ImportRun, plan: InvoicePlan) -> None:
    created = [Invoice(authority_id=run.authority_id) for _known in plan.created]
    corrected = [invoice for invoice, _known in plan.corrected]
    knowns = plan.to_write
    for invoice, known in zip([*created, *corrected], knowns, strict=True):
        _fill(invoice, known, run)
    stale = [invoice.pdf_id for invoice in corrected if invoice.pdf_id is not None]
    for invoice in corrected:
        invoice.pdf = None
        invoice.pdf_source = ""
    Invoice.objects.bulk_create(created, batch_size=1_000)
    Invoice.objects.bulk_update(corrected, [*FILLED, "pdf", "pdf_source"], batch_size=500)
    files_delete(ids=stale)
    InvoiceLine.objects.filter(invoice__in=[invoice.pk for invoice in corrected]).delete()
    InvoiceLine.objects.bulk_create(
        (
            line
            for invoice, known in zip([*created, *corrected], knowns, strict=True)
            for line in _lines(invoice, known)
        ),
        batch_size=2_000,
    )


FILLED: Final = (
    "structure",
    "family",
    "number",
    "month",
    "kind",
    "issued_on",
    "due_on",
    "total",
    "fingerprint",
    "imported_in",
)


def _fill(invoice: Invoice, known: Known, run: ImportRun) -> None:
    draft = known.draft
    invoice.structure_id = known.structure_id
    invoice.family_id = known.family_id
    invoice.number = draft.number
    invoice.month = draft.month
    invoice.kind = draft.kind
    invoice.issued_on = draft.issued_on
    invoice.due_on = draft.due_on
    invoice.total = draft.total
    invoice.fingerprint = known.fingerprint
    invoice.imported_in = run


def _lines(invoice: Invoice, known: Known) -> Sequence[InvoiceLine]:
    return [
        InvoiceLine(
            invoice=invoice,
            child_id=child_id,
            activity=line.activity,
            label=line.label,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
            order=order,
        )
        for order, (line, child_id) in enumerate(
            zip(known.draft.lines, known.child_ids, strict=True), start=1
        )
    ]


def _write_payments(run: ImportRun, plan: PaymentPlan, now: datetime) -> None:
    cancelled = [
        (invoice, settled.cancelled_on)
        for invoice, settled in plan.changed
        if settled.cancelled_on != invoice.cancelled_on
    ]
    for invoice, on in cancelled:
        invoice.cancelled_on = on
    Invoice.objects.bulk_update([invoice for invoice, _on in cancelled], ["cancelled_on"], batch_size=1_000)
    added = (
        NewPayment(invoice.pk, settled.paid - invoice.paid, settled.on, Means.STATE)
        for invoice, settled in plan.changed
    )
    payments_add(added, run=run, who=run.done_by, now=now)


def _write_pdfs(plan: PdfPlan, contents: _Contents) -> None:
    stale = [invoice.pdf_id for invoice, _pdf in plan.to_write if invoice.pdf_id is not None]
    rows = []
    for invoice, pdf in plan.to_write:
        row = contents.taken(pdf)
        row.family_id = invoice.family_id
        rows.append(row)
    StoredFile.objects.bulk_create(rows, batch_size=500)
    for row, (invoice, pdf) in zip(rows, plan.to_write, strict=True):
        invoice.pdf = row
        invoice.pdf_source = pdf.source
    Invoice.objects.bulk_update(
        [invoice for invoice, _pdf in plan.to_write], ["pdf", "pdf_source"], batch_size=500
    )
    files_delete(ids=stale)


class _Contents:
    """PDFs written to the storage, one in memory at a time; on leaving, those that nothing took go."""

    def __init__(self, actor: Actor, stream: IO[bytes], now: datetime) -> None:
        self.actor, self.stream, self.now = actor, stream, now
        self.left: dict[str, StoredFile] = {}

    def put(self, plan: Plan) -> None:
        """Write what a plan without problems would attach."""
        if isinstance(plan, PdfPlan) and not plan.problems:
            for _invoice, pdf in plan.to_write:
                self.left[pdf.number] = self._written(pdf)

    def taken(self, pdf: Pdf) -> StoredFile:
        """The row to save; written now where the first look did not foresee it."""
        return self.left.pop(pdf.number, None) or self._written(pdf)

    def _written(self, pdf: Pdf) -> StoredFile:
        self.stream.seek(pdf.start)
        sent = Cleaned(self.stream.read(pdf.size), FileKind.PDF, pdf.pages)
        return file_put(actor=self.actor, upload=CheckedFile(f"{pdf.number}.pdf", sent), now=self.now)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_error: object) -> None:
        files_unput(self.left.values())


def _already(run: ImportRun) -> ImportRun | None:
    """The run that imported the same file, unless this one is to put its content back by a correction."""
    if run.correction:
        return None
    same = ImportRun.objects.filter(
        authority_id=run.authority_id, kind=run.kind, sha256=run.sha256, done_at__isnull=False
    )
    return same.order_by("-done_at").first()
