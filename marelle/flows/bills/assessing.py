"""What a home owes: what is due of its months less what is billed of them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Final

from marelle.billing.covering import covered
from marelle.billing.doubts import DoubtCode
from marelle.billing.due import Charge, Item, Place, billed_of, late, owed, to_bill
from marelle.core.money import ZERO
from marelle.flows.bills.facts import HomeFacts, MonthFacts
from marelle.flows.prices.spans import month_of
from marelle.pricing.about import hangs_on_health
from marelle.pricing.facts import IncomeStatus
from marelle.pricing.lines import Gap, Line
from marelle.pricing.memo import Memo
from marelle.pricing.wishes import priced_by

LACKING: Final = (IncomeStatus.UNKNOWN.value,)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run bills: of which structures (None: all), until which day."""

    structure_ids: frozenset[int] | None
    cutoff: date

    def holds(self, day: date, structure_id: int | None) -> bool:
        """What the authority prices in common goes with whichever run comes first."""
        everywhere = self.structure_ids is None or structure_id is None
        return day <= self.cutoff and (everywhere or structure_id in (self.structure_ids or ()))

    def of_month(self, month: date) -> str:
        """The same text for two runs that look at the same of a month; 64 characters at most."""
        last = min(self.cutoff, month_of(month)[1])
        if self.structure_ids is None:
            return f"{last:%d} *"
        named = ",".join(map(str, sorted(self.structure_ids)))
        return f"{last:%d} {sha256(named.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class KnownMonth:
    """How a month was looked at last, by a run that was issued."""

    digest: str
    scope: str


