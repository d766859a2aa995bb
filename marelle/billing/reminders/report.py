"""Who is late, what each is to be reminded of, who is held back: read in a fixed number of queries."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from marelle.billing.late import late_bills
from marelle.billing.models import Invoice, Payer, ReminderBill, ReminderRun, ReminderStep
from marelle.billing.reminders.rules import Hold, Next, Sent, Step, Why, gravest, next_step, sent_by
from marelle.billing.reminders.selectors import is_lost
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.money import ZERO
from marelle.families.models import Family
from marelle.families.scope import own_files
from marelle.families.telling import Addressee, addressees_of_homes
from marelle.places.scope import in_office


@dataclass(frozen=True, slots=True)
class Late:
    """A late bill with what was sent of it, and what comes next. `deferred_until`: of a delay, be it past.
    `lost`: its rows in reminders that reached nobody, which do not count."""

    bill: Invoice
    hold: Hold | None
    deferred_until: date | None
    last: Sent | None
    next: Next
    lost: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who owes late bills to one authority: a home, or who pays and is no home, with whom a mail goes to."""

    family: Family | None
    payer: Payer | None
    bills: tuple[Late, ...]
    told: tuple[Addressee, ...] = ()

    @property
    def key(self) -> str:
        """ "f12", "p3"."""
        return f"f{self.family.pk}" if self.family else f"p{self.payer.pk if self.payer else 0}"

    @property
    def name(self) -> str:
        return self.family.name if self.family else str(self.payer)

    @property
    def left(self) -> Decimal:
        """Of all that is late, in euros."""
        return sum((one.bill.left for one in self.bills), ZERO)

    @property
    def due(self) -> tuple[Late, ...]:
        """Those that a reminder of today names."""
        return tuple(one for one in self.bills if one.next.due)

    @property
    def step(self) -> Step | None:
        """That of the reminder of today."""
        steps = [one.next.due for one in self.bills if one.next.due]
        return gravest(steps) if steps else None

    @property
    def is_held(self) -> bool:
        """All that it owes is."""
        return all(one.hold for one in self.bills)

    @property
    def last(self) -> Sent | None:
        sent = [one.last for one in self.bills if one.last]
        return max(sent, key=lambda one: one.on, default=None)

    @property
    def soonest(self) -> Next | None:
        """What comes next, of what is not due today."""
        soon = [one.next for one in self.bills if one.next.why is Why.SOON and one.next.on]
        return min(soon, key=lambda one: one.on or date.max, default=None)

    @property
    def lost(self) -> tuple[int, ...]:
        """Of what is due today: see `Late`."""
        return tuple(pk for one in self.due for pk in one.lost)

    @property
    def ways(self) -> tuple[bool, bool]:
        """Whether a mail is written, and a letter, today. Where mails reached nobody, a letter follows."""
        if self.step is None:
            return False, False
        has_address = bool(self.told) and not self.lost
        return sent_by(self.step.way, has_address=has_address, is_home=self.family is not None)

    @property
    def digest(self) -> str:
        """Of what an agent reads of today's reminder before it leaves."""
        bills = [(one.bill.pk, one.bill.left, one.next.step and one.next.step.id) for one in self.due]
        return hashlib.sha256(repr([self.key, self.step, self.ways, bills]).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Report:
    """Each late debtor is in one of the three. `hidden`: homes that are left to a colleague."""

    due: Sequence[Debtor]
    waiting: Sequence[Debtor]
    held: Sequence[Debtor]
    has_steps: bool
    hidden: int = 0

    def counts(self, keys: Collection[str]) -> tuple[int, int]:
        """How many of these are written a mail, and how many a letter."""
        return counted(one for one in self.due if one.key in keys)


def counted(debtors: Iterable[Debtor]) -> tuple[int, int]:
    ways = [one.ways for one in debtors]
    return sum(mailed for mailed, _letter in ways), sum(letter for _mailed, letter in ways)


def report_of(actor: Actor, authority_id: int, *, now: datetime) -> Report:
    """Of an authority whose office the actor is. What is of its own home, or of one where its child lives, is
    a colleague's to see; nobody is left to write to in a home that was erased."""
    day = local(now).date()
    own = own_files(actor, day)
    steps = [row.pure for row in ReminderStep.objects.filter(authority=authority_id)]
    there = Q(payer__isnull=False) | Q(family__erased_at=None)
    bills = late_bills(day).filter(there, in_office(actor, "authority__"), authority=authority_id)
    rows = list(bills.select_related("family", "payer").order_by("family__name", "family_id", "due_on", "pk"))
    hidden = {row.family_id for row in rows if row.family_id in own}
    debtors = debtors_of([row for row in rows if row.family_id not in own], steps, now=now)
    due = [one for one in debtors if one.due]
    others = [one for one in debtors if not one.due]
    return Report(
        due,
        [one for one in others if not one.is_held],
        [one for one in others if one.is_held],
        bool(steps),
        len(hidden),
    )


def debtors_of(rows: Sequence[Invoice], steps: Sequence[Step], *, now: datetime) -> list[Debtor]:
    """Of late bills (`late_bills`, with their home and payer), in their order; two queries."""
    day = local(now).date()
    sent, lost = _sent(row.pk for row in rows)
    found: dict[str, list[Late]] = defaultdict(list)
    for row in rows:
        found[_key(row)].append(_late(row, sent[row.pk], lost[row.pk], steps, day))
    homes = {row.family_id for row in rows if row.payer_id is None}
    told = dict(addressees_of_homes(homes, notice=None, letter=False, now=now)) if homes else {}
    return [_debtor(bills, told) for bills in found.values()]


def _key(row: Invoice) -> str:
    return f"p{row.payer_id}" if row.payer_id else f"f{row.family_id}"


def _debtor(bills: Sequence[Late], told: Mapping[int, tuple[Addressee, ...]]) -> Debtor:
    bill = bills[0].bill
    if bill.payer is not None:
        email = bill.payer.email
        mailed = (Addressee(0, str(bill.payer), email, None),) if email else ()
        return Debtor(None, bill.payer, tuple(bills), mailed)
    return Debtor(bill.family, None, tuple(bills), told.get(bill.family_id, ()))


def _late(row: Invoice, sent: Sequence[Sent], lost: Sequence[int], steps: Sequence[Step], day: date) -> Late:
    """`row`: of `late_bills`, with what they are annotated with."""
    told: str = row.hold  # type: ignore[attr-defined]
    hold = Hold(told) if told else None
    until: date | None = row.deferred_until  # type: ignore[attr-defined]
    found = next_step(due_on=row.due_on, left=row.left, hold=hold, sent=sent, steps=steps, day=day)
    return Late(row, hold, until, max(sent, key=lambda one: one.on, default=None), found, tuple(lost))


def _sent(invoice_ids: Iterable[int]) -> tuple[dict[int, list[Sent]], dict[int, list[int]]]:
    """By bill: what was sent, and the rows of what reached nobody."""
    sent: dict[int, list[Sent]] = defaultdict(list)
    lost: dict[int, list[int]] = defaultdict(list)
    rows = ReminderBill.objects.filter(invoice__in=list(invoice_ids), live=True).order_by()
    for row in rows.annotate(lost=is_lost()).select_related("step", "reminder__run"):
        if row.lost:
            lost[row.invoice_id].append(row.pk)
        else:
            days = row.step.days if row.step else row.days
            sent[row.invoice_id].append(Sent(days, row.reminder.run.day))
    return sent, lost


def runs_of(actor: Actor) -> QuerySet[ReminderRun]:
    """The newest first."""
    return ReminderRun.objects.filter(in_office(actor, "authority__")).select_related("authority")
