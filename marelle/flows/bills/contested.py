"""A contest as who decides of it reads it: each day with what was booked, what was seen, its price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from marelle.activities.models import Slot
from marelle.attendance.models import Tick
from marelle.billing.contests import KIND, contests_in_charge
from marelle.billing.due import Billed, Place, billed_of
from marelle.billing.models import Contest
from marelle.bookings.models import Attendance, Booking
from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.money import ZERO
from marelle.core.sealed import CannotOpen
from marelle.families.scope import is_own_file
from marelle.flows.bills.known import items_billed
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import TariffBook


@dataclass(frozen=True, slots=True)
class DayContested:
    """`bookings` by the hour, those that ended too; `billed`: what bills came to so far, whoever pays."""

    day: date
    bookings: tuple[Booking, ...]
    seen: tuple[Attendance, ...]
    ticks: tuple[Tick, ...]
    billed: Billed | None

    @property
    def amount(self) -> Decimal:
        return sum((one.whole for one in self.billed.amounts.values()), ZERO) if self.billed else ZERO


@dataclass(frozen=True, slots=True)
class ContestToDecide:
    """`lost`: no key opens how the price was found. `book` and `slots` put its steps into words."""

    row: Contest
    case: Case | None
    days: tuple[DayContested, ...]
    book: TariffBook
    slots: Mapping[int, str]
    lost: bool
    own_file: bool


def contest_to_decide(actor: Actor, contest_id: int, *, now: datetime) -> ContestToDecide | None:
    """None where it is out of the actor's reach. The steps tell an income: who keeps the bills reads it."""
    row = contests_in_charge(actor).filter(pk=contest_id).first()
    if row is None:
        return None
    bill = row.line.invoice
    places = list(row.places())
    billed, lost = _billed(bill.authority_id, bill.family_id, places)
    used = {slot for one in billed.values() for line in one.lines for slot in line.slots}
    slots = Slot.objects.filter(pk__in=used).order_by("order", "pk")
    child_id = row.line.child_id
    return ContestToDecide(
        row=row,
        case=Case.objects.filter(kind=KIND, subject_id=row.pk).order_by("-opened_at", "-pk").first(),
        days=_days(row, places, billed),
        book=book_of(bill.authority_id),
        slots=dict(slots.values_list("pk", "name")),
        lost=lost,
        own_file=is_own_file(
            actor, family_id=bill.family_id, person_id=child_id, day=local(now).date()
        ),
    )  # fmt: skip


def _billed(authority_id: int, family_id: int, places: Sequence[Place]) -> tuple[dict[Place, Billed], bool]:
    months = {place.day.replace(day=1) for place in places}
    try:
        items = items_billed(authority_id, [family_id], months).get(family_id, [])
    except CannotOpen:
        return {}, True
    wanted = set(places)
    return billed_of(item for item in items if item.place in wanted), False


def _days(row: Contest, places: Sequence[Place], billed: Mapping[Place, Billed]) -> tuple[DayContested, ...]:
    """Nothing but the price of what is no child's, or no activity's."""
    at = {"child_id": row.line.child_id, "day__in": row.dates}
    there = {**at, "opening__activity_id": row.line.of_activity_id}
    bookings: dict[date, list[Booking]] = defaultdict(list)
    seen: dict[date, list[Attendance]] = defaultdict(list)
    ticks: dict[date, list[Tick]] = defaultdict(list)
    if row.line.child_id and row.line.of_activity_id:
        held = Booking.objects.filter(**there, family_id=row.line.invoice.family_id)
        for one in held.select_related("opening__slot", "absence").order_by("opening__starts_at", "pk"):
            bookings[one.day].append(one)
        came = Attendance.objects.filter(**there).select_related("opening__slot")
        for two in came.order_by("opening__starts_at", "pk"):
            seen[two.day].append(two)
        touched = Tick.objects.filter(**there).select_related("opening__slot", "tablet")
        for three in touched.order_by("at", "pk"):
            ticks[three.day].append(three)
    return tuple(
        DayContested(
            place.day,
            tuple(bookings[place.day]),
            tuple(seen[place.day]),
            tuple(ticks[place.day]),
            billed.get(place),
        )
        for place in places
    )
