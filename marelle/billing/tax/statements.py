"""What homes paid, year by year, from their bills and the rows of what was paid of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from marelle.activities.models import Slot
from marelle.billing.models import Invoice, InvoiceLine, Payment
from marelle.billing.tax.rules import Asked, Bill, Item, Paid, Part, counts, paid_in_years, parts_of
from marelle.core.money import ZERO
from marelle.families.models import Member, Person
from marelle.places.models import Authority


@dataclass(frozen=True, slots=True)
class ChildPaid:
    """What was paid in the year of a child. `counts`: it is under six as the return asks; `by_turns`: it
    lives in another home too. `person` None: of the home, not of a child."""

    person: Person | None
    amounts: Mapping[Part, Decimal]
    counts: bool = False
    by_turns: bool = False

    def of(self, *parts: Part) -> Decimal:
        return sum((self.amounts.get(part, ZERO) for part in parts), ZERO)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a home paid an authority in a year, child by child, the eldest first. `is_over`: no payment of the
    year can come any more but by a file that is late."""

    family_id: int
    authority: Authority
    year: int
    children: tuple[ChildPaid, ...]
    is_over: bool

    @property
    def total(self) -> Decimal:
        return sum((one.of(*Part) for one in self.children), ZERO)

    @property
    def care(self) -> Decimal:
        """Of the children who count."""
        return sum((one.of(Part.CARE) for one in self.children if one.counts), ZERO)


class _Line(NamedTuple):
    invoice_id: int
    child_id: int | None
    amount: Decimal
    food: Decimal | None
    kind: str | None
    has_meal: bool


def statements_of(bills: QuerySet[Invoice], *, family_id: int, day: date) -> list[Statement]:
    """Of the bills of a home, the newest year first; in a fixed number of queries. The caller has chosen the
    bills that its actor may read."""
    rows = list(bills.filter(family_id=family_id, payer=None).select_related("authority").order_by("pk"))
    by_authority: dict[Authority, list[Bill]] = defaultdict(list)
    for row, bill in _bills(rows):
        by_authority[row.authority].append(bill)
    years = {authority: paid_in_years(found, day.year) for authority, found in by_authority.items()}
    ids = {item.child_id for found in years.values() for items in found.values() for item in items}
    children = Person.objects.in_bulk([pk for pk in ids if pk is not None])
    stays = _stays(children)
    return [
        Statement(
            family_id,
            authority,
            year,
            tuple(_children(items, children, stays, family_id, year)),
            is_over=year < day.year,
        )
        for authority, found in sorted(years.items(), key=lambda one: one[0].name)
        for year, items in sorted(found.items(), reverse=True)
    ]


def _bills(found: Iterable[Invoice]) -> Iterator[tuple[Invoice, Bill]]:
    """Those of which something was paid, each with what its credit notes take from it."""
    rows = {row.pk: row for row in found}
    paid: dict[int, list[Paid]] = defaultdict(list)
    for pk, amount, on in Payment.objects.filter(invoice__in=rows).values_list("invoice", "amount", "on"):
        paid[pk].append(Paid(amount, on))
    of = {pk: row.corrects_id or pk if row.kind == Invoice.Kind.CREDIT else pk for pk, row in rows.items()}
    asked: dict[int, list[Asked]] = defaultdict(list)
    for line in _lines([pk for pk, bill in of.items() if bill in paid]):
        row = rows[line.invoice_id]
        for item, amount in parts_of(
            line.amount, line.food, kind=line.kind, has_meal=line.has_meal, child_id=line.child_id
        ):
            asked[of[row.pk]].append(Asked(item, amount, row.issued_on))
    for pk, payments in paid.items():
        yield rows[pk], Bill(tuple(asked[pk]), tuple(payments), rows[pk].cancelled_on)


def _lines(invoice_ids: Collection[int]) -> list[_Line]:
    meals = Slot.objects.filter(activity=OuterRef("of_activity"), has_meal=True)
    rows = InvoiceLine.objects.filter(invoice__in=invoice_ids).annotate(meal=Exists(meals))
    return [
        _Line(*row)
        for row in rows.order_by("pk").values_list(
            "invoice", "child", "amount", "food", "of_activity__kind", "meal"
        )
    ]


def _stays(children: Mapping[int, Person]) -> dict[int, list[Member]]:
    found: dict[int, list[Member]] = defaultdict(list)
    for row in Member.objects.filter(person__in=children, kind=Member.Kind.CHILD):
        found[row.person_id].append(row)
    return found


def _children(
    items: Mapping[Item, Decimal],
    children: Mapping[int, Person],
    stays: Mapping[int, Collection[Member]],
    family_id: int,
    year: int,
) -> Iterator[ChildPaid]:
    by_child: dict[int | None, dict[Part, Decimal]] = defaultdict(dict)
    for item, amount in items.items():
        by_child[item.child_id][item.part] = amount
    people = sorted(
        (children[pk] for pk in by_child if pk is not None),
        key=lambda one: (one.birth_date or date.max, one.pk),
    )
    for person in people:
        homes = {
            stay.family_id
            for stay in stays.get(person.pk, ())
            if stay.since.year <= year and (stay.until is None or stay.until.year >= year)
        }
        yield ChildPaid(
            person, by_child[person.pk], counts(person.birth_date, year), by_turns=bool(homes - {family_id})
        )
    if None in by_child:
        yield ChildPaid(None, by_child[None])
