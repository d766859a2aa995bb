"""What the bills of homes stand on, month by month, with its fingerprint: read alike when they are previewed
and when they are issued."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256

from marelle.activities.facts import ActivityFacts
from marelle.billing.contests import places_waived
from marelle.billing.covering import Coverage
from marelle.billing.due import Place
from marelle.core.clock import local
from marelle.families.models import FormerFile
from marelle.flows.bills.coverages import coverages_of
from marelle.flows.prices.held import Hanging, HeldSlot, wishes_of
from marelle.flows.prices.homes import situations_of, territory_of
from marelle.flows.prices.months import read_with
from marelle.flows.prices.reading import NO_SLOTS, There, slots_held
from marelle.flows.prices.situations import Situation, Territory
from marelle.flows.prices.spans import DAY, Days, days_before, month_of, months_in
from marelle.pricing.digest import facts_digest
from marelle.pricing.facts import Wishes
from marelle.pricing.memo import Memo
from marelle.pricing.tariffs import TariffBook


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """`wishes`: of the month, with the weeks, months and years that something of it is counted in; `digest`,
    of them and of the tariffs that hold; `unread`: an income that counts in it is one that no key opens."""

    first: date
    wishes: Wishes
    digest: str
    unread: bool = False


@dataclass(frozen=True)
class HomeFacts:
    """Of a home at one authority. `rows`: all that it has on the days that were read; `coverages`: what
    somebody else pays; `waived`: places of which nothing is due; `merged`: the last day on which another file
    was merged into the home's."""

    situation: Situation
    months: tuple[MonthFacts, ...]
    rows: tuple[HeldSlot, ...]
    coverages: tuple[Coverage, ...] = ()
    waived: frozenset[Place] = frozenset()
    merged: date | None = None

    def is_merged_after(self, month: date) -> bool:
        """Whether it became one with another home in a later month than that of this first day."""
        return self.merged is not None and month < self.merged.replace(day=1)

    @property
    def family_id(self) -> int:
        return self.situation.family_id

    @property
    def digest(self) -> str:
        """Of all its months."""
        return sha256("".join(f"{one.first}{one.digest}" for one in self.months).encode()).hexdigest()

    @cached_property
    def activities(self) -> Mapping[int, ActivityFacts]:
        """By slot, of all the activities in which it has something."""
        known = {row.activity.id: row.activity for row in self.rows}
        return {slot_id: activity for activity in known.values() for slot_id in activity.slots}

    @cached_property
    def unbooked(self) -> frozenset[tuple[date, int, int]]:
        """Day, child and slot of what was seen without a booking."""
        return frozenset(
            (row.day, row.child_id, piece.slot_id)
            for row in self.rows
            if not row.booked
            for piece in row.pieces()
        )


def months_looked_at(month: date, back: int) -> Days:
    """The month that is billed with the `back` months before it: their first and last days."""
    year, number = divmod(month.year * 12 + month.month - 1 - back, 12)
    return date(year, number + 1, 1), month_of(month)[1]


def homes_facts(
    book: TariffBook, there: There, family_ids: Collection[int], days: Days
) -> dict[int, HomeFacts]:
    """Of each of these homes, `days` being whole months; in a fixed number of queries."""
    situations = situations_of(family_ids)
    memo = Memo(book)
    known = {there.authority_id: memo}
    read = [read_with(known, situation, days) for situation in situations.values()]
    first, last = (
        min((one[0] for one in read), default=days[0]),
        max((one[1] for one in read), default=days[1]),
    )
    held = slots_held(situations, (first, last), book.timed, there)
    territory = territory_of(there.authority_id)
    hanging = Hanging(book)
    warned = {pk: one for pk, one in situations.items() if hanging.has(one, territory, held[pk])}
    earlier = slots_held(warned, days_before((first, last)), NO_SLOTS, there)
    coverages = coverages_of(there.authority_id, family_ids, days, held)
    waived = places_waived(there.authority_id, family_ids)
    merged = _merged(family_ids)
    return {
        family_id: HomeFacts(
            situation,
            tuple(
                _month(
                    memo, situation, territory, month, [*earlier.get(family_id, ()), *held[family_id]],
                    coverages.get(family_id, ()), waived.get(family_id, frozenset()),
                )
                for month in months_in(days)
            ),
            tuple(held[family_id]),
            coverages.get(family_id, ()),
            waived.get(family_id, frozenset()),
            merged.get(family_id),
        )
        for family_id, situation in situations.items()
    }  # fmt: skip


def _merged(family_ids: Collection[int]) -> Mapping[int, date]:
    rows = FormerFile.objects.filter(family_id__in=family_ids).order_by("merged_at")
    return {family_id: local(at).date() for family_id, at in rows.values_list("family_id", "merged_at")}


def _month(
    memo: Memo,
    situation: Situation,
    territory: Territory,
    month: Days,
    rows: Sequence[HeldSlot],
    coverages: Iterable[Coverage],
    waived: Iterable[Place],
) -> MonthFacts:
    """`rows` are of these days, and of those before that count."""
    counted = read_with({territory.authority_id: memo}, situation, month)
    of_month, before = _within(rows, counted), _within(rows, days_before(counted))
    wishes = wishes_of(memo.book, situation, territory, counted, of_month, lambda _authority_id: before)
    digest = facts_digest(memo.book, wishes, counted)
    holding = [repr(one.within(*month)) for one in coverages if one.within(*month)]
    given_up = [place for place in waived if month[0] <= place.day <= month[1]]
    holding += map(repr, sorted(given_up, key=lambda place: place.order))
    if situation.unread:
        holding.append(f"unread {sorted(situation.unread)}")
    if holding:
        digest = sha256("".join([digest, *holding]).encode()).hexdigest()
    days = (month[0] + number * DAY for number in range((month[1] - month[0]).days + 1))
    return MonthFacts(month[0], wishes, digest, situation.is_unread(days, territory))


def _within(rows: Iterable[HeldSlot], days: Days) -> list[HeldSlot]:
    return [row for row in rows if days[0] <= row.day <= days[1]]
