"""Which places children have, with what these draw on: what is to be known of them before any is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from marelle.activities import models as activities
from marelle.bookings.models import Booking
from marelle.bookings.reading import OPENING, PLACE, OpeningRow, PlaceRow, openings_of, place_of
from marelle.bookings.rules import Opening, Place
from marelle.bookings.states import LIVE
from marelle.core.listed import Listed, integers
from marelle.core.prepared import prepared
from marelle.core.rows import columns

Span = tuple[date, date]
"""Its first day and its last."""


@dataclass(frozen=True, slots=True)
class Held:
    """Live bookings by child, with the openings that they are on and the quotas that these draw on."""

    places: dict[int, list[Place]]
    openings: dict[int, Opening]
    quotas_of: dict[int, list[int]]

    def draws_among(self, quotas: Collection[int]) -> dict[int, list[int]]:
        """By opening, which of these quotas it draws on."""
        return {pk: [quota for quota in drawn if quota in quotas] for pk, drawn in self.quotas_of.items()}


def places_on(
    child_ids: Collection[int],
    days: Collection[date],
    family_id: int | None,
    *,
    home: Collection[int] = (),
    span: Span | None = None,
) -> Held:
    """Live bookings of these children on these days, and of those of a `home` on every day of a span; one
    query."""
    places: dict[int, list[Place]] = {}
    if not days or not (child_ids or home):
        return Held(places, {}, {})
    first, last = span or (min(days), max(days))
    rows = _live_bookings(child_ids, days, home, first, last)
    for row in rows:
        places.setdefault(row.place.child_id, []).append(place_of(row.place, family_id))
    drawn = {row.opening.id: integers(row.drawn) for row in rows}
    return Held(places, openings_of(row.opening for row in rows), drawn)


class _Live(NamedTuple):
    """A live booking, its opening, and the quotas that this draws on, listed."""

    place: PlaceRow
    opening: OpeningRow
    drawn: str | None


LIVE_ROWS = columns(_Live, "drawn", place=PLACE, opening=OPENING.through("opening"))


@prepared
def _live_bookings(
    child_ids: Collection[int], days: Collection[date], home: Collection[int], first: date, last: date
) -> QuerySet[Booking, _Live]:
    drawn: QuerySet[Any] = activities.Opening.quotas.through.objects.filter(opening_id=OuterRef("opening_id"))
    listed = drawn.order_by().values("opening_id").annotate(ids=Listed("quota_id")).values("ids")
    rows = Booking.objects.filter(
        Q(child_id__in=child_ids, day__in=days) | Q(child_id__in=home, day__gte=first, day__lte=last),
        state__in=LIVE,
    )
    return LIVE_ROWS.of(rows.order_by("pk").annotate(drawn=Subquery(listed)))
