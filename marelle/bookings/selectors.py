"""What other pages read of bookings: what is coming, and what is enrolled with nothing booked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateTimeField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Value,
)

from marelle.activities import models as activities
from marelle.activities.kinds import BookingMode
from marelle.bookings.models import Absence, Booking
from marelle.bookings.mornings import coming_or_closed, state_of_visit
from marelle.bookings.planning import homes_of
from marelle.bookings.reading import OPENING, OpeningRow, openings_of, stays_of
from marelle.bookings.rules import may_ask
from marelle.bookings.states import HOLDING, BookingState, EndCause, ProofState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.enrolments.models import Enrolment
from marelle.families.selectors import Child
from marelle.relay.models import VisitChild

LOOK_AHEAD = timedelta(days=60)
"""How far the next bookable opening is looked for: past it, "until when" is no help to a parent today."""

_PROOF_REFUSED: Final = "proof_refused"


@dataclass(frozen=True, slots=True)
class NothingBooked:
    """An enrolment with nothing booked ahead. `day` is the first that can still be booked and `closes_at`
    until when, both None when nothing can be booked within two months."""

    enrolment_id: int
    child_id: int
    child_first_name: str
    activity_id: int
    activity_name: str
    day: date | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ComingBooking:
    """`offered_until`: for a place offered, the last instant at which the home may take it. `is_morning`: of
    the relais, where the child comes with an adult of the home; it has no booking then."""

    day: date
    child_id: int
    child_first_name: str
    slot_name: str
    starts_at: datetime
    ends_at: datetime
    by_hour: bool
    state: BookingState
    booking_id: int = 0
    bundle_id: int | None = None
    offered_until: datetime | None = None
    is_morning: bool = False


@dataclass(frozen=True, slots=True)
class LostBooking:
    """A booking that the structure took away, or refused, at `ended_at`; `reason` is what it said, if it did.

    `is_closed`: the day itself is closed, for everybody.
    """

    day: date
    child_id: int
    child_first_name: str
    slot_name: str
    starts_at: datetime
    ends_at: datetime
    by_hour: bool
    activity_name: str
    reason: str
    ended_at: datetime
    is_closed: bool
    is_refused: bool


@dataclass(frozen=True, slots=True)
class RefusedProof:
    """The proof of a child's absences that was refused: the days that it was for, and the last booking, whose
    limit to send another is the last too."""

    booking_id: int
    child_first_name: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    held: tuple[ComingBooking, ...] = ()
    lost: tuple[LostBooking, ...] = ()
    refused_proofs: tuple[RefusedProof, ...] = ()


def coming_days(
    actor: Actor, home: Sequence[Child], *, first: date, last: date, lost_since: datetime
) -> Coming:
    """What holds a place for these children of the actor's home, from `first` to `last`, and what lost its
    own: of these days, or since `lost_since`; the proofs refused since then. One query.

    A place offered is there whatever its day: the answer is awaited now. `home` is what
    `families.selectors.children` gave to this actor. What the other home of a child booked is not told here:
    it is no day of this home.
    """
    if actor.family_id is None:
        return Coming()
    eldest_first = {child.id: rank for rank, child in enumerate(home)}
    found = _coming(actor.home_id, list(eldest_first), first, last, lost_since)
    rows = sorted(found, key=lambda row: (row.day, eldest_first[row.child_id], row.starts_at))
    return Coming(
        held=tuple(_held(row) for row in rows if row.state in HOLDING),
        lost=tuple(_lost(row) for row in rows if row.state not in HOLDING and row.state != _PROOF_REFUSED),
        refused_proofs=_refused(
            row for row in rows if row.state == _PROOF_REFUSED and row.opening_state == BookingState.BOOKED
        ),
    )


class _Row(NamedTuple):
    """A booking, a morning, or an absence whose proof was refused: it has the key of this for a bundle, and
    the state of the booking for that of the opening."""

    day: date
    child_id: int
    child_first_name: str
    slot_name: str
    starts_at: datetime
    ends_at: datetime
    by_hour: bool
    state: str
    booking_id: int
    bundle_id: int | None
    offered_until: datetime | None
    activity_name: str
    opening_state: str
    closing_reason: str
    refusal: str
    ended_at: datetime


OF_BOOKINGS = columns(
    _Row,
    "day", "child_id", "starts_at", "ends_at", "state", "offered_until", "refusal", "ended_at",
    child_first_name="child__first_name",
    slot_name="opening__slot__name",
    by_hour="opening__slot__by_hour",
    booking_id="pk",
    bundle_id="opening__bundle_id",
    activity_name="opening__activity__name",
    opening_state="opening__state",
    closing_reason="opening__reason",
)  # fmt: skip

NOTHING = Value("", output_field=CharField())

OF_MORNINGS = columns(
    _Row,
    "child_id",
    day="visit__opening__day",
    child_first_name="child__first_name",
    slot_name="visit__opening__slot__name",
    starts_at="visit__opening__starts_at",
    ends_at="visit__opening__ends_at",
    by_hour="visit__opening__slot__by_hour",
    state=state_of_visit(),
    booking_id=Value(0, output_field=BigIntegerField()),
    bundle_id=Value(None, output_field=BigIntegerField()),
    offered_until=Value(None, output_field=DateTimeField()),
    activity_name="visit__opening__activity__name",
    opening_state="visit__opening__state",
    closing_reason="visit__opening__reason",
    refusal=NOTHING,
    ended_at="visit__cancelled_at",
)

OF_PROOFS = columns(
    _Row,
    "booking_id",
    day="booking__day",
    child_id="booking__child_id",
    child_first_name="booking__child__first_name",
    slot_name=NOTHING,
    starts_at="booking__starts_at",
    ends_at="booking__ends_at",
    by_hour=Value(False, output_field=BooleanField()),
    state=Value(_PROOF_REFUSED, output_field=CharField()),
    bundle_id="proof_id",
    offered_until=Value(None, output_field=DateTimeField()),
    activity_name=NOTHING,
    opening_state="booking__state",
    closing_reason=NOTHING,
    refusal=NOTHING,
    ended_at="proof__decided_at",
)


def _refused(rows: Iterable[_Row]) -> tuple[RefusedProof, ...]:
    """One for each proof, which may be for several bookings."""
    proofs: dict[int | None, list[_Row]] = {}
    for row in rows:
        proofs.setdefault(row.bundle_id, []).append(row)
    return tuple(
        RefusedProof(
            booking_id=found[-1].booking_id,
            child_first_name=found[-1].child_first_name,
            days=tuple(dict.fromkeys(row.day for row in found)),
        )
        for found in proofs.values()
    )


def _held(row: _Row) -> ComingBooking:
    return ComingBooking(
        day=row.day,
        child_id=row.child_id,
        child_first_name=row.child_first_name,
        slot_name=row.slot_name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        by_hour=row.by_hour,
        state=BookingState(row.state),
        booking_id=row.booking_id,
        bundle_id=row.bundle_id,
        offered_until=row.offered_until,
        is_morning=not row.booking_id,
    )


def _lost(row: _Row) -> LostBooking:
    is_refused = row.state == BookingState.REFUSED
    return LostBooking(
        day=row.day,
        child_id=row.child_id,
        child_first_name=row.child_first_name,
        slot_name=row.slot_name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        by_hour=row.by_hour,
        activity_name=row.activity_name,
        reason=row.refusal if is_refused else row.closing_reason,
        ended_at=row.ended_at,
        is_closed=row.opening_state == activities.Opening.State.CLOSED,
        is_refused=is_refused,
    )


@prepared
def _coming(
    family_id: int, child_ids: Collection[int], first: date, last: date, lost_since: datetime
) -> QuerySet[Any, _Row]:
    """Bookings, the mornings of the relais, which have none, and the absences whose proof was refused."""
    again = Booking.objects.live().filter(child_id=OuterRef("child_id"), opening_id=OuterRef("opening_id"))
    taken = Q(state=BookingState.CANCELLED, end_cause=EndCause.STRUCTURE) & Q(
        Q(day__lte=last) | Q(ended_at__gte=lost_since)
    )
    refused = Q(state=BookingState.REFUSED, ended_at__gte=lost_since)
    bookings = Booking.objects.filter(
        Q(state__in=HOLDING, day__lte=last)
        | Q(state=BookingState.OFFERED)
        | ((taken | refused) & ~Exists(again)),
        family_id=family_id,
        child_id__in=child_ids,
        day__gte=first,
    )
    return OF_BOOKINGS.of(bookings.order_by()).union(
        _visits(family_id, child_ids, first, last),
        _refused_proofs(family_id, child_ids, lost_since),
        all=True,
    )


def _visits(
    family_id: int, child_ids: Collection[int], first: date, last: date
) -> QuerySet[VisitChild, _Row]:
    """The mornings to which these children come, and those that were closed."""
    rows = VisitChild.objects.filter(
        coming_or_closed(),
        visit__family_id=family_id,
        child_id__in=child_ids,
        visit__opening__day__gte=first,
        visit__opening__day__lte=last,
    )
    return OF_MORNINGS.of(rows.order_by())


def _refused_proofs(family_id: int, child_ids: Collection[int], since: datetime) -> QuerySet[Absence, _Row]:
    """What is not told of them is left empty, and not joined. The state of the booking is told, not asked
    for: SQLite would go through all those that are booked, of all homes; and its child is asked for too:
    where nobody has sent a proof yet, PostgreSQL would read all bookings, and everybody."""
    rows = Absence.objects.filter(
        proof__family_id=family_id,
        proof__child_id__in=child_ids,
        booking__child_id__in=child_ids,
        proof__state=ProofState.REFUSED,
        proof__decided_at__gte=since,
    )
    return OF_PROOFS.of(rows.order_by())


def nothing_booked(actor: Actor, home: Sequence[Child], *, now: datetime) -> tuple[NothingBooked, ...]:
    """Enrolments that a parent books itself and for which nothing is booked from today on.

    One query when there are none; two more, whatever their number, to tell until when.
    """
    if actor.family_id is None:
        return ()
    today = local(now).date()
    rows = _without_booking(actor.home_id, [child.id for child in home], today)
    return first_days(actor, home, rows, now=now)


def first_days(
    actor: Actor, home: Sequence[Child], rows: Sequence[NothingBooked], *, now: datetime
) -> tuple[NothingBooked, ...]:
    """These, each with the first day that can be booked; two queries, none for none."""
    if not rows:
        return ()
    today = local(now).date()
    found = _first_bookable(actor, home, {(row.child_id, row.activity_id) for row in rows}, today, now)
    told = [(row, found.get((row.child_id, row.activity_id), (None, None))) for row in rows]
    return tuple(replace(row, day=day, closes_at=closes_at) for row, (day, closes_at) in told)


NOTHING_BOOKED = columns(
    NothingBooked,
    "activity_id",
    enrolment_id="pk",
    child_id="person_id",
    child_first_name="person__first_name",
    activity_name="activity__name",
)


@prepared
def _without_booking(
    family_id: int, child_ids: Collection[int], today: date
) -> QuerySet[Enrolment, NothingBooked]:
    rows = Enrolment.objects.filter(unbooked(today), family_id=family_id, person_id__in=child_ids)
    return NOTHING_BOOKED.of(rows.order_by("person__birth_date", "person_id", "activity__order", "pk"))


def unbooked(today: date) -> Q:
    """Enrolments that a parent books itself and for which nothing is booked from today on."""
    ahead = Booking.objects.live().filter(enrolment_id=OuterRef("pk"), day__gte=today)
    return Q(
        ~Exists(ahead),
        state=Enrolment.State.ACCEPTED,
        ends_on__gte=today,
        activity__booking_mode__in=(BookingMode.PARENT, BookingMode.VALIDATED),
    )


def _first_bookable(
    actor: Actor, home: Sequence[Child], wanted: set[tuple[int, int]], today: date, now: datetime
) -> dict[tuple[int, int], tuple[date, datetime | None]]:
    """The first day that each child may still book in each activity, and until when."""
    last = today + LOOK_AHEAD
    found: dict[tuple[int, int], tuple[date, datetime | None]] = {}
    stays = stays_of([child.id for child in home], actor.home_id, first=today, last=last, today=today)
    openings = openings_of(_open_days({activity for _child, activity in wanted}, today, last))
    homes = homes_of(actor, home, (opening.activity for opening in openings.values()))
    for opening in openings.values():
        for child_id, activity_id in wanted:
            if activity_id != opening.activity.id or (child_id, activity_id) in found:
                continue
            for stay in stays.get(child_id, ()):
                if stay.activity_id != activity_id:
                    continue
                verdict = may_ask(opening, stay, homes[child_id], now)
                if verdict.why is None:
                    found[child_id, activity_id] = (opening.day, verdict.closes_at)
    return found


@prepared
def _open_days(
    activity_ids: Collection[int], first: date, last: date
) -> QuerySet[activities.Opening, OpeningRow]:
    rows = activities.Opening.objects.filter(
        activity_id__in=activity_ids, day__gte=first, day__lte=last, state=activities.Opening.State.OPEN
    )
    return OPENING.of(rows.order_by("day", "starts_at", "pk"))
