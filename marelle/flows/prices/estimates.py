"""What a month comes to so far, as a page shows it: whose each line is, and of which activity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from marelle.activities.facts import ActivityFacts
from marelle.core.actor import Actor
from marelle.core.money import ZERO
from marelle.families.models import Person
from marelle.flows.prices.changes import Bill, bill_of
from marelle.flows.prices.months import MonthPrice, priced_home, totals
from marelle.flows.prices.situations import Situation
from marelle.flows.prices.spans import month_of
from marelle.places.models import Authority
from marelle.pricing.alike import Alike, alike
from marelle.pricing.lines import Gap, Line, LineKind, StepCode
from marelle.pricing.models import Product, Subscription
from marelle.pricing.tariffs import TariffBook

PAID_AT_ONCE: Final = frozenset({LineKind.TAKEN, LineKind.EXTRA, LineKind.DEDUCTED})


@dataclass(frozen=True, slots=True)
class Share:
    """What one child has in one activity; `activity` None: of the home, or of several activities."""

    child: str
    activity: str
    charged: tuple[Alike, ...]
    gaps: tuple[tuple[Gap, tuple[date, ...]], ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((one.amount for one in self.charged), ZERO)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a home's month at one authority. `slots`: their names, in the order in which they are told;
    `products`: those of what is paid at once and has no price."""

    authority: str
    first: date
    book: TariffBook
    slots: Mapping[int, str]
    shares: tuple[Share, ...]
    products: Mapping[int, str] = field(default_factory=dict)

    def named(self, gap: Gap) -> str:
        """What has no price; "" of what has no name."""
        return {"slot": self.slots, "product": self.products}.get(gap.what, {}).get(gap.id, "")

    @property
    def total(self) -> Decimal:
        return sum((share.total for share in self.shares), ZERO)


@dataclass(frozen=True, slots=True)
class MonthSoFar:
    """`is_priced`: something has a tariff, and the actor may know what the home pays. `taken`: what it has at
    once in the month."""

    is_priced: bool = False
    estimates: tuple[Estimate, ...] = ()
    taken: tuple[Subscription, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((one.total for one in self.estimates), ZERO)


def month_so_far(actor: Actor, day: date) -> MonthSoFar:
    """The month that `day` is in, of the home that is open; eight queries, with two where it has taken
    something, and those of what was missed."""
    home = priced_home(actor)
    if home is None:
        return MonthSoFar()
    days = month_of(day)
    taken = Subscription.objects.filter(family=home.family_id, product__authority__in=home.known)
    return MonthSoFar(
        True,
        tuple(estimates_of(bill_of(home, days))),
        tuple(taken.within(*days).whole()),
    )


def total_so_far(actor: Actor, day: date) -> Decimal | None:
    """What the month comes to; None where nothing of it has a price. Three queries, or none."""
    home = priced_home(actor)
    if home is None:
        return None
    bill = bill_of(home, month_of(day))
    return totals(bill.months()).get(day.replace(day=1))


def estimates_of(
    bill: Bill,
    told: Callable[[ActivityFacts], bool] = lambda _activity: True,
    whole: Callable[[int], bool] = lambda _authority_id: True,
) -> Iterator[Estimate]:
    """`whole`: of which authorities all is told; of another, what is of the activities that are `told` alone,
    not what the home pays at once, nor what activities that are not all told share."""
    priced = bill.months()
    missing = {gap.id for one in priced for gap in one.gaps if gap.what == "product"}
    products = dict(Product.objects.filter(pk__in=missing).values_list("pk", "name")) if missing else {}
    authorities = Authority.objects.filter(pk__in=[one.authority_id for one in priced])
    names = dict(authorities.values_list("pk", "name"))
    children = dict(
        Person.objects.filter(pk__in=bill.home.situation.child_ids).values_list("pk", "first_name")
    )
    activities = {row.activity.id: row.activity for row in bill.rows}
    for found in priced:
        own = [one for one in activities.values() if one.authority_id == found.authority_id]
        own.sort(key=lambda one: (one.order, one.id))
        month = found
        if not whole(found.authority_id):
            mine = [one for one in own if told(one)]
            month, own = _cut(found, mine, shared=mine == own), mine
        if not (own or month.lines or month.gaps):
            continue
        yield Estimate(
            names[month.authority_id],
            month.first,
            bill.home.known[month.authority_id].book,
            {slot.id: slot.name for one in own for slot in one.in_order},
            tuple(_shares(month, own, bill.home.situation, children)),
            products,
        )


def _cut(month: MonthPrice, activities: Sequence[ActivityFacts], *, shared: bool) -> MonthPrice:
    slots = frozenset(slot for one in activities for slot in one.slots)
    return replace(
        month,
        lines=tuple(
            line
            for line in month.lines
            if (line.slots <= slots if line.slots else shared and not _is_of_product(line))
        ),
        gaps=tuple(gap for gap in month.gaps if gap.what == "slot" and gap.id in slots),
    )


def _is_of_product(line: Line) -> bool:
    """Of what is paid at once."""
    return line.kind in PAID_AT_ONCE or line.steps[-1].code is StepCode.KEPT


def _shares(
    month: MonthPrice,
    activities: Sequence[ActivityFacts],
    situation: Situation,
    children: Mapping[int, str],
) -> Iterator[Share]:
    """By child, the eldest first, and by activity; what is of several activities last."""
    of_slot = {slot: place for place, one in enumerate(activities) for slot in one.slots}
    last = len(activities)

    def place(child_id: int | None, slots: Iterable[int]) -> tuple[date, int, int]:
        birth = situation.birth(child_id) if child_id else None
        places = {of_slot.get(slot, last) for slot in slots}
        return birth or date.max, child_id or 0, places.pop() if len(places) == 1 else last

    lines: dict[tuple[date, int, int], list[Line]] = {}
    for line in month.lines:
        lines.setdefault(place(line.child_id, line.slots), []).append(line)
    gaps: dict[tuple[date, int, int], dict[Gap, list[date]]] = {}
    for gap in month.gaps:
        missing = gaps.setdefault(place(gap.child_id, [gap.id] if gap.what == "slot" else []), {})
        missing.setdefault(gap._replace(day=month.first), []).append(gap.day)
    for key in sorted({*lines, *gaps}):
        _birth, child_id, rank = key
        yield Share(
            children.get(child_id, ""),
            activities[rank].name if rank < last else "",
            alike(lines.get(key, ())),
            tuple((gap, tuple(days)) for gap, days in gaps.get(key, {}).items()),
        )
