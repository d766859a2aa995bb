"""From what was previewed to bills: numbered in their order, written as they stand, told to the homes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F

from marelle.billing.bill_lines import WrittenLine, written_read
from marelle.billing.mails import tell_invoices, tell_payers
from marelle.billing.mandates.announcing import debits_announce
from marelle.billing.models import (
    Assessment,
    BillingRun,
    Invoice,
    InvoiceCounter,
    InvoiceLine,
    Payer,
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
    rows = run.assessments.filter(pk__in=ids, state=Assessment.State.READY).select_related("corrects")
    return list(rows.order_by("place"))


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
    payers = Payer.objects.in_bulk({one.payer_id for one, _shares in bills if one.payer_id})
    addressees_write(
        (one, payers[one.payer_id].addressed if one.payer_id else homes[one.family_id])
        for one, _shares in bills
    )
    children = children_of({share.assessment_id for _invoice, shares in bills for share in shares})
    InvoiceLine.objects.bulk_create(
        (line for invoice, shares in bills for line in _lines(invoice, shares, children)), batch_size=2_000
    )
    debits_announce([invoice for invoice, _shares in bills], run.authority_id)
    _billed(bills)
    _tell(run, [invoice for invoice, _shares in bills], now)
    return len(bills)


@transaction.atomic
def run_end(*, run_id: int, now: datetime) -> bool:
    """Once nothing of it waits any more. Who reads for payers is told then, since the bills of one are those
    of many homes."""
    run = run_issuing(run_id)
    if run is None or run.assessments.filter(state=Assessment.State.READY).exists():
        return False
    run.state, run.ended_at = State.ISSUED, now
    run.save(update_fields=["state", "ended_at"])
    theirs = run.invoices.exclude(payer=None).order_by().values_list("payer").annotate(Count("pk"))
    tell_payers(
        authority=run.authority,
        month=run.month,
        bills=dict(theirs),
        corrected=run.is_correction,
        now=now,
    )
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
    corrected = {row.pk: row.corrects for row in rows if row.corrects}
    found, nil = [], []
    for share in shares.order_by("assessment__place", "regie", "pk"):
        together = [*waited.get(share.pk, ()), share]
        if share.state == Share.State.NIL:
            nil += [one.pk for one in together]
        else:
            bill = _bill(run, share.payer_home_id or homes[share.assessment_id], share, together)
            if share.assessment_id in corrected:
                bill.corrects = _corrected(corrected[share.assessment_id], bill)
            found.append((bill, together))
    Share.objects.filter(pk__in=nil).update(state=Share.State.NIL)
    bills = [bill for bill, _shares in found]
    _number(run, bills)
    notes = [one for one in bills if one.kind == Invoice.Kind.CREDIT]
    taken = [(one.corrects.pk, one.total) for one in notes if one.corrects]
    # In the order in which `payments.bills_locked` takes them.
    for pk, total in sorted(taken):
        Invoice.objects.filter(pk=pk).update(credited=F("credited") - total)
    return found


def _corrected(asked: Invoice, bill: Invoice) -> Invoice | None:
    """What `bill` corrects: the one that was `asked` for, or the last of its month, of its own régie and
    payer; None for a payer who had none."""
    same = {"regie": bill.regie, "family_id": bill.family_id, "payer_id": bill.payer_id}
    if all(getattr(asked, name) == value for name, value in same.items()):
        return asked
    rows = Invoice.objects.filter(
        **same, authority_id=bill.authority_id, month=bill.month, cancelled_on=None
    ).exclude(kind=Invoice.Kind.CREDIT)
    last = rows.order_by("pk").last()
    return last or (asked if bill.family_id == asked.family_id and bill.payer_id is None else None)


def _billed(bills: Iterable[tuple[Invoice, Sequence[Share]]]) -> None:
    """Written over what is there: a `bulk_update` costs ten times as much, by a case for each row."""
    for invoice, shares in bills:
        for share in shares:
            share.state, share.invoice = Share.State.BILLED, invoice
    Share.objects.bulk_create(
        [one for _invoice, them in bills for one in them],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["state", "invoice"],
    )


TO_SEND = (Share.State.READY, Share.State.NIL)


def _bill(run: BillingRun, family_id: int, share: Share, together: Sequence[Share]) -> Invoice:
    total = sum((one.total for one in together), Decimal("0.00"))
    usual = Invoice.Kind.MONTHLY if not run.is_correction else Invoice.Kind.FURTHER
    return Invoice(
        authority_id=run.authority_id,
        family_id=family_id,
        month=run.month,
        kind=usual if total >= 0 else Invoice.Kind.CREDIT,
        issued_on=run.issued_on,
        due_on=run.due_on,
        total=total,
        run=run,
        regie=share.regie,
        payer_id=share.payer_id,
        reason=run.reason if share.is_home else "",
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
        minutes=line.minutes,
    )


def _tell(run: BillingRun, invoices: Sequence[Invoice], now: datetime) -> None:
    if not invoices:
        return
    acts = [
        Act("invoice.issued", Subject("invoice", one.pk, one.number), None if one.payer_id else one.family_id)
        for one in invoices
    ]
    record_many(actor=_whom(run), acts=acts, now=now)
    homes = {one.family_id for one in invoices if one.payer_id is None}
    tell_invoices(
        authority=run.authority,
        month=run.month,
        family_ids=homes,
        corrected=run.is_correction,
        credit=any(one.kind == Invoice.Kind.CREDIT for one in invoices),
        now=now,
    )


def _whom(run: BillingRun) -> Actor:
    """The agent who confirmed the run, for the journal."""
    return Actor(None, run.confirmed_by)
