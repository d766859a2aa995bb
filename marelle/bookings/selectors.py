"""What other pages read of bookings: what is coming, and what is enrolled with nothing booked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

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
from marelle.bookings.reading import OPENING_COLUMNS, openings_of, stays_of
from marelle.bookings.rules import may_ask
from marelle.bookings.states import HOLDING, BookingState, EndCause, ProofState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
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
    day: date | None
    closes_at: datetime | None


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
    rows = sorted(found, key=lambda row: (row[0], eldest_first[row[1]], row[4]))
    return Coming(
        held=tuple(
            ComingBooking(*(*row[:7], BookingState(row[7]), *row[8:11], not row[8]))
            for row in rows
            if row[7] in HOLDING
        ),
        lost=tuple(_lost(row) for row in rows if row[7] not in HOLDING and row[7] != _PROOF_REFUSED),
        refused_proofs=_refused(row for row in rows if row[7] == _PROOF_REFUSED),
    )


def _refused(rows: Iterable[tuple[Any, ...]]) -> tuple[RefusedProof, ...]:
    """One for each proof, which may be for several bookings."""
    proofs: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        proofs.setdefault(row[9], []).append(row)
    return tuple(
        RefusedProof(found[-1][8], found[-1][2], tuple(dict.fromkeys(row[0] for row in found)))
        for found in proofs.values()
    )


def _lost(row: tuple[Any, ...]) -> LostBooking:
    activity, opening_state, said, refusal, ended_at = row[11:]
    is_refused = row[7] == BookingState.REFUSED
    is_closed = opening_state == activities.Opening.State.CLOSED
    told = (activity, refusal if is_refused else said, ended_at, is_closed, is_refused)
    return LostBooking(*(*row[:7], *told))


@prepared
def _coming(
    family_id: int, child_ids: Collection[int], first: date, last: date, lost_since: datetime
) -> QuerySet[Any, tuple[Any, ...]]:
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
    columns = bookings.order_by().values_list(
        "day",
        "child_id",
        "child__first_name",
        "opening__slot__name",
        "starts_at",
        "ends_at",
        "opening__slot__by_hour",
        "state",
        "pk",
        "opening__bundle_id",
        "offered_until",
        "opening__activity__name",
        "opening__state",
        "opening__reason",
        "refusal",
        "ended_at",
    )
    return columns.union(
        _visits(family_id, child_ids, first, last),
        _refused_proofs(family_id, child_ids, lost_since),
        all=True,
    )


def _visits(
    family_id: int, child_ids: Collection[int], first: date, last: date
) -> QuerySet[VisitChild, tuple[Any, ...]]:
    """The mornings to which these children come, and those that were closed, in the columns of bookings."""
    rows = VisitChild.objects.filter(
        coming_or_closed(),
        visit__family_id=family_id,
        child_id__in=child_ids,
        visit__opening__day__gte=first,
        visit__opening__day__lte=last,
    )
    return rows.order_by().values_list(
        "visit__opening__day",
        "child_id",
        "child__first_name",
        "visit__opening__slot__name",
        "visit__opening__starts_at",
        "visit__opening__ends_at",
        "visit__opening__slot__by_hour",
        state_of_visit(),
        Value(0, output_field=BigIntegerField()),
        Value(None, output_field=BigIntegerField()),
        Value(None, output_field=DateTimeField()),
        "visit__opening__activity__name",
        "visit__opening__state",
        "visit__opening__reason",
        Value("", output_field=CharField()),
        "visit__cancelled_at",
    )


def _refused_proofs(
    family_id: int, child_ids: Collection[int], since: datetime
) -> QuerySet[Absence, tuple[Any, ...]]:
    """Their absences, in the columns of bookings, with the key of the proof as that of a bundle; what is not
    told of them is left empty, and not joined."""
    nothing = Value("", output_field=CharField())
    rows = Absence.objects.filter(
        proof__family_id=family_id,
        proof__child_id__in=child_ids,
        proof__state=ProofState.REFUSED,
        proof__decided_at__gte=since,
        booking__state=BookingState.BOOKED,
    )
    return rows.order_by().values_list(
        "booking__day",
        "booking__child_id",
        "booking__child__first_name",
        nothing,
        "booking__starts_at",
        "booking__ends_at",
        Value(False, output_field=BooleanField()),
        Value(_PROOF_REFUSED, output_field=CharField()),
        "booking_id",
        "proof_id",
        Value(None, output_field=DateTimeField()),
        nothing,
        nothing,
        nothing,
        nothing,
        "proof__decided_at",
    )


def nothing_booked(actor: Actor, home: Sequence[Child], *, now: datetime) -> tuple[NothingBooked, ...]:
    """Enrolments that a parent books itself and for which nothing is booked from today on.

    One query when there are none; two more, whatever their number, to tell until when.
    """
    if actor.family_id is None:
        return ()
    today = local(now).date()
    rows = _without_booking(actor.home_id, [child.id for child in home], today)
    if not rows:
        return ()
    first_days = _first_bookable(actor, home, {(row[1], row[3]) for row in rows}, today, now)
    return tuple(NothingBooked(*row, *first_days.get((row[1], row[3]), (None, None))) for row in rows)


@prepared
def _without_booking(
    family_id: int, child_ids: Collection[int], today: date
) -> QuerySet[Enrolment, tuple[int, int, str, int, str]]:
    ahead = Booking.objects.live().filter(enrolment_id=OuterRef("pk"), day__gte=today)
    return (
        Enrolment.objects.filter(
            ~Exists(ahead),
            family_id=family_id,
            person_id__in=child_ids,
            state=Enrolment.State.ACCEPTED,
            ends_on__gte=today,
            activity__booking_mode__in=(BookingMode.PARENT, BookingMode.VALIDATED),
        )
        .order_by("person__birth_date", "person_id", "activity__order", "pk")
        .values_list("pk", "person_id", "person__first_name", "activity_id", "activity__name")
    )


def _first_bookable(
    actor: Actor, home: Sequence[Child], wanted: set[tuple[int, int]], today: date, now: datetime
) -> dict[tuple[int, int], tuple[date, datetime | None]]:
    """The first day that each child may still book in each activity, and until when."""
    last = today + LOOK_AHEAD
    found: dict[tuple[int, int], tuple[date, datetime | None]] = {}
    stays = stays_of([child.id for child in home], actor.home_id, first=today, last=last, today=today)
    openings = openings_of(_open_days({activity for _child, activity in wanted}, today, last))
    homes = homes_of(actor, home, (opening.activity for opening in openings.values()), now)
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
) -> QuerySet[activities.Opening, tuple[Any, ...]]:
    rows = activities.Opening.objects.filter(
        activity_id__in=activity_ids, day__gte=first, day__lte=last, state=activities.Opening.State.OPEN
    )
    return rows.order_by("day", "starts_at", "pk").values_list(*OPENING_COLUMNS)
