"""From what was previewed to bills: numbered in their order, written as they stand, told to the homes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marelle.billing.bill_lines import WrittenLine, written_read
from marelle.billing.mails import tell_invoices
from marelle.billing.models import (
    Assessment,
    BillingRun,
    Invoice,
    InvoiceCounter,
    InvoiceLine,
    Share,
)
from marelle.billing.runs.addressing import addressees_write, homes_addressed
from marelle.billing.runs.children import children_of
from marelle.billing.runs.services import number_of
from marelle.core.actor import Actor
from marelle.core.sealed import opened
from marelle.core.subject import Subject
from marelle.journal.services import Act, record, record_many

State = BillingRun.State


def to_issue(run_id: int, at_most: int) -> list[tuple[int, int]]:
    """Id and home of the assessments whose turn it is, in their order; none once the run is stopped."""
    rows = Assessment.objects.filter(
        run_id=run_id, run__state=State.ISSUING, run__paused=False, state=Assessment.State.READY
    )
    return list(rows.order_by("place").values_list("pk", "family_id")[:at_most])


def run_issuing(run_id: int) -> BillingRun | None:
    """The run, locked until the transaction ends: the caller holds the homes already. None once it is not
    being issued."""
    rows = BillingRun.objects.select_for_update(of=("self",)).select_related("authority")
    return rows.filter(pk=run_id, state=State.ISSUING, paused=False).first()


def ready(run: BillingRun, ids: Collection[int]) -> list[Assessment]:
    """Those of these assessments that nobody has issued meanwhile."""
    return list(run.assessments.filter(pk__in=ids, state=Assessment.State.READY).order_by("place"))


def assessments_issue(
    *, run: BillingRun, rows: Sequence[Assessment], changed: Collection[int], now: datetime
) -> int:
    """Write the bills of `rows`, which the caller has found to be as they were previewed, but for those whose
    home is in `changed`: these are left out. In the caller's transaction, which holds the homes and the run.

    Returns how many bills.
    """
    left_out = [row.pk for row in rows if row.family_id in changed]
    issued = [row for row in rows if row.family_id not in changed]
    Assessment.objects.filter(pk__in=left_out).update(state=Assessment.State.LEFT_OUT)
    Assessment.objects.filter(pk__in=[row.pk for row in issued]).update(state=Assessment.State.SETTLED)
    bills = _bills(run, issued)
    Invoice.objects.bulk_create(invoice for invoice, _shares in bills)
    homes = homes_addressed({invoice.family_id for invoice, _shares in bills}, run.issued_on)
    addressees_write((invoice, homes[invoice.family_id]) for invoice, _shares in bills)
    children = children_of({share.assessment_id for _invoice, shares in bills for share in shares})
    InvoiceLine.objects.bulk_create(
        (line for invoice, shares in bills for line in _lines(invoice, shares, children)), batch_size=2_000
    )
    for invoice, shares in bills:
        for share in shares:
            share.state, share.invoice = Share.State.BILLED, invoice
    Share.objects.bulk_update([one for _invoice, them in bills for one in them], ["state", "invoice"])
    _tell(run, [invoice for invoice, _shares in bills], now)
    return len(bills)


@transaction.atomic
def run_end(*, run_id: int, now: datetime) -> bool:
    """Once nothing of it waits any more."""
    run = run_issuing(run_id)
    if run is None or run.assessments.filter(state=Assessment.State.READY).exists():
        return False
    run.state, run.ended_at = State.ISSUED, now
    run.save(update_fields=["state", "ended_at"])
    subject = Subject("billing_run", run.pk, run.authority.name)
    data = {"month": run.month.isoformat(), "bills": run.invoices.count()}
    record(actor=_whom(run), verb="billing_run.issued", subject=subject, data=data, now=now)
    return True


def _bills(run: BillingRun, rows: Sequence[Assessment]) -> list[tuple[Invoice, list[Share]]]:
    """One for each share that is to be sent, with those that waited for it, the oldest first."""
    shares = Share.objects.filter(assessment__in=[row.pk for row in rows], state__in=TO_SEND)
    brought = Share.objects.filter(goes_with__in=shares, state=Share.State.WAITING)
    waited: dict[int, list[Share]] = {}
    for one in brought.order_by("pk"):
        waited.setdefault(one.goes_with_id or 0, []).append(one)
    homes = {row.pk: row.family_id for row in rows}
    found, nil = [], []
    for share in shares.order_by("assessment__place", "regie"):
        together = [*waited.get(share.pk, ()), share]
        if share.state == Share.State.NIL:
            nil += [one.pk for one in together]
        else:
            found.append((_bill(run, homes[share.assessment_id], share, together), together))
    Share.objects.filter(pk__in=nil).update(state=Share.State.NIL)
    _number(run, [invoice for invoice, _shares in found])
    return found


TO_SEND = (Share.State.READY, Share.State.NIL)


def _bill(run: BillingRun, family_id: int, share: Share, together: Sequence[Share]) -> Invoice:
    return Invoice(
        authority_id=run.authority_id,
        family_id=family_id,
        month=run.month,
        kind=Invoice.Kind.MONTHLY,
        issued_on=run.issued_on,
        due_on=run.due_on,
        total=sum((one.total for one in together), Decimal("0.00")),
        run=run,
        regie=share.regie,
    )


def _number(run: BillingRun, invoices: Sequence[Invoice]) -> None:
    """Without a gap: the counter is locked until the transaction ends."""
    if not invoices:
        return
    counter = InvoiceCounter.objects.select_for_update().get(
        authority_id=run.authority_id, exercise=run.exercise
    )
    for rank, invoice in enumerate(invoices, counter.last + 1):
        invoice.number = number_of(run.exercise, rank)
    counter.last += len(invoices)
    counter.save(update_fields=["last"])


def _lines(
    invoice: Invoice, shares: Sequence[Share], children: Mapping[int, Mapping[int, int]]
) -> Iterator[InvoiceLine]:
    written = (
        line.renamed(children.get(share.assessment_id, {}))
        for share in shares
        for line in written_read(opened(share.lines))
    )
    for order, line in enumerate(written, start=1):
        yield _invoice_line(invoice, line, order)


def _invoice_line(invoice: Invoice, line: WrittenLine, order: int) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice,
        child_id=line.child_id,
        activity=line.activity,
        label=line.label,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        order=order,
        of_activity_id=line.activity_id,
        days=[day.isoformat() for day in line.days],
        account=line.ledger.account,
        budget=line.ledger.budget,
        vat=line.ledger.vat,
        food=line.food,
    )


def _tell(run: BillingRun, invoices: Sequence[Invoice], now: datetime) -> None:
    if not invoices:
        return
    acts = [Act("invoice.issued", Subject("invoice", one.pk, one.number), one.family_id) for one in invoices]
    record_many(actor=_whom(run), acts=acts, now=now)
    homes = {one.family_id for one in invoices}
    tell_invoices(authority=run.authority, month=run.month, family_ids=homes, now=now)


def _whom(run: BillingRun) -> Actor:
    """The agent who confirmed the run, for the journal."""
    return Actor(None, run.confirmed_by)
