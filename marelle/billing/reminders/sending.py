"""Sending reminders: what an agent was shown is read again under the locks, and what has changed is left out.

Rows, mails and journal are written in one transaction; letters are printed from the rows, as often as wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.billing.addressed import Addressed
from marelle.billing.late import late_bills
from marelle.billing.models import Invoice, Reminder, ReminderBill, ReminderRun
from marelle.billing.payments import bills_locked
from marelle.billing.reminders.letters import head_of
from marelle.billing.reminders.mails import reminders_mail
from marelle.billing.reminders.report import Debtor, counted, report_of
from marelle.billing.reminders.rules import Step
from marelle.billing.runs.addressing import homes_addressed
from marelle.billing.runs.services import authority_locked
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked
from marelle.journal.services import Act, record, record_many
from marelle.mail.letterhead import letterhead_of
from marelle.places.models import Authority

AT_ONCE = 500


class ReminderRefused(Refusal):
    """`code`: "nothing" (nobody is chosen), "changed" (of nobody chosen is anything as it was shown)."""


@dataclass(frozen=True, slots=True)
class Done:
    """`left_out`: how many of those chosen are not as they were shown any more."""

    run: ReminderRun
    left_out: int


@transaction.atomic
def reminders_send(*, actor: Actor, authority_id: int, seen: Mapping[str, str], now: datetime) -> Done:
    """Remind those of `seen`, by their keys, of whom all is as the digest of what was shown says: who has
    paid, contests, was granted a delay or was reminded by somebody else meanwhile is left out.

    Raises NotYours for who is not the authority's office, or ReminderRefused.
    """
    authority = authority_locked(actor, authority_id)
    if not seen:
        raise ReminderRefused("nothing")
    _lock(authority, local(now).date())
    report = report_of(actor, authority.pk, now=now)
    kept = [one for one in report.due if seen.get(one.key) == one.digest]
    if not kept:
        raise ReminderRefused("changed")
    run = _written(actor, authority, kept, now)
    return Done(run, len(seen) - len(kept))


def _lock(authority: Authority, day: date) -> None:
    """Homes, then bills: nobody pays, contests or defers meanwhile."""
    bills = late_bills(day).filter(authority=authority).order_by()
    homes_locked(bills.values("family_id"))
    bills_locked(list(bills.values_list("pk", flat=True)))


def _written(actor: Actor, authority: Authority, debtors: Sequence[Debtor], now: datetime) -> ReminderRun:
    day = local(now).date()
    mails, letters = counted(debtors)
    letterhead = letterhead_of(authority.pk)
    run = ReminderRun.objects.create(
        authority=authority,
        day=day,
        made_at=now,
        made_by=actor.label[:200],
        mails=mails,
        letters=letters,
        head=head_of(authority, letterhead),
        logo=letterhead.logo,
    )
    homes = homes_addressed([one.family.pk for one in debtors if one.family], day)
    rows = Reminder.objects.bulk_create([_reminder(run, one, homes) for one in debtors], batch_size=AT_ONCE)
    lost = [pk for one in debtors for pk in one.lost]
    ReminderBill.objects.filter(pk__in=lost).update(live=False)
    ReminderBill.objects.bulk_create(
        [
            _bill(row, late.bill, step)
            for row, one in zip(rows, debtors, strict=True)
            for late in one.due
            if (step := late.next.due) is not None
        ],
        batch_size=AT_ONCE,
    )
    reminders_mail(authority, list(zip(rows, debtors, strict=True)), now=now)
    subject = Subject("reminder_run", run.pk, authority.name)
    data = {"mails": mails, "letters": letters}
    record(actor=actor, verb="reminders.sent", subject=subject, data=data, now=now)
    acts = [Act("reminder.sent", Subject("reminder", row.pk, row.title), row.family_id) for row in rows]
    record_many(actor=actor, acts=acts, now=now)
    return run


def _reminder(run: ReminderRun, debtor: Debtor, homes: Mapping[int, Addressed]) -> Reminder:
    step, home, payer = debtor.step, debtor.family, debtor.payer
    addressed = payer.addressed if payer else homes[home.pk] if home else None
    if step is None or addressed is None:
        raise LookupError(f"Nothing is due of {debtor.key}.")
    mailed, letter = debtor.ways
    return Reminder(
        run=run,
        family=home,
        payer=payer,
        title=step.title,
        text=step.text,
        name=addressed.name[:250],
        lines=list(addressed.place),
        reference=addressed.reference,
        mailed=mailed,
        letter=letter,
    )


def _bill(row: Reminder, bill: Invoice, step: Step) -> ReminderBill:
    return ReminderBill(
        reminder=row,
        invoice=bill,
        step_id=step.id,
        days=step.days,
        month=bill.month,
        due_on=bill.due_on,
        left=bill.left,
    )
