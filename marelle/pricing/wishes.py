"""What a home's wishes cost, and what changing them changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from marelle.pricing.before import with_before
from marelle.pricing.facts import Wishes
from marelle.pricing.lines import Gap, Line, Priced, joined
from marelle.pricing.memo import Memo
from marelle.pricing.spans import span_lines
from marelle.pricing.tariffs import TariffBook


@dataclass(frozen=True, slots=True)
class Difference:
    """`amount`: what is wanted costs that much more. Lines that are in one of both alone; `gaps` of what is
    wanted."""

    amount: Decimal
    lost: tuple[Line, ...]
    gained: tuple[Line, ...]
    gaps: tuple[Gap, ...]


def priced(book: TariffBook, wishes: Wishes) -> Priced:
    """Days in their order, then what their spans make of them."""
    return priced_by(Memo(book), wishes)


def priced_by(memo: Memo, wishes: Wishes) -> Priced:
    """The same, where other days were priced before."""
    days = joined(memo.lines(day) for day in with_before(memo.book, wishes.days, wishes.earlier))
    spans = sorted(wishes.spans, key=lambda one: (one.first, one.last, one.kind))
    return joined((days, *(span_lines(memo.book, span, days.lines) for span in spans)))


def difference(book: TariffBook, saved: Wishes, wanted: Wishes) -> Difference:
    """The price of what is wanted less the price of what is saved: successive ones add up."""
    memo = Memo(book)
    before, after = priced_by(memo, saved), priced_by(memo, wanted)
    lost, gained = Counter(before.lines), Counter(after.lines)
    return Difference(
        after.total - before.total,
        tuple((lost - gained).elements()),
        tuple((gained - lost).elements()),
        after.gaps,
    )
