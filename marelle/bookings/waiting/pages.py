"""The waiting list of one opening, as agents see it: who, since when, and why in this order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, IntegerField, Max, Min, OuterRef

from marelle.activities.models import kept_left, places_left
from marelle.bookings.models import Booking
from marelle.bookings.offers.cases import given_by
from marelle.bookings.offers.services import offerable
from marelle.bookings.reading import OPENING, OpeningRow, openings_of
from marelle.bookings.rules import Opening
from marelle.core.actor import Actor
from marelle.core.rows import columns


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One who waits; `reason` and `by` say why and who gave it another place than its turn.

    `needed` and `left` say what it lacked when it was passed, if ever. It waits together with others of its
    home where `waits_with` says so, or for one of several, of which this is its `preference`.
    """

    booking_id: int
    first_name: str
    last_name: str
    birth_date: date | None
    queued_at: datetime
    priority: int
    reason: str
    by: str
    family_id: int
    waits_with: int | None
    preference: int
    passed_at: datetime | None
    needed: int | None
    left: int | None


WAITING = columns(
    WaitingRow,
    "queued_at",
    "priority",
    "family_id",
    "waits_with",
    "preference",
    passed_at="passing__at",
    needed="passing__needed",
    left="passing__left",
    booking_id="pk",
    first_name="child__first_name",
    last_name="child__last_name",
    birth_date="child__birth_date",
    reason="priority_reason",
    by="priority_by",
)


@dataclass(frozen=True, slots=True)
class QueueOf:
    """`free` places at its tightest, None without a limit, and `kept` ones beside, for some only; `may_move`
    is false for who only reads."""

    opening: Opening
    free: int | None
    kept: int
    may_move: bool
    rows: tuple[WaitingRow, ...]


class _Offerable(NamedTuple):
    opening: OpeningRow
    free: int | None
    kept: int | None
    gives: bool


OFFERABLE = columns(_Offerable, "free", "kept", "gives", opening=OPENING)


def queue_of(actor: Actor, opening_id: int) -> QueueOf | None:
    """The queue of an opening of the actor's, in its order, else None; two queries."""
    rows = (
        offerable(actor)
        .filter(pk=opening_id)
        .annotate(
            free=Min(places_left("quotas__"), output_field=IntegerField()),
            kept=Max(kept_left("quotas__"), output_field=IntegerField()),
            gives=Exists(offerable(actor).filter(given_by(actor), pk=OuterRef("pk"))),
        )
    )
    found = OFFERABLE.of(rows).first()
    if found is None:
        return None
    return QueueOf(
        opening=openings_of([found.opening])[opening_id],
        free=found.free,
        kept=found.kept or 0,
        may_move=found.gives,
        rows=tuple(WAITING.of(Booking.objects.waiting().filter(opening_id=opening_id))),
    )
