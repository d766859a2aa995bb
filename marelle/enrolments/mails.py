"""Mails about an enrolment, to the guardians of the home that made it and who are to be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marelle.activities.catalogue import activity_facts
from marelle.activities.kinds import BookingMode
from marelle.activities.selectors import NextToBook, next_to_book
from marelle.core.clock import local
from marelle.core.french import day_long, instant_long, instant_long_year, range_sentence
from marelle.enrolments.facts import is_resident
from marelle.enrolments.models import Enrolment
from marelle.families.models import Guardianship, Member
from marelle.families.selectors import current
from marelle.mail.services import Draft, queue_many
from marelle.places.models import StructureContact

BOOKED_BY_FAMILY = (BookingMode.PARENT, BookingMode.VALIDATED)


def tell_requested(enrolment: Enrolment, now: datetime) -> None:
    """What was received, when, which service decides, how to reach it."""
    _queue("enrolments/requested", enrolment, {"received": instant_long_year(enrolment.requested_at)}, now)


def tell_accepted(enrolment: Enrolment, group_id: int | None, now: datetime) -> None:
    """Being enrolled is not enough: until when the next day can be booked, and where."""
    found = next_booking(enrolment, group_id, now)
    books = enrolment.activity.booking_mode in BOOKED_BY_FAMILY
    context = {
        "books": books,
        "next_day": day_long(found.day) if found else "",
        "next_limit": instant_long(found.closes_at) if found else "",
        "opens_at": instant_long(found.opens_at) if found and found.opens_at else "",
    }
    _queue("enrolments/accepted", enrolment, context, now)


def tell_refused(enrolment: Enrolment, now: datetime) -> None:
    _queue("enrolments/refused", enrolment, {"reason": enrolment.reason}, now)


def next_booking(enrolment: Enrolment, group_id: int | None, now: datetime) -> NextToBook | None:
    """The next day of the enrolment that may be booked, None when the family books nothing itself."""
    activity = enrolment.activity
    if activity.booking_mode not in BOOKED_BY_FAMILY:
        return None
    facts = activity_facts({activity.pk: activity.revision})[activity.pk]
    resident = is_resident(enrolment.family_id, facts.authority_id, local(now).date())
    return next_to_book(
        facts,
        first=enrolment.starts_on,
        last=enrolment.ends_on,
        group_id=group_id,
        resident=resident,
        now=now,
    )


def addresses_told(family_id: int, child_id: int, now: datetime) -> tuple[str, ...]:
    """Mail addresses of the adults of the home who are told about the child; a shared one comes once."""
    day = local(now).date()
    guardians = Guardianship.objects.filter(current(day), child_id=child_id, may_see=True, is_told=True)
    found = (
        Member.objects.filter(
            current(day),
            family_id=family_id,
            kind=Member.Kind.ADULT,
            person_id__in=guardians.values("adult_id"),
        )
        .exclude(person__email="")
        .order_by("pk")
        .values_list("person__email", flat=True)
    )
    return tuple({address.lower(): address for address in found}.values())


def _queue(kind: str, enrolment: Enrolment, context: Mapping[str, Any], now: datetime) -> None:
    structure = enrolment.activity.structure
    contact = StructureContact.objects.filter(structure=structure).order_by("order", "pk").first()
    shared = {
        "child": enrolment.person.first_name,
        "activity": enrolment.activity.name,
        "structure": structure.name,
        "email": contact.email if contact else "",
        "phone": contact.phone if contact else "",
        "dates": range_sentence(enrolment.starts_on, enrolment.ends_on),
        "person_id": enrolment.person_id,
        "activity_id": enrolment.activity_id,
        **context,
    }
    told = addresses_told(enrolment.family_id, enrolment.person_id, now)
    queue_many(
        kind=kind,
        drafts=[Draft(address, shared, enrolment.family_id) for address in told],
        now=now,
    )
