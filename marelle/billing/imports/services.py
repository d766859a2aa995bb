"""Importing in two steps: a file is read and kept aside, then written whole or not at all."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import IO, Any, Final

from django.db import transaction
from django.db.models import Q

from marelle.billing.imports.balances import BalancePlan, BalancesRead, balances_planned
from marelle.billing.imports.balances_writing import balances_held, balances_write
from marelle.billing.imports.kept import InvoicesSaid, PaymentsSaid, ReturnsSaid, Said, keep, kept, said
from marelle.billing.imports.mandates import MandatePlan, MandatesRead, NewMandate, mandates_planned
from marelle.billing.imports.mandates_writing import mandates_held, mandates_write
from marelle.billing.imports.parallel import ParallelRead
from marelle.billing.imports.payments import PaymentPlan, payments_planned
from marelle.billing.imports.pdfs import Pdf, PdfPlan, pdfs_planned
from marelle.billing.imports.planning import (
    InvoicePlan,
    invoices_by_number,
    invoices_planned,
    sides_of,
)
from marelle.billing.imports.problems import MAX_PROBLEMS, MAX_ZIP_BYTES, ImportRefused
from marelle.billing.imports.sides import Side, sides_kept
from marelle.billing.imports.writing import invoices_write, paid_write, payments_write
from marelle.billing.mails import tell_invoices
from marelle.billing.mandates.rules import may_check
from marelle.billing.models import ImportRun, Invoice
from marelle.billing.payments import bills_locked
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
Plan = InvoicePlan | PaymentPlan | PdfPlan | ReturnPlan | BalancePlan | MandatePlan

KEPT: Final = timedelta(days=1)
"""How long a file that was read waits to be imported."""

COMPARED: Final = timedelta(days=7)
"""How long one of a parallel month is there to be looked at."""

OF_A_MONTH: Final = (Kind.INVOICES, Kind.PARALLEL)

VERBS: Final = {
    Kind.INVOICES: "invoices.imported",
    Kind.PAST: "invoices.past_imported",
    Kind.PDFS: "invoices.pdfs_imported",
    Kind.PAYMENTS: "invoices.payments_imported",
    Kind.TRESOR: "invoices.returns_imported",
    Kind.TRESOR_CSV: "invoices.returns_imported",
    Kind.BALANCES: "invoices.balances_imported",
    Kind.MANDATES: "invoices.mandates_imported",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a run would do. `already` is the run that imported this very file, and then nothing is to do.

    `problems` are the first ones, `problem_count` counts them all. `mandates`: those that would be
    written, for who checks them.
    """

    counts: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    already: ImportRun | None = None
    mandates: tuple[NewMandate, ...] = ()


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

    `month` (its first day) is for invoices, and for a parallel month. Raises NotYours for an authority whose
    office the actor is not, FileUnreadable. It may take a minute: never in a transaction.
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
        month=month if kind in OF_A_MONTH else None,
        correction=correction,
        file_name=shown_as_sent(upload.name or ""),
        sha256=sha256(content).hexdigest(),
        key=f"imports/{secrets.token_hex(20)}",
        prepared_at=now,
        prepared_by=actor.label[:200],
        prepared_account_id=actor.user_id,
    )
    if _already(run) is None:
        keep(run, content)
    with transaction.atomic():
        imports_forget(now=now)
        run.save()
    return run


def import_report(*, actor: Actor, run_id: int, now: datetime) -> tuple[ImportRun, Report]:
    """What the run would do now; writes nothing. Raises NotYours, FileUnreadable."""
    run = _to_import(actor, run_id)
    if run.done_at is not None:
        return run, Report(counts=run.counts)
    already = _already(run)
    if already is not None:
        return run, Report(counts=already.counts, already=already)
    day = local(now).date()
    with kept(run) as stream:
        plan = _planned(run, said(run, stream, day), day)
    mandates = tuple(plan.created) if isinstance(plan, MandatePlan) else ()
    return run, Report(
        plan.counts, tuple(plan.problems[:MAX_PROBLEMS]), len(plan.problems), mandates=mandates
    )


def import_confirm(*, actor: Actor, run_id: int, tell: bool, now: datetime) -> ImportRun:
    """Write what the run says, whole or not at all, and tell the homes that have a new invoice (`tell`).

    A run that is done is answered as it is, so that a second click changes nothing. An agent imports the
    accounts of everybody as the authority's software wrote them: that its own invoice is among them is no
    decision of its own. Raises NotYours, FileUnreadable, ImportRefused.
    """
    found = _to_import(actor, run_id)
    if found.done_at is not None:
        return found
    if _already(found) is not None:
        raise ImportRefused("already")
    if not import_may_confirm(actor, found):
        raise ImportRefused("same_person")
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


def _to_import(actor: Actor, run_id: int) -> ImportRun:
    """Raises NotYours, also for a parallel month, of which nothing is imported."""
    rows = ImportRun.objects.filter(in_office(actor, "authority__")).exclude(kind=Kind.PARALLEL)
    run = rows.filter(pk=run_id).first()
    if run is None:
        raise NotYours
    return run


def import_may_confirm(actor: Actor, run: ImportRun) -> bool:
    """Whether the actor may have it written: of mandates, a second person does, as of any account that an
    agent has typed (`mandates.rules.may_check`)."""
    if run.kind != Kind.MANDATES:
        return True
    return may_check(account=actor.user_id, noted_account=run.prepared_account_id)


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
    plan = _written(actor, run, read, contents, tell=tell, now=now)
    run.counts = _counted(run, plan)
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


