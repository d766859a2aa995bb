"""What an exercise comes to: month by month, and by structure, activity, code and régie.

Everything is of the bills of the exercise, whenever they are credited or paid, so that all of it adds up to
the same. Sums are of Python decimals, or of whole cents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from marelle.activities.models import Activity
from marelle.billing.accounting.exercises import bills_of
from marelle.billing.accounting.histories import histories
from marelle.billing.accounting.rules import (
    Bill,
    Code,
    CodeSum,
    Figures,
    Flow,
    by_month_billed,
    figures_of,
    flows_of,
)
from marelle.billing.models import Assessment, Invoice, InvoiceLine, InvoiceQuerySet, Payment, Share
from marelle.core.expressions import Cents
from marelle.core.money import ZERO, of_cents
from marelle.places.models import Structure


@dataclass(frozen=True, slots=True)
class OfBefore:
    """In the calendar year of an exercise, of the bills of those before it: what came, what was credited."""

    paid: Decimal
    credited: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """`codes` come to what `whole` says; `unlined` is what bills ask beyond their lines, nothing as a rule.
    `waiting`: how many shares of it wait to be worth a bill, and what they come to."""

    whole: Figures
    months: dict[date, Figures]
    flows: tuple[Flow, ...]
    codes: tuple[CodeSum, ...]
    unlined: Decimal
    of_before: OfBefore
    waiting: tuple[int, Decimal]


def totals_of(authority_id: int, exercise: int) -> Totals:
    """In a fixed number of queries. The caller has seen that its actor is the office of the authority."""
    bills = bills_of(authority_id, exercise)
    held = histories(bills)
    codes = codes_of(bills)
    whole = figures_of(held)
    asked = whole.billed - whole.credited - whole.cancelled
    return Totals(
        whole=whole,
        months=by_month_billed(held),
        flows=flows_of(held),
        codes=codes,
        unlined=asked - sum((one.asked for one in codes), ZERO),
        of_before=_of_before(authority_id, exercise, held),
        waiting=waiting_of(authority_id, exercise),
    )


def code_lines(bills: InvoiceQuerySet) -> QuerySet[InvoiceLine]:
    """Lines of these bills and of the credit notes that take from them."""
    ids = bills.order_by().values("pk")
    of = Q(invoice__in=ids) | Q(invoice__kind=Invoice.Kind.CREDIT, invoice__corrects__in=ids)
    return InvoiceLine.objects.filter(of)


STRUCTURE = Coalesce("of_activity__structure_id", "invoice__structure_id")
CREDIT = Q(invoice__kind=Invoice.Kind.CREDIT)
CANCELLED = Q(invoice__cancelled_on__isnull=False) & ~CREDIT
ITS_NOTES = CREDIT & Q(invoice__corrects__cancelled_on__isnull=False)


def codes_of(bills: InvoiceQuerySet) -> tuple[CodeSum, ...]:
    """In the order of structures, then activities and codes; three queries."""
    rows = (
        code_lines(bills)
        .order_by()
        .values(
            "of_activity_id",
            "activity",
            "account",
            "budget",
            of_structure=STRUCTURE,
            regie=F("invoice__regie"),
        )
        .annotate(
            billed=Sum(Cents("amount"), filter=~CREDIT),
            credited=Sum(Cents("amount"), filter=CREDIT),
            cancelled=Sum(Cents("amount"), filter=CANCELLED | ITS_NOTES),
        )
    )
    names = dict(Activity.objects.filter(pk__in=_ids(rows, "of_activity_id")).values_list("pk", "name"))
    places = dict(Structure.objects.filter(pk__in=_ids(rows, "of_structure")).values_list("pk", "name"))
    found: dict[Code, CodeSum] = {}
    for row in rows:
        code = Code(
            row["of_structure"], row["of_activity_id"],
            names.get(row["of_activity_id"], row["activity"]),
            row["account"], row["budget"], row["regie"],
        )  # fmt: skip
        had = found.get(code) or CodeSum(code, places.get(code.structure_id or 0, ""), ZERO, ZERO, ZERO)
        found[code] = replace(
            had,
            billed=had.billed + of_cents(int(row["billed"] or 0)),
            credited=had.credited - of_cents(int(row["credited"] or 0)),
            cancelled=had.cancelled + of_cents(int(row["cancelled"] or 0)),
        )
    return tuple(sorted(found.values(), key=_order))


def _ids(rows: Iterable[Mapping[str, object]], name: str) -> set[int]:
    return {pk for row in rows if isinstance(pk := row[name], int)}


def _order(one: CodeSum) -> tuple[object, ...]:
    code = one.code
    return (not one.structure, one.structure, code.activity, code.account, code.budget, code.regie)


def by_structure(codes: Collection[CodeSum]) -> dict[str, CodeSum]:
    """The sums of each structure, "" for what is of none, in their order."""
    found: dict[str, CodeSum] = {}
    for one in codes:
        had = found.get(one.structure)
        found[one.structure] = (
            replace(one, code=Code(one.code.structure_id))
            if had is None
            else replace(
                had,
                billed=had.billed + one.billed,
                credited=had.credited + one.credited,
                cancelled=had.cancelled + one.cancelled,
            )
        )
    return found


def _of_before(authority_id: int, exercise: int, held: Iterable[Bill]) -> OfBefore:
    """What the year brings of all bills of months before it, less what is of the exercise's own."""
    year = (date(exercise, 1, 1), date(exercise, 12, 31))
    before = {"authority": authority_id, "month__lt": year[0]}
    own = Figures()
    for bill in held:
        for one in bill.events:
            if bill.month < year[0] and year[0] <= one.on <= year[1]:
                own.happened(one)
    paid = Payment.objects.filter(
        **{f"invoice__{name}": value for name, value in before.items()}, on__range=year
    ).exclude(invoice__kind=Invoice.Kind.CREDIT)
    notes = Invoice.objects.filter(
        kind=Invoice.Kind.CREDIT, authority=authority_id, corrects__month__lt=year[0], issued_on__range=year
    )
    return OfBefore(
        sum(paid.values_list("amount", flat=True), ZERO) - own.paid,
        -sum(notes.values_list("total", flat=True), ZERO) - own.credited,
    )


def waiting_of(authority_id: int, exercise: int) -> tuple[int, Decimal]:
    """Shares that runs of the exercise found, and that wait until they are worth a bill; one query."""
    shares = waiting_shares_of(authority_id).filter(assessment__run__exercise=exercise)
    totals = list(shares.values_list("total", flat=True))
    return len(totals), sum(totals, ZERO)


def waiting_shares_of(authority_id: int) -> QuerySet[Share]:
    return Share.objects.filter(
        state=Share.State.WAITING,
        assessment__state=Assessment.State.SETTLED,
        assessment__run__authority_id=authority_id,
    ).order_by("pk")
