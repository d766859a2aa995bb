"""Sending bills to the Trésor: they are numbered and locked at once; the worker then writes the file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from marelle.billing.addressed import PayerKind
from marelle.billing.models import Addressee, ExportedBill, TresorCounter, TresorExport, TresorTerms
from marelle.billing.runs.services import authority_locked
from marelle.billing.tresor.checks import DEBTOR_FIELDS, Point, wanting
from marelle.billing.tresor.report import Batch, FileDraft, Report, head_of, report_of
from marelle.billing.tresor.returns import PieceState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.rehearsal import is_rehearsal
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked
from marelle.journal.services import record
from marelle.places.models import Authority
from marelle.places.scope import in_office

What = TresorCounter.What

TERMS_FIELDS: Final = (
    "layout", "sort", "post", "collection", "acronym", "period", "with_key", "budgets", "products",
    "ics", "creditor",
)  # fmt: skip


TAKEN: Final = (PieceState.TAKEN, PieceState.PARTLY)
"""The Trésor claims them: to send them again would claim them twice."""


PERSON_ALONE: Final = {Point.CIVILITY, Point.FIRST_NAME}


class ExportRefused(Refusal):
    """`code`: "changed" (not what was shown any more), "lacking" (a check of the file fails), "nothing" (no
    bill to send), "cancelled" (it is already), "reduced" (a file of reductions names one of its pieces),
    "taken" (some of its pieces are taken
    in charge), "sent" (the bill is in a file), "complete" (nothing of it is wanting),
    "rehearsal" (these bills are nobody's)."""


@transaction.atomic
def tresor_terms_set(
    *, actor: Actor, authority_id: int, values: Mapping[str, Any], now: datetime
) -> TresorTerms:
    """Say how bills leave from now on; `values` holds each of `TERMS_FIELDS`, checked by the form. Raises
    NotYours for an authority whose office the actor is not."""
    authority = authority_locked(actor, authority_id)
    row = TresorTerms.objects.filter(authority=authority).first() or TresorTerms(authority=authority)
    for name in TERMS_FIELDS:
        setattr(row, name, values[name])
    row.full_clean(exclude=["authority"])
    row.save()
    subject = Subject("tresor_terms", row.pk, authority.name)
    record(actor=actor, verb="tresor_terms.set", subject=subject, now=now)
    return row


@transaction.atomic
def tresor_export(*, actor: Actor, batch: Batch, seen: str, now: datetime) -> list[TresorExport]:
    """Take the numbers of what the report `seen` says, a file for each budget, and lock its bills.

    Raises NotYours, or ExportRefused.
    """
    if is_rehearsal():
        raise ExportRefused("rehearsal")
    authority = authority_locked(actor, batch.authority_id)
    day = local(now).date()
    report = report_of(actor, batch, day=day)
    if report is None:
        raise ExportRefused("nothing")
    if report.seen != seen:
        raise ExportRefused("changed")
    if not report.may_leave:
        raise ExportRefused("lacking" if report.files else "nothing")
    return [_export(actor, authority, report, draft, day, now) for draft in report.files]


def _export(
    actor: Actor, authority: Authority, report: Report, draft: FileDraft, day: date, now: datetime
) -> TresorExport:
    batch, count = report.batch, len(draft.bills)
    number = _take(batch, What(report.sort), draft.budget, 1)
    piece = _take(batch, What.PIECE, draft.budget, count)
    export = TresorExport.objects.create(
        authority=authority,
        layout=report.layout,
        sort=report.sort,
        exercise=batch.exercise,
        budget=draft.budget,
        number=number,
        month=batch.month,
        issued_on=day,
        count=count,
        net=draft.net,
        tax=draft.tax,
        head=head_of(draft, report.terms),
        made_at=now,
        made_by=actor.label[:200],
    )
    ExportedBill.objects.bulk_create(
        (
            ExportedBill(
                export=export,
                invoice_id=one.bill_id,
                piece=piece + rank,
                debt=one.debt,
                civility=one.civility,
                drawn_on=draft.drawn[one.bill_id][0] if one.bill_id in draft.drawn else None,
                sequence=draft.drawn[one.bill_id][1] if one.bill_id in draft.drawn else "",
            )
            for rank, one in enumerate(draft.bills)
        ),
        batch_size=2_000,
    )
    _record(actor, "tresor_export.made", export, now, count=count)
    return export


def _take(batch: Batch, what: TresorCounter.What, budget: str, many: int) -> int:
    """The first of so many numbers; the authority is held, so that nobody else begins a counter."""
    place: dict[str, Any] = {
        "authority_id": batch.authority_id,
        "exercise": batch.exercise,
        "what": what,
        "budget": budget,
    }
    TresorCounter.objects.get_or_create(**place)
    counter = TresorCounter.objects.select_for_update(no_key=True).get(**place)
    first = counter.last + 1
    counter.last += many
    counter.save(update_fields=["last"])
    return first


@transaction.atomic
def tresor_export_cancel(*, actor: Actor, export_id: int, reason: str, now: datetime) -> TresorExport:
    """Give its bills back, for another file: the numbers stay used. Raises NotYours, or ExportRefused."""
    found = TresorExport.objects.filter(in_office(actor, "authority__"), pk=export_id).first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.authority_id)
    export = TresorExport.objects.select_for_update(no_key=True, of=("self",)).select_related("authority")
    row = export.get(pk=found.pk)
    if row.cancelled_at is not None:
        raise ExportRefused("cancelled")
    if ExportedBill.objects.filter(live=True, invoice__corrects__in=_bills(row)).exclude(export=row).exists():
        raise ExportRefused("reduced")
    if row.bills.filter(state__in=TAKEN).exists():
        raise ExportRefused("taken")
    row.cancelled_at, row.cancelled_by, row.reason = now, actor.label[:200], reason
    row.full_clean(exclude=["authority"])
    row.save(update_fields=["cancelled_at", "cancelled_by", "reason"])
    row.bills.update(live=False)
    _record(actor, "tresor_export.cancelled", row, now, reason=reason)
    return row


