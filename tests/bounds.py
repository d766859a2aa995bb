"""How much may be booked, as most tests need it: straight to the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, BookingBound, Slot
from tests.offer import LONG_AGO


def bound_given(activity: Activity, n: int, *, slots: Iterable[Slot] = (), **fields: Any) -> BookingBound:
    """Days of each child in a week, unless `fields` say otherwise."""
    row = BookingBound.objects.create(**{"activity": activity, "n": n, "since": LONG_AGO, **fields})
    row.slots.set(slots)
    definition_changed(Activity.objects.filter(pk=activity.pk))
    return row
