"""Bookings that an agent validates: what one save asks becomes one request, with its case."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef

from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.rules import Opening
from marelle.bookings.states import BookingState
from marelle.cases.models import Case, CaseState
from marelle.cases.services import decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.families.models import Person

KIND = "booking"
SUBJECT = "booking_request"

Asked = tuple[int, int, Opening]
"""Child, home, opening."""


def requests_open(*, actor: Actor, asked: Iterable[Asked], now: datetime) -> dict[tuple[int, int], int]:
    """One request, and one case, for each child and activity among these; ids by (child, activity).

    Joins the caller's transaction, which then points the bookings at them.
    """
    cells: dict[tuple[int, int], list[Asked]] = {}
    for cell in asked:
        cells.setdefault((cell[0], cell[2].activity.id), []).append(cell)
    people = Person.objects.in_bulk({child_id for child_id, _activity in cells}) if cells else {}
    found = {}
    for (child_id, activity_id), mine in cells.items():
        activity = mine[0][2].activity
        row = BookingRequest.objects.create(
            child_id=child_id,
            family_id=mine[0][1],
            activity_id=activity_id,
            asked_at=now,
            asked_by=actor.label[:150],
        )
        open_case(
            actor=actor,
            kind=KIND,
            subject=Subject(SUBJECT, row.pk, f"{people[child_id]} · {activity.name}"),
            family_id=row.family_id,
            authority_id=activity.authority_id,
            structure_id=activity.deciding_structure_id,
            until=min(opening.starts_at for _child, _family, opening in mine),
            now=now,
        )
        found[child_id, activity_id] = row.pk
    return found


def requests_withdraw_empty(*, actor: Actor, booking_ids: Collection[int], now: datetime) -> None:
    """Close the cases of the requests behind these bookings once none of their cells waits any more."""
    waiting = Booking.objects.filter(request_id=OuterRef("pk"), state=BookingState.REQUESTED)
    empty = BookingRequest.objects.filter(~Exists(waiting), bookings__in=booking_ids)
    cases = Case.objects.open().filter(
        kind=KIND, subject_kind=SUBJECT, subject_id__in=empty.order_by().values("pk")
    )
    for case_id in cases.order_by("pk").values_list("pk", flat=True):
        decide_case(actor=actor, case_id=case_id, state=CaseState.WITHDRAWN, now=now)
