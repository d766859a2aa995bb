"""Balances of another software, written: bills of what is owed, shares that wait of what is owed to homes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from marelle.billing.bill_lines import WrittenLine, written_text
from marelle.billing.due import Cause, Correction, Place
from marelle.billing.imports.balances import BalancePlan, Held, Placed, held_of
from marelle.billing.imports.drafts import LABEL_LENGTH
from marelle.billing.imports.sides import credits_and_debts
from marelle.billing.models import Assessment, BillingRun, ImportRun, Invoice, InvoiceLine, Share
from marelle.billing.runs.closed import closed_exercises
from marelle.billing.stored import items_text
from marelle.billing.terms import exercise_of, exercise_open
from marelle.core.french import day_plain
from marelle.core.sealed import seal

ONE: Final = Decimal(1)
DAYS_TO_PAY: Final = timedelta(days=0)
"""What another software says is owed on a day was to be paid by then."""


def balances_write(run: ImportRun, plan: BalancePlan, now: datetime) -> None:
    """In the caller's transaction, which holds the authority, the homes, and the bills that are replaced."""
    for had in plan.replaced:
        _take_away(had)
    _write_debts(run, [one for one in plan.to_write if one.balance.amount > 0])
    _write_credits(run, [one for one in plan.to_write if one.balance.amount < 0], now)


def balances_held(authority_id: int, family_ids: Sequence[int]) -> tuple[Decimal, Decimal]:
    """What the tables hold of these homes: in their favour, and against them."""
    held = held_of(authority_id, family_ids)
    return credits_and_debts(one.amount for one in held.values())


def _take_away(had: Held) -> None:
    """Nothing of it was paid, deducted or told: it was never more than a mistake of the file."""
    Invoice.objects.filter(pk__in=[one.pk for one in had.bills]).delete()
    for share in had.shares:
        run_id = share.assessment.run_id
        share.assessment.delete()
        BillingRun.objects.filter(pk=run_id, assessments=None).delete()


def _write_debts(run: ImportRun, debts: Sequence[Placed]) -> None:
    bills = [
        Invoice(
            authority_id=run.authority_id,
            family_id=one.family_id,
            number=one.number,
            month=one.balance.on.replace(day=1),
            kind=Invoice.Kind.OTHER,
            issued_on=one.balance.on,
            due_on=one.balance.on + DAYS_TO_PAY,
            total=one.balance.amount,
            imported_in=run,
        )
        for one in debts
    ]
    Invoice.objects.bulk_create(bills, batch_size=1_000)
    InvoiceLine.objects.bulk_create(
        (
            InvoiceLine(
                invoice=bill,
                activity=_("Solde repris"),
                label=label_of(one),
                quantity=ONE,
                unit_price=bill.total,
                amount=bill.total,
                order=1,
            )
            for bill, one in zip(bills, debts, strict=True)
        ),
        batch_size=2_000,
    )


def _write_credits(run: ImportRun, brought: Sequence[Placed], now: datetime) -> None:
    if not brought:
        return
    last = max(one.balance.on for one in brought)
    month = last.replace(day=1)
    holder = BillingRun.objects.create(
        authority_id=run.authority_id,
        month=month,
        cutoff=last,
        issued_on=last,
        due_on=last,
        exercise=exercise_open(exercise_of(month, last), closed_exercises(run.authority_id)),
        state=BillingRun.State.ISSUED,
        homes=len(brought),
        started_at=now,
        started_by=run.done_by,
        ended_at=now,
        brought_in=run,
    )
    rows = [
        Assessment(
            run=holder,
            family_id=one.family_id,
            place=place,
            state=Assessment.State.SETTLED,
            total=one.balance.amount,
            items=seal(items_text((_item(one),))),
        )
        for place, one in enumerate(brought, 1)
    ]
    Assessment.objects.bulk_create(rows)
    Share.objects.bulk_create(
        Share(
            assessment=row,
            regie=one.ledger.regie,
            state=Share.State.WAITING,
            total=one.balance.amount,
            lines=seal(written_text((_line(one),))),
        )
        for row, one in zip(rows, brought, strict=True)
    )


def _item(one: Placed) -> Correction:
    """Of the home, of no activity: no month takes it for what was billed of its days."""
    place = Place(one.balance.on, None, None)
    return Correction(place, None, one.ledger, one.balance.amount, None, Cause.BROUGHT, (), ())


def _line(one: Placed) -> WrittenLine:
    return WrittenLine(
        child_id=None,
        activity_id=None,
        activity=_("Solde repris"),
        label=label_of(one),
        quantity=ONE,
        unit_price=one.balance.amount,
        amount=one.balance.amount,
        food=None,
        days=(),
        ledger=one.ledger,
    )


def label_of(one: Placed) -> str:
    """As the file says, or "Solde au 31 août 2026, de l’ancien logiciel"."""
    told = one.balance.label or _("Solde au %(day)s, de l’ancien logiciel") % {
        "day": day_plain(one.balance.on)
    }
    return told[:LABEL_LENGTH]
