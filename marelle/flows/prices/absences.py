"""What telling an absence would change of what a home pays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from marelle.bookings.absence_rules import Fate, Missed, absence_grade
from marelle.bookings.absences.not_coming import NotComing
from marelle.bookings.absences.pages import AbsencePage
from marelle.core.actor import Actor
from marelle.flows.prices.changes import NO_CHANGE, PriceChange, bill_of
from marelle.flows.prices.months import priced_home


def absence_change(
    actor: Actor, page: AbsencePage, *, now: datetime
) -> tuple[PriceChange, PriceChange | None]:
    """Of one that may still be told: without a proof, and with one that is accepted, None where none is
    asked."""
    home = None if page.absence is not None or page.why_not_declare is not None else priced_home(actor)
    if home is None:
        return NO_CHANGE, None
    bill = bill_of(home, (page.opening.day, page.opening.day))
    without, proved = (
        bill.without((), {page.place.id: absence_grade(page.terms, missed)})
        for missed in (Missed(now), Missed(now, now))
    )
    return without, proved if page.terms.proofs else None


def absences_change(actor: Actor, lines: Collection[NotComing], *, now: datetime) -> PriceChange:
    """Of several days, without a proof: what is given back, and what is told absent."""
    home = priced_home(actor) if lines else None
    if home is None:
        return NO_CHANGE
    days = [line.opening.day for line in lines]
    gone = {line.place.id for line in lines if line.fate is Fate.CANCEL}
    declared = (line for line in lines if line.fate is Fate.DECLARE)
    missed = {line.place.id: absence_grade(line.terms, Missed(now)) for line in declared}
    return bill_of(home, (min(days), max(days))).without(gone, missed)