def _bills(export: TresorExport) -> Any:
    return export.bills.values("invoice_id")


@transaction.atomic
def addressee_complete(
    *, actor: Actor, invoice_id: int, values: Mapping[Point, str], now: datetime
) -> Addressee:
    """Say what the Trésor finds wanting of whom a bill made here is addressed to: the bill, once made, stays
    as it is. Raises NotYours for who is not the authority's office or a bill of another kind, ExportRefused
    ("sent") for one that is in a file, ("complete") for words that are not wanting."""
    rows = Addressee.objects.filter(
        in_office(actor, "invoice__authority__"), invoice=invoice_id, invoice__run__isnull=False
    ).select_related("invoice")
    found = rows.first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.invoice.authority_id)
    homes_locked([found.invoice.family_id])
    row = rows.get()
    if ExportedBill.objects.filter(invoice=row.invoice_id, live=True).exists():
        raise ExportRefused("sent")
    if not set(values) <= correctable(row):
        raise ExportRefused("complete")
    for point, value in values.items():
        setattr(row, DEBTOR_FIELDS[point], value)
    row.full_clean(exclude=["invoice"])
    row.save(update_fields=[DEBTOR_FIELDS[point] for point in values])
    record(
        actor=actor,
        verb="addressee.completed",
        subject=Subject("invoice", row.invoice_id, row.invoice.number),
        family_id=None if row.invoice.payer_id else row.invoice.family_id,
        now=now,
    )
    return row


def correctable(row: Addressee) -> set[Point]:
    """What may be said anew of whom a bill is addressed to: what the Trésor finds wanting, and all of it once
    the piece that it was is rejected."""
    last = ExportedBill.objects.filter(invoice=row.invoice_id).order_by("-pk").first()
    if last is None or last.live or last.state != PieceState.REJECTED:
        return wanting(row.text)
    of_others = PERSON_ALONE if row.kind != PayerKind.PERSON else {Point.PAYER_SIRET}
    return set(DEBTOR_FIELDS) - of_others


def _record(actor: Actor, verb: str, export: TresorExport, now: datetime, **data: Any) -> None:
    subject = Subject("tresor_export", export.pk, export.authority.name)
    said = {"month": export.month.isoformat(), "sort": export.sort, "number": export.number, **data}
    record(actor=actor, verb=verb, subject=subject, data=said, now=now)
