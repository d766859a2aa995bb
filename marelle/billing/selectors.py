"""What pages read of invoices, always through the actor: a home reads those addressed to it, no other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from marelle.billing.addressed import Addressed
from marelle.billing.late import deferred_until, held, overdue_bills
from marelle.billing.models import ImportRun, Invoice, InvoiceLine, InvoiceQuerySet, Treasury
from marelle.billing.paid import Told
from marelle.billing.payments import payments_told
from marelle.billing.reminders.rules import Hold
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.money import ZERO
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.models import Member, Residence
from marelle.places.models import Authority
from marelle.places.scope import in_office, is_office_of


@dataclass(frozen=True, slots=True)
class DueInvoice:
    """An invoice of which something is left to pay; `month` is the one billed, None for another kind.
    `deferred_until`: the last day of a delay that was granted, be it past; `held`: see `late.held`. One that
    is debited is so on `due_on`, or soon after."""

    id: int
    due_on: date
    left: Decimal
    month: date | None
    deferred_until: date | None = None
    held: str = ""


@dataclass(frozen=True, slots=True)
class DueInvoices:
    """What is left to pay by a home, the invoice first due first."""

    rows: tuple[DueInvoice, ...] = ()

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def next_due(self) -> date | None:
        return self.rows[0].due_on if self.rows else None

    @property
    def left(self) -> Decimal:
        """How much in all, in euros."""
        return sum((row.left for row in self.rows), ZERO)

    @property
    def by_hand(self) -> DueInvoices:
        """Those that the home is to pay itself."""
        return self.held("")

    @property
    def debited(self) -> DueInvoices:
        return self.held(Hold.DEBITED)

    @property
    def refused(self) -> DueInvoices:
        """Those that the office mends."""
        return self.held(Hold.REFUSED)

    def held(self, why: str) -> DueInvoices:
        return DueInvoices(tuple(row for row in self.rows if row.held == why))

    def late(self, day: date) -> DueInvoices:
        """Of these, those whose date is past on `day`, and the delay that was granted."""
        rows = self.by_hand.rows
        return DueInvoices(
            tuple(row for row in rows if max(row.due_on, row.deferred_until or row.due_on) < day)
        )

    def ahead(self, day: date) -> DueInvoices:
        return self.by_hand.from_day(day)

    def from_day(self, day: date) -> DueInvoices:
        """Those whose date is not past on `day`."""
        return DueInvoices(tuple(row for row in self.rows if row.due_on >= day))


def owed_to(family_id: int, activity_ids: Collection[int], day: date) -> frozenset[int]:
    """Of these activities, those to whose authority the home is late to pay a bill that nothing holds back;
    one query."""
    late = overdue_bills(day).of_homes().filter(family_id=family_id)
    rows = late.filter(authority__structures__activities__in=activity_ids)
    return frozenset(rows.order_by().values_list("authority__structures__activities", flat=True))


@lru_cache(maxsize=16)
def owes(day: date) -> Exists:
    """The same for `annotate()` on rows with `family_id` and an `activity`: kept, as
    `papers.guards.bookings_closed_from` is."""
    late = overdue_bills(day).of_homes()
    return Exists(
        late.filter(
            family_id=OuterRef("family_id"), authority_id=OuterRef("activity__structure__authority_id")
        )
    )


def due_invoices(actor: Actor) -> DueInvoices:
    """What the actor's home has left to pay; one query."""
    return DueInvoices(
        tuple(
            DueInvoice(
                id=row.id,
                due_on=row.due_on,
                left=row.total - row.paid - row.credited,
                month=row.month if row.kind == Invoice.Kind.MONTHLY else None,
                deferred_until=row.deferred_until,
                held=row.held,
            )
            for row in _due(actor)
        )
    )


class _Due(NamedTuple):
    id: int
    due_on: date
    total: Decimal
    paid: Decimal
    credited: Decimal
    month: date
    kind: str
    deferred_until: date | None
    held: str


DUE = columns(_Due, "due_on", "total", "paid", "credited", "month", "kind", "deferred_until", "held", id="pk")


@prepared
def _due(actor: Actor) -> QuerySet[Invoice, _Due]:
    owed = readable(actor).unpaid().annotate(deferred_until=deferred_until(), held=held())
    return DUE.of(owed.order_by("due_on", "pk"))


@dataclass(frozen=True, slots=True)
class Overdue:
    """Bills of a home to an authority that are past their date, that nothing holds back. `left`, in euros, is
    None for who is not its office: a price tells an income."""

    count: int
    left: Decimal | None


def overdue_of(actor: Actor, *, family_id: int, authority_id: int, day: date) -> Overdue:
    """For who decides something of the home; one query."""
    left = [total - settled for total, settled in _overdue(family_id, authority_id, day)]
    return Overdue(len(left), sum(left, ZERO) if is_office_of(actor, authority_id) else None)


@prepared
def _overdue(family_id: int, authority_id: int, day: date) -> QuerySet[Invoice, tuple[Decimal, Decimal]]:
    rows = overdue_bills(day).of_homes().filter(family_id=family_id, authority_id=authority_id)
    return rows.values_list("total", F("paid") + F("credited"))


