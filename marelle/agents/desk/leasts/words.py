"""Who is short of the least, in French."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.activities.bound_labels import amount_label
from marelle.bookings.bounds import Short
from marelle.bookings.models import Booking


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    told: str
    url: str


def rows(found: Sequence[Short]) -> list[Line]:
    """By name; each leads to the home that booked first. One query."""
    ids = [short.held[0][2].id for short in found]
    booked = Booking.objects.select_related("child", "family").in_bulk(ids)
    lines = []
    for short, pk in zip(found, ids, strict=True):
        row = booked[pk]
        lines.append(
            Line(
                str(row.child) if short.child_id is not None else str(row.family),
                _("%(count)s, %(least)d au moins")
                % {"count": amount_label(short.count, short.bound.unit), "least": short.least},
                reverse("agents_families:family", args=[row.family_id]),
            )
        )
    return sorted(lines, key=lambda line: line.name)
