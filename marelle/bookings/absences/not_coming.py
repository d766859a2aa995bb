"""A child who will not come: what can still be cancelled is, the rest is told absent, in one act; and back.

What an act did is found by its instant: the bookings that it ended, the absences that it told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.bookings.absence_rules import (
    AbsenceDenial,
    AbsenceTerms,
    Fate,
    absence_terms,
    fate_of,
    gives_back,
)
from marelle.bookings.absences.grading import Graded, begun_absences, graded
from marelle.bookings.absences.services import absences_withdraw, absences_write
from marelle.bookings.models import Booking
from marelle.bookings.reading import ChildBooking, held, seen_at_the_door
from marelle.bookings.refusals import ShownOtherwise
from marelle.bookings.rules import Opening, Place
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.locks import children_locked
from marelle.bookings.saving.services import bookings_preview, bookings_save
from marelle.bookings.states import LIVE, AbsenceReason, BookingState, EndCause
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.families.selectors import bookable_people
from marelle.files.services import CheckedFile

GIVEN_BACK = frozenset({Result.CANCELLED, Result.LEFT_QUEUE})


@dataclass(frozen=True, slots=True)
class NotComing:
    """One booking and what becomes of it; `denial` says why nothing does."""

    opening: Opening
    place: Place
    terms: AbsenceTerms
    fate: Fate
    denial: AbsenceDenial | None


@dataclass(frozen=True, slots=True)
class Done:
    """What one act did: the places given back, those told absent, with what each absence is."""

    cancelled: tuple[tuple[Opening, Place], ...]
    declared: tuple[Graded, ...]

    def __bool__(self) -> bool:
        return bool(self.cancelled or self.declared)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """`outcomes` of the places asked for again; `back`, the openings where the child is awaited again, and
    `denied`, those where it was too late."""

    outcomes: tuple[Outcome, ...]
    back: tuple[Opening, ...]
    denied: tuple[tuple[Opening, AbsenceDenial], ...]


def not_coming_lines(
    actor: Actor,
    child_id: int,
    *,
    first: date,
    last: date,
    chosen: Collection[int] | None = None,
    now: datetime,
) -> tuple[NotComing, ...]:
    """What the home has asked for the child between two days, both included, and what would become of it.

    `chosen`: the bookings that are told together, None for all: some are given back only with others. What
    is not chosen is shown as if all were.
    """
    mine = _mine(actor, child_id, now).filter(state__in=LIVE, day__gte=first, day__lte=last)
    rows = _rows(actor, mine)
    seen = _seen(child_id, rows)
    given = _given_back(actor, child_id, rows, seen, now)
    if chosen is not None:
        together = [row for row in rows if row[1].id in chosen]
        given -= {opening.id for opening, _place in together}
        given |= _given_back(actor, child_id, together, seen, now)
    return _lines(child_id, rows, seen, given, now)


@transaction.atomic
def not_coming_tell(
    *,
    actor: Actor,
    child_id: int,
    booking_ids: Collection[int],
    shown: Mapping[int, Fate],
    reason: AbsenceReason | None = None,
    proof: CheckedFile | None = None,
    now: datetime,
) -> tuple[NotComing, ...]:
    """Cancel what can still be, declare the rest: once, as it was `shown` by booking.

    Sent twice, the second finds nothing left to do. Raises `NotYours`, and `ShownOtherwise` when something
    would become else than what was confirmed: nothing is done then.
    """
    mine = _mine(actor, child_id, now).filter(pk__in=booking_ids)
    for is_last in (False, True):
        rows = _rows(actor, mine)
        if len(rows) != len(set(booking_ids)):
            raise NotYours
        seen = _seen(child_id, rows)
        try:
            _as_shown(_lines(child_id, rows, seen, _given_back(actor, child_id, rows, seen, now), now), shown)
        except ShownOtherwise:
            # Nothing is locked yet: another of the same may have been written between two of these reads.
            if is_last:
                raise
        else:
            break
    changes = _changes(child_id, rows, seen)
    given = _openings_given(bookings_save(actor=actor, changes=changes, now=now))
    children_locked([child_id])  # Held already, unless there was nothing to give back.
    rows = _rows(actor, mine)
    lines = _lines(child_id, rows, _seen(child_id, rows), given, now)
    _as_shown(lines, shown)
    told = [ChildBooking(child_id, line.opening, line.place) for line in lines if line.fate is Fate.DECLARE]
    absences_write(actor=actor, rows=told, reason=reason, proof=proof, now=now)
    return lines


def not_coming_told_at(
    actor: Actor, child_id: int, booking_ids: Collection[int], *, now: datetime
) -> datetime | None:
    """When the home last gave one of these back, or told its child absent from it; None if it did neither."""
    mine = _mine(actor, child_id, now).filter(pk__in=booking_ids)
    ended = Q(state=BookingState.CANCELLED, end_cause=EndCause.FAMILY)
    told = mine.filter(ended | Q(state__in=LIVE, absence__isnull=False))
    return max(
        (at for row in told.values_list("ended_at", "absence__declared_at") for at in row if at), default=None
    )


def not_coming_done(actor: Actor, child_id: int, *, at: datetime, now: datetime) -> Done:
    """What was done for the child at that instant and still stands."""
    mine = _mine(actor, child_id, now)
    ended = _rows(actor, _ended(mine, at))
    again = set(
        mine.filter(state__in=LIVE, opening_id__in=[opening.id for opening, _place in ended]).values_list(
            "opening_id", flat=True
        )
    )
    declared = graded(_declared(mine, at).order_by("starts_at", "pk"), actor.family_id)
    return Done(tuple(row for row in ended if row[0].id not in again), tuple(declared))


@transaction.atomic
def not_coming_undo(*, actor: Actor, child_id: int, at: datetime, now: datetime) -> TakenBack:
    """Take back all that was done for the child at that instant, where rules still allow.

    Places are asked for again, as anybody would; absences are withdrawn. Raises `NotYours`.
    """
    mine = _mine(actor, child_id, now)
    again = [_again(child_id, *row) for row in _rows(actor, _ended(mine, at))]
    outcomes = bookings_save(actor=actor, changes=again, now=now)
    children_locked([child_id])
    declared = {place.id: opening for opening, place in _rows(actor, _declared(mine, at))}
    denials = absences_withdraw(actor=actor, booking_ids=declared.keys(), now=now) if declared else {}
    return TakenBack(
        outcomes,
        tuple(opening for pk, opening in declared.items() if pk not in denials),
        tuple((declared[pk], denial) for pk, denial in denials.items()),
    )


def _mine(actor: Actor, child_id: int, now: datetime) -> QuerySet[Booking]:
    """What the home has asked for a child for whom the actor may book. Raises `NotYours` without a home."""
    if actor.family_id is None:
        raise NotYours
    people = bookable_people(actor, day=local(now).date()).values("pk")
    return Booking.objects.filter(Q(child_id=child_id) & Q(child_id__in=people), family_id=actor.family_id)


def _rows(actor: Actor, bookings: QuerySet[Booking]) -> list[tuple[Opening, Place]]:
    found = held(bookings.order_by("starts_at", "pk"), actor.family_id)
    return [(opening, place) for _child_id, opening, place in found]


def _as_shown(lines: Iterable[NotComing], shown: Mapping[int, Fate]) -> None:
    """Looked at before any write, and again under the locks. What is done already may be sent twice;
    a place still held or waited for, of which nothing can become any more, was shown otherwise."""
    for line in lines:
        is_done = line.fate is Fate.NOTHING and (line.place.absent or line.place.state not in LIVE)
        if not is_done and line.fate is not shown.get(line.place.id):
            raise ShownOtherwise


def _ended(mine: QuerySet[Booking], at: datetime) -> QuerySet[Booking]:
    return mine.filter(state=BookingState.CANCELLED, end_cause=EndCause.FAMILY, ended_at=at)


def _declared(mine: QuerySet[Booking], at: datetime) -> QuerySet[Booking]:
    return mine.filter(absence__declared_at=at)


def _seen(child_id: int, rows: Iterable[tuple[Opening, Place]]) -> dict[int, bool]:
    """What was seen at the door, by opening."""
    seen = seen_at_the_door([child_id], [opening.id for opening, _place in rows])
    return {opening_id: present for (_child, opening_id), present in seen.items()}


def _lines(
    child_id: int,
    rows: Iterable[tuple[Opening, Place]],
    seen: Mapping[int, bool],
    given: Collection[int],
    now: datetime,
) -> tuple[NotComing, ...]:
    found = []
    mine = [ChildBooking(child_id, *row) for row in rows]
    staying = [row for row in mine if row.opening.id not in given]
    begun = begun_absences(staying, supposed={row.place.id for row in staying})
    for _child_id, opening, place in mine:
        first = begun.get(place.id)
        fate, denial = fate_of(
            opening,
            place,
            seen.get(opening.id),
            given_back=opening.id in given,
            now=now,
            first=first,
        )
        found.append(NotComing(opening, place, absence_terms(opening, place, first), fate, denial))
    return tuple(found)


def _changes(child_id: int, rows: Iterable[tuple[Opening, Place]], seen: Mapping[int, bool]) -> list[Change]:
    return [
        Change(child_id, opening.id, seen=True, wanted=False)
        for opening, place in rows
        if gives_back(place, seen.get(opening.id))
    ]


def _given_back(
    actor: Actor,
    child_id: int,
    rows: Sequence[tuple[Opening, Place]],
    seen: Mapping[int, bool],
    now: datetime,
) -> frozenset[int]:
    """The openings whose places a save would give back."""
    return _openings_given(bookings_preview(actor, _changes(child_id, rows, seen), now=now))


def _openings_given(outcomes: Iterable[Outcome]) -> frozenset[int]:
    return frozenset(one.change.opening_id for one in outcomes if one.result in GIVEN_BACK)


def _again(child_id: int, opening: Opening, place: Place) -> Change:
    """Asked for again, at the hours that it had where they are chosen."""
    hours: tuple[time | None, time | None] = (None, None)
    if opening.slot.by_hour:
        hours = (local(place.starts_at).time(), local(place.ends_at).time())
    return Change(child_id, opening.id, seen=False, wanted=True, starts=hours[0], ends=hours[1])
