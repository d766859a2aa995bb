"""Until when the next day of an enrolment is booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet

from marelle.activities.catalogue import activity_facts
from marelle.activities.kinds import BookingMode
from marelle.activities.models import Opening
from marelle.activities.rules import Moment, OpeningFacts, moment
from marelle.core.clock import local
from marelle.core.rows import columns
from marelle.enrolments.audiences import public_read
from marelle.enrolments.conditions import meets
from marelle.enrolments.models import Enrolment

BOOKED_BY_FAMILY: Final = (BookingMode.PARENT, BookingMode.VALIDATED)

LOOKED_AT: Final = 200
"""Openings to come among which the next one to book is looked for: some weeks of the busiest service."""


@dataclass(frozen=True, slots=True)
class NextToBook:
    """The next opening that may be booked. `closes_at` is the last minute; when bookings are not open yet,
    `opens_at` tells when they will be."""

    day: date
    closes_at: datetime
    opens_at: datetime | None


def next_booking(enrolment: Enrolment, group_id: int | None, now: datetime) -> NextToBook | None:
    """The next opening of the enrolment, for the group, that may be booked at `now` or later, by its home and
    for a child who has what is asked that day. None when nothing is left, or the family books nothing itself.
    """
    activity = enrolment.activity
    if activity.booking_mode not in BOOKED_BY_FAMILY:
        return None
    facts = activity_facts({activity.pk: activity.revision})[activity.pk]
    child = enrolment.person_id
    public = public_read(enrolment.family_id, {child}, facts.asks)[child]
    first = max(enrolment.starts_on, local(now).date())
    for row in _open(activity.pk, group_id, first, enrolment.ends_on)[:LOOKED_AT]:
        opening = OpeningFacts(row.day, row.starts_at, row.ends_at)
        found = facts.window_of(row.slot_id, opening)
        if found is None or found.closes_at is None or not meets(facts, row.slot_id, row.day, public):
            continue
        opens = facts.opens_at(found, public)
        where = moment(found, opening, now, opens)
        if where is Moment.OPEN or (where is Moment.NOT_YET and now < found.closes_at):
            return NextToBook(row.day, found.closes_at, opens if where is Moment.NOT_YET else None)
    return None


class _Open(NamedTuple):
    slot_id: int
    day: date
    starts_at: datetime
    ends_at: datetime


OPEN = columns(_Open, *_Open._fields)


def _open(activity_id: int, group_id: int | None, first: date, last: date) -> QuerySet[Opening, _Open]:
    rows = Opening.objects.filter(
        Q(group_id=None) | Q(group_id=group_id),
        activity_id=activity_id,
        state=Opening.State.OPEN,
        day__gte=first,
        day__lte=last,
    )
    return OPEN.of(rows.order_by("day", "starts_at", "pk"))