@dataclass(frozen=True, slots=True)
class MonthAssessed:
    first: date
    digest: str
    scope: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class HomeAssessed:
    """`items`: to bill now. `months`: those that were priced, since they were not known as they are. `gaps`:
    of what no tariff holds; `unread`: the months of which nothing is said, since no key opens an income;
    `settled`: those that stay as they were billed, before the home was one with another."""

    family_id: int
    digest: str
    items: tuple[Item, ...]
    months: tuple[MonthAssessed, ...]
    gaps: tuple[Gap, ...]
    unread: tuple[date, ...] = ()
    settled: tuple[date, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((item.amount for item in self.items), ZERO)

    @property
    def doubts(self) -> Iterator[tuple[DoubtCode, int | None, date]]:
        """What its own lines tell, with the child and the first day."""
        found: dict[tuple[DoubtCode, int | None], date] = {}
        for first in self.unread:
            found.setdefault((DoubtCode.UNREAD, None), first)
        for first in self.settled:
            found.setdefault((DoubtCode.MERGED, None), first)
        for gap in self.gaps:
            found.setdefault((DoubtCode.NO_TARIFF, gap.child_id), gap.day)
        for item in self.items:
            if isinstance(item, Charge) and lacks_income(item.line):
                found.setdefault((DoubtCode.NO_INCOME, None), item.line.day)
        for (code, child_id), day in found.items():
            yield code, child_id, day


def lacks_income(line: Line) -> bool:
    return any(step.data.get("status") in LACKING for step in line.steps)


def unknown_months(
    facts: HomeFacts, scope: Scope, known: Mapping[date, KnownMonth]
) -> tuple[MonthFacts, ...]:
    """Those that are not what they were when they were billed: the others have nothing to bill. All of them
    where a coverage has a most, of which each month takes what those before it have left."""
    if any(one.most is not None for one in facts.coverages):
        return facts.months
    return tuple(
        month
        for month in facts.months
        if known.get(month.first) != KnownMonth(month.digest, scope.of_month(month.first))
    )


def spent_of(items: Iterable[Item]) -> dict[int, Decimal]:
    """What each coverage has taken on, of what was billed."""
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for item in items:
        for account, amount in item.accounts:
            if account.coverage_id is not None:
                found[account.coverage_id] += amount.whole
    return found


def home_assessed(
    memo: Memo,
    facts: HomeFacts,
    scope: Scope,
    months: Collection[MonthFacts],
    billed: Iterable[Item],
    spent: Mapping[int, Decimal],
    *,
    by_hand: bool = False,
) -> HomeAssessed:
    """`months`: the `unknown_months`; `billed`: all that was billed of these, in its order; `spent`: what
    each coverage took on before them. The last of the home's months is the one that is billed now.

    What was billed before another file was merged into the home's was priced as of two homes, and stays so,
    unless an agent corrects it `by_hand`."""
    of_month: dict[date, list[Item]] = defaultdict(list)
    for item in billed:
        of_month[item.place.day.replace(day=1)].append(item)
    items: list[Item] = []
    gaps: list[Gap] = []
    assessed = []
    unread = [month.first for month in months if month.unread]
    settled = [
        month.first
        for month in months
        if not (by_hand or month.unread) and facts.is_merged_after(month.first) and of_month[month.first]
    ]
    taken = defaultdict(lambda: ZERO, spent)
    for month in months:
        if month.first in {*unread, *settled}:
            for coverage_id, amount in spent_of(of_month[month.first]).items():
                taken[coverage_id] += amount
            continue
        charges, lacking, withheld = _due(memo, facts, scope, month)
        due = list(covered(owed(charges, facts.waived), facts.coverages, taken))
        for part in (part for one in due for part in one.parts):
            taken[part.coverage_id] += part.amount
        # What other structures were billed for is not this run's to correct, nor what nobody can price now.
        had = {
            place: one
            for place, one in billed_of(of_month[month.first]).items()
            if scope.holds(place.day, one.structure_id) and place not in withheld
        }
        found = list(to_bill(due, had, facts.waived))
        items += found
        gaps += lacking
        amount = sum((item.amount for item in found), ZERO)
        assessed.append(MonthAssessed(month.first, month.digest, scope.of_month(month.first), amount))
    return HomeAssessed(
        facts.family_id,
        facts.digest,
        tuple(late(items, facts.months[-1].first)),
        tuple(assessed),
        tuple(gaps),
        tuple(unread),
        tuple(settled),
    )


def _due(
    memo: Memo, facts: HomeFacts, scope: Scope, month: MonthFacts
) -> tuple[list[Charge], list[Gap], set[Place]]:
    """What is due, what no tariff holds, and the places that are not priced: whether the child brings its
    meal is on a sheet that no key opens. These are gaps as well."""
    first, last = month_of(month.first)
    priced = priced_by(memo, month.wishes)
    charges = [_charge(facts, line) for line in priced.lines if first <= line.day <= last]
    gaps = [gap for gap in priced.gaps if first <= gap.day <= last]
    lost = [one for one in charges if _is_lost(memo, facts, one.line)]
    gaps += [Gap(one.line.day, one.line.child_id, "slot", min(one.line.slots)) for one in lost]
    withheld = {one.place for one in lost}
    return (
        [one for one in charges if scope.holds(one.line.day, one.structure_id) and one.place not in withheld],
        [gap for gap in gaps if scope.holds(gap.day, _structure_of(facts, gap))],
        withheld,
    )


def _is_lost(memo: Memo, facts: HomeFacts, line: Line) -> bool:
    return line.child_id in facts.situation.unread and hangs_on_health(memo.book, line.slots, line.day)


def _charge(facts: HomeFacts, line: Line) -> Charge:
    activity = next((facts.activities[slot] for slot in line.slots if slot in facts.activities), None)
    seen = any((line.day, line.child_id, slot) in facts.unbooked for slot in line.slots)
    if activity is None:
        return Charge(line, None, None, seen)
    return Charge(line, activity.id, activity.structure_id, seen)


def _structure_of(facts: HomeFacts, gap: Gap) -> int | None:
    """A product has none: it is priced in common."""
    activity = None if gap.what == "product" else facts.activities.get(gap.id)
    return activity.structure_id if activity else None
