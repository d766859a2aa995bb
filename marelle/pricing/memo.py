"""Days that are alike, priced once: a month of a home has twenty that differ by their date alone."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from marelle.pricing.days import day_lines
from marelle.pricing.facts import HomeDay
from marelle.pricing.lines import Priced
from marelle.pricing.tariffs import TariffBook

MOST: Final = 5_000
"""Days kept for one book; some ten megabytes."""


class Memo:
    """Of one book, and kept with it. Its keys hold all that a price hangs on, the income of the home too: no
    home is told the price of another, and nothing of it leaves the process."""

    def __init__(self, book: TariffBook) -> None:
        self.book = book
        self._known: dict[Hashable, Priced] = book.priced

    def alike(self, home: HomeDay) -> Priced:
        """What such a day costs: the lines may be those of another day that is alike."""
        key = self.book.era(home.day), home.income, home.children, home.household
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[key] = day_lines(self.book, home)
        return found

    def lines(self, home: HomeDay) -> Priced:
        """As `days.day_lines`."""
        return self.alike(home).on(home.day)
