"""What a late bill is, that may be reminded and held against who owes it: said here once."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Case, CharField, DateField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from marelle.billing.models import (
    Contest,
    Deferral,
    ExportedBill,
    ImportRun,
    Invoice,
    InvoiceQuerySet,
    Mandate,
    Payment,
)
from marelle.billing.paid import UNDONE, Means
from marelle.billing.reminders.rules import Hold
from marelle.billing.tresor.returns import PieceState

REFUSED: Final = (PieceState.REJECTED, PieceState.CANCELLED)


def late_bills(day: date) -> InvoiceQuerySet:
    """Past their date on `day`, something left to pay. `hold`: why one is held back, "" for the others
    (`rules.Hold`); `deferred_until` as `deferred_until` says."""
    rows = Invoice.objects.unpaid().filter(due_on__lt=day).annotate(deferred_until=deferred_until())
    contested = Contest.objects.filter(line__invoice=OuterRef("pk"), state=Contest.State.OPEN)
    hold = Case(
        When(deferred_until__gte=day, then=Value(Hold.DEFERRED.value)),
        When(Exists(contested), then=Value(Hold.CONTESTED.value)),
        When(brought_unasked(), then=Value(Hold.BROUGHT.value)),
        default=held(),
        output_field=CharField(),
    )
    return rows.annotate(hold=hold)


def held() -> Case:
    """Why nobody is to pay a bill by hand for now, late or not: the Trésor refused it, so that the office
    mends it (`Hold.REFUSED`), or takes it from an account (`Hold.DEBITED`); "" for the others."""
    return Case(
        When(_refused(), then=Value(Hold.REFUSED.value)),
        When(debit_stands(), then=Value(Hold.DEBITED.value)),
        default=Value(""),
        output_field=CharField(),
    )


def brought_unasked() -> Q:
    """As a condition on a bill: it came from another software, which may have reminded of it, and no agent
    has said that Marelle does."""
    return Q(imported_in__kind__in=ImportRun.MOVED_IN, imported_in__reminds=False)


def overdue_bills(day: date) -> InvoiceQuerySet:
    """Those that nothing holds back."""
    return late_bills(day).filter(Q(hold=""))


def _refused() -> Q:
    """As a condition on a bill: the Trésor refused it, or cancelled it, and no file has it again."""
    pieces = ExportedBill.objects.filter(invoice=OuterRef("pk"))
    again = pieces.filter(live=True).exclude(state__in=REFUSED)
    return Q(Exists(pieces.filter(state__in=REFUSED))) & ~Q(Exists(again))


def debit_stands() -> Q:
    """As a condition on a bill: it announced a debit that is still to come, or of which nothing says that it
    failed. Once it is in a file that is by the file alone; a piece that is rejected debits nobody, and what
    the Trésor takes back from that day on was refused by the bank."""
    sent = ExportedBill.objects.filter(invoice=OuterRef("pk"), live=True)
    back = Payment.objects.filter(
        invoice=OuterRef("invoice"), means=Means.TRESOR, amount__lt=0, on__gte=OuterRef("drawn_on")
    )
    back = back.exclude(reference__startswith=UNDONE)
    drawn = sent.filter(~Exists(back), drawn_on__isnull=False).exclude(state__in=REFUSED)
    waits = Q(~Exists(sent), debit__mandate__state=Mandate.State.ACTIVE)
    return Q(debit__isnull=False) & (Q(Exists(drawn)) | waits)


def deferrals_holding(day: date) -> QuerySet[Deferral]:
    return Deferral.objects.filter(ended_at=None, until__gte=day)


def deferred_until() -> Case:
    """Of a bill, the last day of a delay that was granted and not taken back, be it past; None without one.
    Of a home for its own bills; of those that somebody else pays, of who does."""
    granted = Deferral.objects.filter(ended_at=None, authority=OuterRef("authority")).order_by("-until")
    home, payer = (
        granted.filter(**{name: OuterRef(name)}).values("until")[:1] for name in ("family", "payer")
    )
    return Case(
        When(payer=None, then=Subquery(home)),
        default=Subquery(payer),
        output_field=DateField(null=True),
    )
