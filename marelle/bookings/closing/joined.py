"""What two homes that become one have booked between them past how much one home may."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from django.db.models import Q

from marelle.bookings.bounds import Held, Passed, days_counted, passed
from marelle.bookings.models import Booking
from marelle.bookings.reading import held
from marelle.bookings.states import LIVE


def bounds_passed(
    kept_id: int, left_id: int, pairs: Mapping[int, int], *, ended: Collection[int], day: date
) -> tuple[Passed, ...]:
    """The bounds that the home kept passes, from `day` on, and neither passed so far by itself.

    `pairs` are children who are the same, by id of who goes and of who stays; `ended`, bookings that end with
    the merge. Three queries, one where nothing is bounded.
    """
    rows = Booking.objects.filter(
        Q(family_id__in=(kept_id, left_id)) | Q(child_id__in={*pairs, *pairs.values()}), state__in=LIVE
    ).order_by("pk")
    days = days_counted(row.opening for row in held(rows.filter(day__gte=day), None))
    if days is None:
        return ()
    counted = rows.filter(day__gte=days[0], day__lte=days[1])
    found, home = held(counted, None), dict(counted.values_list("pk", "family_id"))

    def seen_by(*homes: int) -> list[Held]:
        return [
            (child, opening, replace(place, mine=home.get(place.id) in homes))
            for child, opening, place in found
        ]

    before = [*passed(seen_by(kept_id)), *passed(seen_by(left_id))]
    most = {_key(one, pairs): one.reached.count for one in sorted(before, key=_count)}
    after = passed(
        (pairs.get(child, child), opening, place)
        for child, opening, place in seen_by(kept_id, left_id)
        if place.id not in ended
    )
    return tuple(
        one
        for one in after
        if one.reached.days[1] >= day and one.reached.count > most.get(_key(one, pairs), 0)
    )


def _count(one: Passed) -> int:
    return one.reached.count


def _key(one: Passed, pairs: Mapping[int, int]) -> tuple[object, ...]:
    child = pairs.get(one.child_id, one.child_id) if one.child_id is not None else None
    return one.reached.bound.id, child, one.reached.days
