"""What the month of a home comes to so far, for an agent who has its file open, and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from marelle.activities.facts import ActivityFacts
from marelle.activities.models import Slot
from marelle.bookings.rules import Opening
from marelle.core.actor import Actor, Role
from marelle.flows.bills.sharing import MonthShared, home_shared
from marelle.flows.prices.changes import bill_of
from marelle.flows.prices.estimates import Estimate, estimates_of
from marelle.flows.prices.homes import situations_of
from marelle.flows.prices.months import PricedHome, memos
from marelle.flows.prices.reading import seen_of_nobody
from marelle.flows.prices.spans import month_of
from marelle.places.scope import income_reader, is_office_of, own_authorities


@dataclass(frozen=True, slots=True)
class HomeMonth:
    """`reads`: the agent may know what the home pays. `of_nobody`: what its children were seen on, which
    none of their homes is charged for; each with the child. `activities`: of each slot without a price.
    `shared`: by authority, what others pay and what is waived, for its office."""

    first: date
    reads: bool
    estimates: tuple[Estimate, ...]
    of_nobody: tuple[tuple[int, Opening], ...]
    activities: Mapping[int, int]
    shared: Mapping[str, MonthShared]

    @property
    def has_prices(self) -> bool:
        return any(share.charged for estimate in self.estimates for share in estimate.shares)


def home_month(actor: Actor, family_id: int, *, reads: bool, day: date) -> HomeMonth | None:
    """Of the month that `day` is in: for the office, what is of its authority; for a director, of its
    structures. None where nothing has a tariff. Ten queries, and those of what was missed and of
    what others pay."""
    known = memos()
    if not known:
        return None
    situation = situations_of([family_id])[family_id]
    days = month_of(day)
    nobody = [one for one in seen_of_nobody(situation.child_ids, days) if _answers(actor, one[1].activity)]
    # A price tells what its own authority alone may have been told.
    read = own_authorities(income_reader(actor)) if reads else known.keys()
    bill = bill_of(PricedHome(situation, known), days)
    estimates = tuple(
        estimates_of(
            bill,
            lambda one: one.authority_id in read and _answers(actor, one),
            lambda authority_id: authority_id in read and is_office_of(actor, authority_id),
        )
    )
    missing = {
        gap.id for one in estimates for share in one.shares for gap, _days in share.gaps if gap.what == "slot"
    }
    slots = Slot.objects.filter(pk__in=missing).values_list("pk", "activity_id") if missing else ()
    shared = home_shared(actor, family_id, day) if reads and estimates else {}
    return HomeMonth(days[0], reads, estimates, tuple(nobody), dict(slots), shared)


def _answers(actor: Actor, activity: ActivityFacts) -> bool:
    return is_office_of(actor, activity.authority_id) or activity.structure_id in actor.structures(
        Role.DIRECTOR
    )