def readable(actor: Actor) -> InvoiceQuerySet:
    """Invoices that the actor may read: those addressed to its home, whoever they speak of.

    Any adult of the home reads them, since the whole home owes them; the other home of a child does not. Who
    has left a home still owes, and reads, what was sent to it meanwhile. An agent in the family's name reads
    those of the authorities whose office it is: a price tells an income.
    """
    if actor.family_id is None:
        return Invoice.objects.none()
    own = Invoice.objects.of_homes()
    if actor.on_behalf_of:
        return own.filter(in_office(actor, "authority__"), family_id=actor.family_id)
    if actor.person_id is None:
        return own.filter(family_id=actor.family_id)
    mine = Member.objects.filter(person_id=actor.person_id, kind=Member.Kind.ADULT)
    sent_meanwhile = mine.filter(
        family=OuterRef("family"), since__lte=OuterRef("issued_on"), until__gte=OuterRef("issued_on")
    )
    # The homes first, by their index: an OR alone would read every invoice.
    homes = own.filter(family__in=mine.order_by().values("family"))
    return homes.filter(Q(family_id=actor.family_id) | Exists(sent_meanwhile))


def invoices_of(actor: Actor) -> list[Invoice]:
    """All that the actor may read, the newest first, each with `deferred_until` and `held`; one query."""
    return _invoices(actor)


@prepared
def _invoices(actor: Actor) -> QuerySet[Invoice]:
    rows = readable(actor).select_related("structure", "authority")
    return rows.annotate(deferred_until=deferred_until(), held=held())


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """An invoice with its lines, each with its child, in the invoice's order. `payments`: what was paid of it
    so far, which no PDF says; `deferred_until`: the last day of a delay that was granted, be it past; `held`:
    see `late.held`."""

    invoice: Invoice
    lines: tuple[InvoiceLine, ...]
    payments: tuple[Told, ...] = ()
    deferred_until: date | None = None
    held: str = ""


def invoice_page(actor: Actor, invoice_id: int) -> InvoicePage | None:
    """None for an invoice that the actor may not read; three queries."""
    return page_of(readable(actor), invoice_id)


def page_of(rows: InvoiceQuerySet, invoice_id: int) -> InvoicePage | None:
    """The same among `rows`."""
    invoice = (
        rows.select_related(
            "structure", "authority", "family", "pdf", "run", "addressee", "corrects", "debit__mandate"
        )
        .annotate(deferred_until=deferred_until(), held=held())
        .filter(pk=invoice_id)
        .first()
    )
    if invoice is None:
        return None
    lines = InvoiceLine.objects.filter(invoice=invoice).select_related("child")
    payments = payments_told([invoice.pk]).get(invoice.pk, ())
    return InvoicePage(invoice, tuple(lines), payments, invoice.deferred_until, invoice.held)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class HowToPay:
    """How the invoices of an authority are paid; `treasury` is None until the office has filled it in.

    `known_on` is the day until which payments are known here, None when none has come back yet.
    """

    authority: Authority
    treasury: Treasury | None
    known_on: date | None


def how_to_pay(authority_ids: Collection[int]) -> tuple[HowToPay, ...]:
    """For each authority; one query, none for no authority."""
    if not authority_ids:
        return ()
    rows = (
        Authority.objects.filter(pk__in=authority_ids)
        .select_related("treasury")
        .annotate(known_at=_last_payments())
        .order_by("name")
    )
    return tuple(
        HowToPay(row, getattr(row, "treasury", None), local(row.known_at).date() if row.known_at else None)
        for row in rows
    )


def treasury_of(authority_id: int) -> Treasury | None:
    return Treasury.objects.filter(authority_id=authority_id).first()


def addressed_of(invoice: Invoice) -> Addressed:
    """Whom it is addressed to: as it was frozen; else the payer, who never reads where the home lives; of one
    that came by a file, the home, where it lived when it was sent."""
    if hasattr(invoice, "addressee"):
        return invoice.addressee.text
    if invoice.payer is not None:
        return invoice.payer.addressed
    rows = list(Residence.objects.filter(family_id=invoice.family_id).order_by("since"))
    before = [row for row in rows if row.since <= invoice.issued_on]
    lived = before[-1] if before else next(iter(rows), Residence())
    return Addressed(
        last_name=_("Famille %(name)s") % {"name": invoice.family.name},
        reference=invoice.family.number,
        street=lived.street,
        postal_code=lived.postal_code,
        city=lived.city,
    )


# For the office


def office_authorities(actor: Actor) -> QuerySet[Authority]:
    """Authorities whose invoices the actor keeps."""
    if not actor.is_administrator and not actor.authorities(Role.OFFICE):
        return Authority.objects.none()
    return Authority.objects.filter(in_office(actor)).order_by("name")


def keeps_several(actor: Actor) -> bool:
    """Whether an authority is to be named, since the actor keeps the invoices of another too."""
    return office_authorities(actor).count() > 1


def office_invoices(actor: Actor) -> InvoiceQuerySet:
    return Invoice.objects.filter(in_office(actor, "authority__"))


def import_runs(actor: Actor) -> QuerySet[ImportRun]:
    """Files imported, or read and not yet imported, the newest first."""
    return ImportRun.objects.filter(in_office(actor, "authority__")).select_related("authority")


def _last_payments() -> Max:
    told = Q(import_runs__kind__in=ImportRun.OF_PAYMENTS, import_runs__undone_at=None)
    return Max("import_runs__done_at", filter=told)
