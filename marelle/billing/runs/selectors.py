"""What the office reads of runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When

from marelle.billing.bill_lines import WrittenLine, written_read
from marelle.billing.doubts import DoubtCode
from marelle.billing.models import (
    AssessedMonth,
    Assessment,
    BillingRun,
    BillingTerms,
    Invoice,
    RunDoubt,
    RunTotal,
    Share,
)
from marelle.billing.runs.children import children_of
from marelle.core.actor import Actor
from marelle.core.money import ZERO
from marelle.core.sealed import opened
from marelle.families.models import Person
from marelle.places.scope import in_office

Done = Assessment.State


@dataclass(frozen=True, slots=True)
class Progress:
    """How many homes there are to look at, and how many were, in the part of the run that goes on."""

    homes: int
    done: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What a run comes to, by what becomes of it: how many, and how much. `billed`: of its bills, whole;
    `brought`: what has waited since runs before, and is on these bills."""

    billed: tuple[int, Decimal]
    waiting: tuple[int, Decimal]
    nil: tuple[int, Decimal]
    brought: tuple[int, Decimal]
    left_out: int

    @property
    def month(self) -> Decimal:
        """What was found by this run, billed or not."""
        return self.billed[1] - self.brought[1] + self.waiting[1] + self.nil[1]


@dataclass(frozen=True, slots=True)
class HomeOwes:
    """A home of a run with the shares of what it owes; `brought`: what has waited and goes along."""

    assessment: Assessment
    shares: tuple[Share, ...]
    brought: Decimal

    @property
    def total(self) -> Decimal:
        return self.assessment.total + self.brought


def runs_of(actor: Actor) -> QuerySet[BillingRun]:
    """Of the authorities whose office the actor is, the newest month first."""
    return BillingRun.objects.made_here().filter(in_office(actor, "authority__")).select_related("authority")


def run_of(actor: Actor, run_id: int) -> BillingRun | None:
    return runs_of(actor).prefetch_related("structures").filter(pk=run_id).first()


def terms_rows(actor: Actor) -> QuerySet[BillingTerms]:
    rows = BillingTerms.objects.filter(in_office(actor, "authority__"))
    return rows.select_related("authority").order_by("authority__name", "-since")


def progress_of(run: BillingRun) -> Progress:
    """One query. Homes with nothing to bill are gone from a run once they were looked at."""
    rows = run.assessments.aggregate(
        to_do=Count("pk", filter=Q(state=Done.TO_DO)),
        ready=Count("pk", filter=Q(state=Done.READY)),
        every=Count("pk"),
    )
    if run.state == BillingRun.State.PREVIEWING:
        return Progress(run.homes, run.homes - rows["to_do"])
    return Progress(rows["every"], rows["every"] - rows["ready"])


def sums_of(run: BillingRun) -> Sums:
    """Three queries."""
    rows = Share.objects.exclude(assessment__state=Done.LEFT_OUT).order_by()
    # One that a later run has taken along has waited, whatever became of it there.
    own = rows.filter(assessment__run=run).annotate(
        fate=Case(When(goes_with=None, then=F("state")), default=Value(Share.State.WAITING.value))
    )
    found = {
        fate: (number, total)
        for fate, number, total in own.values_list("fate").annotate(n=Count("pk"), sum=Sum("total"))
    }
    sent = (Share.State.READY, Share.State.BILLED)
    along = Share.objects.filter(goes_with__in=rows.filter(assessment__run=run, state__in=sent)).order_by()
    brought = along.aggregate(n=Count("pk"), sum=Sum("total", default=ZERO))
    none = (0, ZERO)
    ready, billed = (found.get(state, none) for state in sent)
    return Sums(
        billed=(ready[0] + billed[0], ready[1] + billed[1] + brought["sum"]),
        waiting=found.get(Share.State.WAITING, none),
        nil=found.get(Share.State.NIL, none),
        brought=(brought["n"], brought["sum"]),
        left_out=run.assessments.filter(state=Done.LEFT_OUT).count(),
    )


@dataclass(frozen=True, slots=True)
class Doubts:
    """Of one kind: the first of them, and how many there are."""

    rows: tuple[RunDoubt, ...]
    count: int


def doubts_of(
    run: BillingRun, *, but_homes: Collection[int] = (), at_most: int = 20
) -> dict[DoubtCode, Doubts]:
    """By kind, in the order of their homes, without those of `but_homes`; a query, with one for each kind."""
    told = Q(assessment=None) | ~Q(assessment__family__in=but_homes)
    rows = RunDoubt.objects.filter(told, run=run).select_related("assessment__family", "child", "structure")
    counts = RunDoubt.objects.filter(told, run=run).order_by().values_list("code").annotate(n=Count("pk"))
    return {
        DoubtCode(code): Doubts(
            tuple(rows.filter(code=code).order_by("assessment__place", "pk")[:at_most]), count
        )
        for code, count in counts
    }


