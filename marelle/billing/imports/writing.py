"""Invoices of a file, and what was paid of them, written as they were planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from marelle.billing.imports.payments import PaymentPlan
from marelle.billing.imports.planning import InvoicePlan, Known, invoices_by_number
from marelle.billing.models import ImportRun, ImportTrail, Invoice, InvoiceLine
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, payments_add
from marelle.files.services import files_delete


def invoices_write(run: ImportRun, plan: InvoicePlan) -> None:
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
            for line in _lines(invoice, known, past=plan.past)
        ),
        batch_size=2_000,
    )


def paid_write(run: ImportRun, plan: InvoicePlan, now: datetime) -> None:
    """What another software says was paid of the invoices that are new, which nobody else sees yet."""
    paid = {known.draft.number: known.draft for known in plan.created if known.draft.paid}
    if not paid:
        return
    ids = {number: one.pk for number, one in invoices_by_number(run.authority_id, list(paid)).items()}
    added = (
        NewPayment(ids[number], draft.paid, draft.paid_on or draft.due_on, Means.STATE)
        for number, draft in paid.items()
    )
    payments_add(added, run=run, who=run.done_by, now=now)


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


def _lines(invoice: Invoice, known: Known, *, past: bool) -> Sequence[InvoiceLine]:
    """Of the last bills of another software the activity is known by its name, for what a year was paid."""
    activity_ids = known.activity_ids if past else (None,) * len(known.activity_ids)
    return [
        InvoiceLine(
            invoice=invoice,
            child_id=child_id,
            activity=line.activity,
            label=line.label,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
            food=line.food,
            minutes=line.minutes,
            of_activity_id=activity_id,
            order=order,
        )
        for order, (line, child_id, activity_id) in enumerate(
            zip(known.draft.lines, known.child_ids, activity_ids, strict=True), start=1
        )
    ]


def payments_write(run: ImportRun, plan: PaymentPlan, now: datetime) -> None:
    cancelled = [
        (invoice, settled.cancelled_on)
        for invoice, settled in plan.changed
        if settled.cancelled_on != invoice.cancelled_on
    ]
    days = [
        (invoice.pk, *(day and day.isoformat() for day in (invoice.cancelled_on, on)))
        for invoice, on in cancelled
    ]
    ImportTrail.objects.create(run=run, bills=plan.told, cancelled=days)
    for invoice, on in cancelled:
        invoice.cancelled_on = on
    Invoice.objects.bulk_update([invoice for invoice, _on in cancelled], ["cancelled_on"], batch_size=1_000)
    added = (
        NewPayment(invoice.pk, settled.paid - invoice.paid, settled.on, Means.STATE)
        for invoice, settled in plan.changed
    )
    payments_add(added, run=run, who=run.done_by, now=now)
