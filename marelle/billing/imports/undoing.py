"""Undoing one file of payments: what it brought goes, what another file or an agent brought stays, and it
may be read again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from marelle.billing.models import ExportedBill, ImportRun, ImportTrail, Invoice, Payment, StrayPayment
from marelle.billing.paid import UNDONE, Means
from marelle.billing.payments import NewPayment, bills_locked, payments_add
from marelle.billing.runs.services import authority_locked
from marelle.billing.tresor.returning import LATER
from marelle.core.actor import Actor
from marelle.core.money import ZERO
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.places.scope import in_office

STATED: Final = ("state", "state_on", "code", "said", "settled", "read_in_id")
NOTHING: Final = ("", None, "", "", False, None)
PART: Final = re.compile(r" (\+|<\d{4}-\d\d-\d\d)$")
"""What follows the reference of an amount: of what was over, of what a state of payments held."""


class UndoRefused(Refusal):
    """`code`: "old" (read before Marelle kept what undoing needs), "later" (`file`: another one, read since,
    stands on it), "by_hand" (the `bill`: what an agent noted since stands on it)."""


@transaction.atomic
def import_undo(*, actor: Actor, run_id: int, now: datetime) -> ImportRun:
    """Take back what a file brought; undone already, it is answered as it is. An amount that another file
    tells too is that one's from now on. Raises NotYours, or UndoRefused."""
    rows = ImportRun.objects.filter(in_office(actor, "authority__"), kind__in=ImportRun.OF_PAYMENTS)
    found = rows.filter(pk=run_id, done_at__isnull=False).first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.authority_id)
    run = rows.get(pk=run_id)
    if run.undone_at is not None:
        return run
    trail = ImportTrail.objects.filter(run=run).first()
    if trail is None:
        raise UndoRefused("old")
    brought = _brought(run)
    bills = bills_locked({row.invoice_id for row in brought} | {pk for pk, _was, _is in trail.cancelled})
    _stands_alone(run, trail, brought, bills)
    others = list(ImportTrail.objects.filter(run__authority=run.authority_id).exclude(run=run))
    run.undone_at, run.undone_by = now, actor.label[:200]
    run.save(update_fields=["undone_at", "undone_by"])
    live = [one for one in others if one.run_id in _live(run)]
    _hand_over(run, live)
    brought = _brought(run)
    _fits(brought, bills)
    _take_back(run, brought, actor, now)
    StrayPayment.objects.filter(read_in=run).delete()
    for pk, was, became in trail.cancelled:
        Invoice.objects.filter(pk=pk, cancelled_on=became).update(cancelled_on=was)
    _states(run, live, [entry for one in (*others, trail) for entry in one.before])
    total = str(sum((row.amount for row in brought), ZERO))
    subject = Subject("import", run.pk, run.file_name)
    record(actor=actor, verb="invoices.import_undone", subject=subject, data={"total": total}, now=now)
    return run


def _brought(run: ImportRun) -> list[Payment]:
    return list(Payment.objects.filter(read_in=run).exclude(reference__startswith=UNDONE))


def _live(run: ImportRun) -> set[int]:
    rows = ImportRun.objects.filter(authority=run.authority_id, undone_at=None, done_at__isnull=False)
    return set(rows.filter(kind__in=ImportRun.OF_PAYMENTS).values_list("pk", flat=True))


def _stands_alone(
    run: ImportRun, trail: ImportTrail, brought: Iterable[Payment], bills: Collection[int]
) -> None:
    """A state says what is paid in all, so it counts with what was known: it is undone first."""
    states = ImportTrail.objects.filter(
        run__authority=run.authority_id, run__kind=ImportRun.Kind.PAYMENTS, run__undone_at=None
    )
    for other in states.filter(pk__gt=trail.pk).select_related("run").order_by("-pk"):
        if not set(bills).isdisjoint(other.bills):
            raise UndoRefused("later", file=other.run.file_name)
    if run.kind != ImportRun.Kind.PAYMENTS:
        return
    first = min((row.pk for row in brought), default=0)
    told = Payment.objects.filter(invoice__in=bills, means=Means.STATE, pk__gt=first).exclude(read_in=run)
    stands = told.exclude(reference__startswith=UNDONE).select_related("read_in").order_by("-pk").first()
    if brought and stands is not None and stands.read_in is not None:
        raise UndoRefused("later", file=stands.read_in.file_name)


def _hand_over(run: ImportRun, live: Iterable[ImportTrail]) -> None:
    """What another file tells too is of that one."""
    holders: dict[str, int] = {}
    for one in live:
        for reference in one.again:
            holders.setdefault(reference, one.run_id)
    payments = _brought(run)
    strays = list(StrayPayment.objects.filter(read_in=run))
    rows: list[Payment | StrayPayment] = [*payments, *strays]
    for row in rows:
        row.read_in_id = holders.get(PART.sub("", row.reference), run.pk)
    Payment.objects.bulk_update(payments, ["read_in"], batch_size=500)
    StrayPayment.objects.bulk_update(strays, ["read_in"], batch_size=500)


def _fits(brought: Iterable[Payment], bills: dict[int, Invoice]) -> None:
    """No bill is paid below nothing, nor beyond what it asks, once these are taken back."""
    sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in brought:
        sums[row.invoice_id] += row.amount
    for pk, amount in sums.items():
        bill = bills[pk]
        if 0 <= bill.paid - amount <= max(bill.total, bill.paid):
            continue
        since = Payment.objects.filter(invoice=pk).exclude(pk__in=[row.pk for row in brought])
        last = since.exclude(reference__startswith=UNDONE).select_related("read_in").order_by("-pk").first()
        if last is not None and last.read_in is not None:
            raise UndoRefused("later", file=last.read_in.file_name)
        raise UndoRefused("by_hand", bill=bill.number)


def _take_back(run: ImportRun, brought: list[Payment], actor: Actor, now: datetime) -> None:
    """By rows of the same day and means; the reference is free for who reads the file again."""
    back = [
        NewPayment(row.invoice_id, -row.amount, row.on, Means(row.means), f"{UNDONE}{row.pk} -")
        for row in brought
    ]
    for row in brought:
        row.reference = f"{UNDONE}{row.pk} {row.reference}"[:120]
    Payment.objects.bulk_update(brought, ["reference"], batch_size=500)
    payments_add(back, run=run, who=actor.label, now=now)


def _states(run: ImportRun, live: Iterable[ImportTrail], before: Iterable[list[Any]]) -> None:
    """Each piece of which this file told last stands as the others say."""
    pieces = {row.pk: row for row in ExportedBill.objects.filter(read_in=run)}
    best: dict[int, tuple[tuple[date, int], list[Any]]] = {}
    for entry in (*before, *(entry for one in live for entry in one.pieces)):
        pk, state, on = entry[0], entry[1], date.fromisoformat(entry[2])
        rank = (on, LATER.index(state))
        if pk in pieces and (pk not in best or rank >= best[pk][0]):
            best[pk] = rank, [state, on, *entry[3:]]
    for pk, row in pieces.items():
        for name, value in zip(STATED, best[pk][1] if pk in best else NOTHING, strict=True):
            setattr(row, name, value)
    fields = ["state", "state_on", "code", "said", "settled", "read_in"]
    ExportedBill.objects.bulk_update(pieces.values(), fields, batch_size=500)
