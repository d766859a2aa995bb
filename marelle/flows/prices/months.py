"""What the days of homes come to, month by month and authority by authority."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from marelle.bookings.planning import Beside
from marelle.core.actor import Actor
from marelle.core.money import ZERO
from marelle.flows.prices.held import Earlier, HeldSlot, wishes_of
from marelle.flows.prices.homes import situations_of, territories_of
from marelle.flows.prices.situations import Situation
from marelle.flows.prices.spans import Days, month_of, months_in, span_of
from marelle.flows.prices.taken import periods_closed
from marelle.places.scope import income_reader, own_authorities
from marelle.pricing.lines import Gap, Line
from marelle.pricing.memo import Memo
from marelle.pricing.selectors import tariff_books
from marelle.pricing.tariffs import Slots, TariffBook
from marelle.pricing.wishes import priced_by

Memos = Mapping[int, Memo]
"""By authority, of those that have tariffs."""


@dataclass(frozen=True, slots=True)
class MonthPrice:
    """Of a home at one authority. `first`: of the month. Lines in their order; gaps of its days."""

    authority_id: int
    first: date
    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True)
class PricedHome:
    """A home with the tariffs of the authorities whose prices may be told. `tells_totals`: what its months
    come to may be told too, which is all that it has there."""

    situation: Situation
    known: Memos
    tells_totals: bool = True

    @property
    def family_id(self) -> int:
        return self.situation.family_id

    @property
    def child_ids(self) -> frozenset[int]:
        return self.situation.child_ids

    def beside(self, days: Days) -> Beside:
        """What a planning of `days` reads for its prices."""
        return Beside(self.child_ids, *counted_with(self.known, days))

    @property
    def timed(self) -> Slots:
        """The slots of which the hours that were seen count."""
        return Slots().union(*(memo.book.timed for memo in self.known.values()))


def memos() -> Memos:
    """Of each authority that has tariffs."""
    return {authority_id: Memo(book) for authority_id, book in tariff_books().items()}


def priced_home(actor: Actor) -> PricedHome | None:
    """The home that is open, where something has a tariff and the actor may know what it pays; one query, or
    none. An agent sees the prices of the authorities whose incomes it reads: a price tells them."""
    known = memos()
    if known and actor.on_behalf_of:
        read = own_authorities(income_reader(actor))
        known = {authority_id: memo for authority_id, memo in known.items() if authority_id in read}
    return PricedHome(situations_of([actor.home_id])[actor.home_id], known) if known else None


def home_priced_at(authority_id: int, family_id: int, *, tells_totals: bool) -> PricedHome | None:
    """A home with the tariffs of one authority, None where it has none; one query, or none."""
    memo = memos().get(authority_id)
    if memo is None:
        return None
    return PricedHome(situations_of([family_id])[family_id], {authority_id: memo}, tells_totals)


def months_priced(
    known: Memos, situation: Situation, rows: Iterable[HeldSlot], days: Days, earlier: Earlier
) -> Iterator[MonthPrice]:
    """Each month of `days`, which are whole months, by authority in the order of their ids; `rows` are of all
    the days that are counted with them, and `earlier` of those before. A home that has taken something pays
    it, whatever it has booked."""
    held: dict[int, list[HeldSlot]] = defaultdict(list)
    for row in rows:
        held[row.activity.authority_id].append(row)
    places = {*held, *(one.authority_id for one in situation.subscribed)} & known.keys()
    territories = territories_of(places)
    for authority_id in sorted(places):
        memo, territory, own = known[authority_id], territories[authority_id], held[authority_id]
        counted = read_with({authority_id: memo}, situation, days)
        found = priced_by(memo, wishes_of(memo.book, situation, territory, counted, own, earlier))
        for first, last in months_in(days):
            lines = tuple(line for line in found.lines if first <= line.day <= last)
            gaps = tuple(gap for gap in found.gaps if first <= gap.day <= last)
            if own or lines or gaps:
                yield MonthPrice(authority_id, first, lines, gaps)


def counted_with(known: Memos, days: Days) -> Days:
    """All the days that the days of `days` are priced with."""
    return _all(days, [widened(memo.book, days) for memo in known.values()])


def read_with(known: Memos, situation: Situation, days: Days) -> Days:
    """The same, with those of the periods of which what is given back is settled in `days`."""
    closed = (periods_closed(situation, pk, memo.book, days) for pk, memo in known.items())
    return _all(counted_with(known, days), [period for periods in closed for period in periods])


def widened(book: TariffBook, days: Days) -> Days:
    """`days` with all of each week, month or year in which something of them is counted."""
    return _all(days, [span_of(kind, day) for kind in book.spans for day in days])


def _all(days: Days, others: Collection[Days]) -> Days:
    return min([days[0], *(one[0] for one in others)]), max([days[1], *(one[1] for one in others)])


def whole_months(days: Days) -> Days:
    return month_of(days[0])[0], month_of(days[1])[1]


def totals(prices: Collection[MonthPrice]) -> dict[date, Decimal]:
    """Of each month, all authorities together."""
    found: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for one in prices:
        found[one.first] += one.total
    return dict(found)