def _counted(run: ImportRun, plan: Plan) -> dict[str, Any]:
    """What was done. What Marelle holds beside the sums of the file is added up from the rows themselves."""
    counts = plan.counts
    if isinstance(plan, InvoicePlan) and plan.past:
        numbers = [*plan.known, *(one.draft.number for one in plan.to_write)]
        rows = invoices_by_number(run.authority_id, numbers).values()
        counts["sides"] = sides_kept(sides_of(plan.theirs, [(row.total, row.paid) for row in rows]))
    if isinstance(plan, BalancePlan):
        ours = balances_held(run.authority_id, plan.homes)
        sides = (Side(one.code, one.theirs, held) for one, held in zip(plan.sides, ours, strict=True))
        counts["sides"] = sides_kept(sides)
    if isinstance(plan, MandatePlan):
        counts["sides"] = sides_kept(mandates_held(run, plan))
    return counts


@transaction.atomic
def import_remind(*, actor: Actor, run_id: int, now: datetime) -> ImportRun:
    """Say that what a run brought may be reminded of, once it is late. Raises NotYours."""
    rows = ImportRun.objects.select_for_update(no_key=True, of=("self",)).filter(
        in_office(actor, "authority__")
    )
    run = rows.filter(pk=run_id, kind__in=ImportRun.MOVED_IN, done_at__isnull=False).first()
    if run is None:
        raise NotYours
    if not run.reminds:
        run.reminds = True
        run.save(update_fields=["reminds"])
        subject = Subject("import", run.pk, run.file_name)
        record(actor=actor, verb="invoices.reminders_allowed", subject=subject, now=now)
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
    """Delete the files that were read and never imported, once they have waited for `KEPT`, or `COMPARED`."""
    waited = Q(prepared_at__lte=now - KEPT) & ~Q(kind=Kind.PARALLEL) | Q(prepared_at__lte=now - COMPARED)
    stale = ImportRun.objects.filter(waited, done_at__isnull=True)
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
        return invoices_planned(
            read.drafts, read.problems, authority_id=where, correction=correction, theirs=read.theirs
        )
    if isinstance(read, PaymentsSaid):
        return payments_planned(
            read.payments, read.problems, authority_id=where, correction=correction, day=day
        )
    if isinstance(read, MandatesRead):
        return mandates_planned(read, authority_id=where, day=day)
    if isinstance(read, BalancesRead):
        return balances_planned(read, authority_id=where, correction=correction, day=day)
    if isinstance(read, ReturnsSaid):
        return returns_planned(read.returned, authority_id=where)
    if isinstance(read, ParallelRead):
        raise NotYours
    return pdfs_planned(read.pdfs, authority_id=where, correction=correction)


def _written(
    actor: Actor, run: ImportRun, read: Said, contents: _Contents, *, tell: bool, now: datetime
) -> Plan:
    plan = _planned(run, read, local(now).date())
    if isinstance(plan, InvoicePlan) and not _homes_locked({one.family_id for one in plan.to_write}):
        plan = _planned(run, read, local(now).date())
    if isinstance(plan, MandatePlan):
        # One that the home has accepted meanwhile is seen.
        _homes_locked(plan.family_ids)
        plan = _planned(run, read, local(now).date())
    if isinstance(plan, BalancePlan):
        # Looked at again under the locks: a payment, or a bill that takes a credit off, may have come.
        _homes_locked(plan.family_ids)
        bills_locked(plan.bill_ids)
        plan = _planned(run, read, local(now).date())
    if isinstance(plan, PaymentPlan | ReturnPlan):
        # Looked at again: a credit note may have been issued, and a payment given, until they were held.
        bills_locked(plan.bill_ids)
        plan = _planned(run, read, local(now).date())
    if plan.problems:
        raise ImportRefused("problems", count=len(plan.problems))
    if isinstance(plan, InvoicePlan):
        invoices_write(run, plan)
        paid_write(run, plan, now)
        if tell:
            _tell(run, plan, now)
    elif isinstance(plan, PaymentPlan):
        payments_write(run, plan, now)
    elif isinstance(plan, ReturnPlan):
        returns_write(run, plan, now)
    elif isinstance(plan, BalancePlan):
        balances_write(run, plan, now)
    elif isinstance(plan, MandatePlan):
        mandates_write(actor, run, plan, tell=tell, now=now)
    else:
        _write_pdfs(plan, contents)
    return plan


def _tell(run: ImportRun, plan: InvoicePlan, now: datetime) -> None:
    """One mail a home: of several months, it names the last."""
    newest: dict[int, date] = {}
    for known in plan.to_write:
        newest[known.family_id] = max(known.draft.month, newest.get(known.family_id, date.min))
    for month in sorted(set(newest.values())):
        homes = {family_id for family_id, last in newest.items() if last == month}
        tell_invoices(
            authority=run.authority, month=month, family_ids=homes, corrected=run.correction, now=now
        )


def _homes_locked(billed: set[int]) -> bool:
    """The homes that are billed, before anything is written. False when one of them has just gone into
    another file: the plan is to be made again."""
    return {home.pk for home in homes_locked(billed)} == billed


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
        authority_id=run.authority_id,
        kind=run.kind,
        sha256=run.sha256,
        done_at__isnull=False,
        undone_at=None,
    )
    return same.order_by("-done_at").first()
