"""The waiting list of one opening, as agents see it: who, since when, and why in this order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, IntegerField, Min, OuterRef

from marelle.bookings.models import Booking
from marelle.bookings.offer_cases import given_by
from marelle.bookings.offers import offerable
from marelle.bookings.reading import OPENING_COLUMNS, openings_of
from marelle.bookings.rules import Opening
from marelle.core.actor import Actor


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One who waits; `reason` and `by` say why and who gave it another place than its turn."""

    booking_id: int
    first_name: str
    last_name: str
    birth_date: date | None
    queued_at: datetime
    priority: int
    reason: str
    by: str
    family_id: int


@dataclass(frozen=True, slots=True)
class QueueOf:
    """`free` places at its tightest, None without a limit; `may_move` is false for who only reads."""

    opening: Opening
    free: int | None
    may_move: bool
    rows: tuple[WaitingRow, ...]


def queue_of(actor: Actor, opening_id: int) -> QueueOf | None:
    """The queue of an opening of the actor's, in its order, else None; two queries."""
    quotas = F("quotas__capacity") - F("quotas__taken")
    found = (
        offerable(actor)
        .filter(pk=opening_id)
        .annotate(
            free=Min(quotas, output_field=IntegerField()),
            gives=Exists(offerable(actor).filter(given_by(actor), pk=OuterRef("pk"))),
        )
        .values_list(*OPENING_COLUMNS, "free", "gives")
        .first()
    )
    if found is None:
        return None
    rows = Booking.objects.waiting().filter(opening_id=opening_id)
    said = ("priority_reason", "priority_by", "family_id")
    columns = ("pk", "child__first_name", "child__last_name", "child__birth_date", "queued_at", "priority")
    return QueueOf(
        opening=openings_of([found])[opening_id],
        free=found[len(OPENING_COLUMNS)],
        may_move=found[-1],
        rows=tuple(WaitingRow(*row) for row in rows.values_list(*columns, *said)),
    )