def totals_of(run: BillingRun) -> list[dict[str, object]]:
    """By structure, activity, account and bracket; one query."""
    rows = RunTotal.objects.filter(run=run).order_by(
        "structure__name", "activity__name", "account", "bracket"
    )
    names = ("structure__name", "activity__name", "account", "bracket")
    return list(rows.values(*names).annotate(quantity_sum=Sum("quantity"), amount_sum=Sum("amount")))


def homes_of(run: BillingRun, *, but_homes: Collection[int] = ()) -> QuerySet[Assessment]:
    """Those that owe something, in the order of their bills, without `but_homes`."""
    rows = run.assessments.exclude(state=Done.TO_DO).filter(shares__isnull=False).distinct()
    rows = rows.exclude(family__in=but_homes)
    return rows.select_related("family").order_by("place")


def owing(assessments: Sequence[Assessment]) -> list[HomeOwes]:
    """Two queries, however many."""
    ids = [row.pk for row in assessments]
    shares: dict[int, list[Share]] = defaultdict(list)
    rows = Share.objects.filter(assessment__in=ids).select_related("invoice", "payer")
    for share in rows.order_by("regie", "pk"):
        shares[share.assessment_id].append(share)
    brought: dict[int, Decimal] = defaultdict(lambda: ZERO)
    waited = Share.objects.filter(goes_with__assessment__in=ids).order_by()
    for assessment_id, total in waited.values_list("goes_with__assessment_id", "total"):
        brought[assessment_id] += total
    return [HomeOwes(row, tuple(shares[row.pk]), brought[row.pk]) for row in assessments]


@dataclass(frozen=True, slots=True)
class Printing:
    """Of the bills of a run: how many there are, how many have their PDF, how many are `apart` and so for a
    colleague to print."""

    bills: int
    ready: int
    apart: int

    @property
    def is_ready(self) -> bool:
        return self.bills == self.ready > 0


def printing_of(run: BillingRun, *, but_homes: Collection[int] = ()) -> Printing:
    """One query."""
    return Printing(
        **run.invoices.order_by().aggregate(
            bills=Count("pk"), ready=Count("pdf"), apart=Count("pk", filter=Q(family__in=but_homes))
        )
    )


def bills_to_fold(run: BillingRun, *, but_homes: Collection[int] = ()) -> QuerySet[Invoice]:
    """Bills with a PDF, as an office folds and posts them: those of as many sheets together, then by postal
    code, town and street."""
    rows = run.invoices.filter(pdf__isnull=False).exclude(family__in=but_homes).select_related("pdf")
    place = ("addressee__postal_code", "addressee__city", "addressee__street")
    return rows.annotate(sheets=(F("pdf__pages") + 1) / 2).order_by("sheets", *place, "number")


def lines_of(shares: Sequence[Share]) -> list[tuple[WrittenLine, ...]]:
    """Of each, the lines of the bill that it goes on, as they are kept; one query. Raises CannotOpen."""
    children = children_of({share.assessment_id for share in shares})
    return [
        tuple(
            line.renamed(children.get(share.assessment_id, {})) for line in written_read(opened(share.lines))
        )
        for share in shares
    ]


def first_names(lines: Iterable[WrittenLine]) -> dict[int, str]:
    """Of the children that they are about; one query."""
    ids = {line.child_id for line in lines if line.child_id is not None}
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "first_name"))


@dataclass(frozen=True, slots=True)
class MonthBilled:
    """`first`: of the month; `homes`: how many were billed of it."""

    first: date
    homes: int


def is_something_billed() -> bool:
    """Whether a home was ever billed here, by whichever authority; one query."""
    return Assessment.objects.filter(state=Done.SETTLED, run__brought_in=None).exists()


def months_billed(
    authority_id: int, since: date, until: date | None = None, structure_ids: Collection[int] | None = None
) -> list[MonthBilled]:
    """The months of which a day from `since` to `until` (both included; None: all that come) was billed here,
    by a run of one of these structures (None: any): what changes there is put right by a later one."""
    whose = Q() if structure_ids is None else Q(run__structures=None) | Q(run__structures__in=structure_ids)
    settled = Assessment.objects.filter(
        whose, state=Done.SETTLED, run__authority_id=authority_id, run__cutoff__gte=since
    )
    # A month of no amount is one of which a run has found that there was nothing to bill.
    rows = AssessedMonth.objects.exclude(amount=0).filter(
        assessment__in=settled, month__gte=since.replace(day=1)
    )
    if until is not None:
        rows = rows.filter(month__lte=until)
    counted = rows.order_by("month").values("month").annotate(n=Count("assessment__family", distinct=True))
    return [MonthBilled(month, homes) for month, homes in counted.values_list("month", "n")]
