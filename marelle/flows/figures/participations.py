"""What families are billed and pay for the days counted.

From the lines of bills, day by day: a day is of its own month, whichever bill it came on, and its child
counts by its age on that day. What is paid of a bill is shared among its lines in proportion, to the cent.
Rights are the caller's to check: these are amounts of bills, together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from marelle.activities.kinds import ActivityKind
from marelle.attendance.models import Call
from marelle.billing.models import Invoice, InvoiceLine
from marelle.billing.tax.rules import shared
from marelle.bookings.models import Attendance
from marelle.core.money import ZERO
from marelle.families.models import Person
from marelle.flows.figures.counting import Key
from marelle.flows.figures.rows import Wanted, activities_of, openings_of
from marelle.flows.figures.rules import Band, band_of


class Of(NamedTuple):
    """What a part of a line is of; None, "" for what is of no child, activity or day."""

    activity_id: int | None = None
    month: date | None = None
    band: str = ""

    @property
    def order(self) -> tuple[int, date, str]:
        return self.activity_id or 0, self.month or date.min, self.band


@dataclass(slots=True)
class Participation:
    """In euros: `billed` to homes, `paid` of that, `others`: billed to who pays and is no home. `days`: of a
    child in an activity, that something is billed for. `minutes`: billed to whomever, of what is priced by
    the hour, None where nothing is. `homes`: those that are billed."""

    billed: Decimal = ZERO
    paid: Decimal = ZERO
    others: Decimal = ZERO
    days: int = 0
    minutes: int | None = None
    homes: set[int] = field(default_factory=set)

    def add_minutes(self, minutes: int | None) -> None:
        if minutes is not None:
            self.minutes = (self.minutes or 0) + minutes

    def add(self, other: Participation) -> None:
        self.billed += other.billed
        self.paid += other.paid
        self.others += other.others
        self.days += other.days
        self.add_minutes(other.minutes)
        self.homes |= other.homes


@dataclass(slots=True)
class Participations:
    """`cells` are of no commune: a bill is of a home, a day of a child. `activities`: as in `Attended`.
    `apart`: billed to homes in these months on lines that name no activity or no day: nobody knows of which
    structure it is. `open_calls`: how many of the calls counted are not closed. `childcare`: the activities
    that are a multi-accueil."""

    cells: dict[Key, Participation] = field(default_factory=dict)
    activities: dict[int, tuple[str, int]] = field(default_factory=dict)
    apart: Decimal = ZERO
    open_calls: int = 0
    childcare: frozenset[int] = frozenset()


class _Line(NamedTuple):
    """`month`: that of its bill, or of the credit note."""

    bill_id: int
    is_home: bool
    family_id: int
    child_id: int | None
    activity_id: int | None
    month: date
    days: tuple[date, ...]
    amount: Decimal
    minutes: int | None


def participations(wanted: Wanted, authority_ids: Collection[int]) -> Participations:
    """Of the bills of these authorities, whose structures are counted; in a fixed number of queries."""
    lines = _lines(authority_ids, wanted.first)
    named = activities_of(wanted.structure_ids, wanted.activity_id).order_by()
    told = list(named.values_list("pk", "name", "structure_id", "kind"))
    activities = {pk: (name, structure_id) for pk, name, structure_id, _kind in told}
    births = dict(
        Person.objects.filter(pk__in={one.child_id for one in lines if one.child_id})
        .order_by()
        .values_list("pk", "birth_date")
    )
    found: dict[Of, Participation] = defaultdict(Participation)
    places: dict[tuple[int, int | None, date], tuple[Of, list[Decimal]]] = {}
    asked: dict[int, dict[Of, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for line in lines:
        for day, amount in _by_day(line):
            of = _of(line, day, births)
            # Of days that are alike, each has as many.
            found[of].add_minutes(line.minutes and line.minutes // max(len(line.days), 1))
            if line.is_home:
                found[of].homes.add(line.family_id)
                asked[line.bill_id][of] += amount
                found[of].billed += amount
            else:
                found[of].others += amount
            if day is not None and line.activity_id is not None:
                place = (line.activity_id, line.child_id, day)
                places.setdefault(place, (of, []))[1].append(amount)
    for bill_id, paid in _paid(authority_ids, wanted.first).items():
        for of, amount in shared(asked[bill_id], paid).items():
            found[of].paid += amount
    for of, amounts in places.values():
        found[of].days += sum(amounts, ZERO) > ZERO
    apart = sum(
        (one.billed for of, one in found.items() if of.activity_id is None and of.month in wanted.months),
        ZERO,
    )
    return Participations(
        {
            Key(of.activity_id, of.month, Band(of.band), None): one
            for of, one in found.items()
            if of.activity_id in activities and of.month is not None and of.month in wanted.months
        },
        activities,
        apart,
        _open_calls(wanted),
        frozenset(pk for pk, _name, _structure_id, kind in told if kind == ActivityKind.CHILDCARE),
    )


def _lines(authority_ids: Collection[int], first: date) -> list[_Line]:
    """A credit note's are those of the bill that it takes from. A day is on a bill of its month or of a later
    one."""
    rows = (
        InvoiceLine.objects.filter(
            invoice__authority__in=authority_ids, invoice__month__gte=first, invoice__cancelled_on=None
        )
        .exclude(invoice__corrects__cancelled_on__isnull=False, invoice__kind=Invoice.Kind.CREDIT)
        .order_by()
    )
    return [
        _Line(
            corrects_id if kind == Invoice.Kind.CREDIT and corrects_id else pk,
            payer_id is None,
            family_id,
            child_id,
            activity_id,
            month,
            tuple(date.fromisoformat(day) for day in days),
            amount,
            minutes,
        )
        for (
            pk, corrects_id, kind, payer_id, family_id, child_id, activity_id, month, days, amount, minutes,
        ) in rows.values_list(
            "invoice_id", "invoice__corrects_id", "invoice__kind", "invoice__payer_id", "invoice__family_id",
            "child_id", "of_activity_id", "invoice__month", "days", "amount", "minutes",
        )
    ]  # fmt: skip


def _by_day(line: _Line) -> list[tuple[date | None, Decimal]]:
    """All its days are alike."""
    if not line.days:
        return [(None, line.amount)]
    return [(day, line.amount / len(line.days)) for day in line.days]


def _of(line: _Line, day: date | None, births: Mapping[int, date | None]) -> Of:
    """What names no activity is of the month of its bill; so is what names no day, as the bills of another
    software do."""
    if line.activity_id is None:
        return Of(month=line.month)
    when = day or line.month
    band = band_of(births.get(line.child_id or 0), when)
    return Of(line.activity_id, when.replace(day=1), band.value)


def _paid(authority_ids: Collection[int], first: date) -> dict[int, Decimal]:
    """By bill of a home, those of which something is."""
    rows = Invoice.objects.of_homes().filter(
        authority__in=authority_ids, month__gte=first, cancelled_on=None, paid__gt=0
    )
    return dict(rows.order_by().values_list("pk", "paid"))


def _open_calls(wanted: Wanted) -> int:
    """Of openings on which somebody was noted."""
    noted = Exists(Attendance.objects.filter(opening=OuterRef("pk")))
    rows = openings_of(*wanted.span).filter(noted)
    return rows.exclude(call__state=Call.State.CLOSED).count()
