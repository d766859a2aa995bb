"""Mails about an enrolment, to the guardians of the home that made it and who are to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marelle.core.french import (
    day_long,
    day_long_year,
    instant_long,
    instant_long_year,
    join_and,
    range_sentence,
    until_long,
)
from marelle.enrolments.labels import reference_text
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.enrolments.next_booking import BOOKED_BY_FAMILY, next_booking
from marelle.families.telling import Addressee, addressees, draft_to, tell_home
from marelle.mail.services import queue_many
from marelle.places.models import StructureContact


def tell_requested(enrolments: Sequence[Enrolment], now: datetime) -> None:
    """What was received, when, which service decides, how to reach it: one mail to each adult told.

    Several requests of one home make one mail, in which each adult reads those of the children whose mails
    it gets.
    """
    told: dict[Addressee, list[Enrolment]] = {}
    for enrolment in enrolments:
        for one in addressees(family_id=enrolment.family_id, child_id=enrolment.person_id, now=now):
            told.setdefault(one, []).append(enrolment)
    services = {one.pk: _service(one) for one in enrolments}
    drafts = [
        draft_to(
            one,
            _requested(found, [services[row.pk] for row in found]),
            found[0].family_id,
            about=[row.person_id for row in found],
        )
        for one, found in told.items()
    ]
    if drafts:
        queue_many(kind="enrolments/requested", drafts=drafts, now=now)


def _requested(enrolments: Sequence[Enrolment], services: Sequence[Service]) -> dict[str, object]:
    people = {row.person_id: row.person.first_name for row in enrolments}
    authorities = {row.activity.structure.authority_id for row in enrolments}
    return {
        "authority_id": authorities.pop() if len(authorities) == 1 else None,
        "received": instant_long_year(enrolments[0].requested_at),
        "lines": [
            {
                "reference": reference_text(row.pk),
                "child": row.person.first_name,
                "activity": row.activity.name,
                "structure": row.activity.structure.name,
                "dates": range_sentence(row.starts_on, row.ends_on),
            }
            for row in enrolments
        ],
        "several": len(enrolments) > 1,
        "children": join_and(list(people.values())),
        "person_id": enrolments[0].person_id if len(people) == 1 else None,
        "services": list({service.structure: service for service in services}.values()),
    }


def tell_accepted(enrolment: Enrolment, group_id: int | None, now: datetime) -> None:
    """Being enrolled is not enough: until when the next day can be booked, and where."""
    found = next_booking(enrolment, group_id, now)
    books = enrolment.activity.booking_mode in BOOKED_BY_FAMILY
    context = {
        "books": books,
        "next_day": day_long(found.day) if found else "",
        "next_limit": until_long(found.closes_at) if found else "",
        "opens_at": instant_long(found.opens_at) if found and found.opens_at else "",
    }
    _tell("enrolments/accepted", enrolment, context, now)


def tell_refused(enrolment: Enrolment, now: datetime) -> None:
    _tell("enrolments/refused", enrolment, {"reason": enrolment.reason}, now)


def tell_end_asked(end: EndRequest, now: datetime) -> None:
    _tell("enrolments/end_asked", end.enrolment, {"last_day": day_long_year(end.last_day)}, now)


def tell_end_accepted(end: EndRequest, cancelled: int, now: datetime) -> None:
    context = {"last_day": day_long_year(end.last_day), "cancelled": cancelled}
    _tell("enrolments/end_accepted", end.enrolment, context, now)


def tell_end_refused(end: EndRequest, now: datetime) -> None:
    context = {"last_day": day_long_year(end.last_day), "reason": end.reason}
    _tell("enrolments/end_refused", end.enrolment, context, now)


def tell_group_changed(
    enrolment: Enrolment, *, group: str, since: date, bookings: Mapping[str, int], now: datetime
) -> None:
    context = {"group": group, "since": day_long_year(since), **bookings}
    _tell("enrolments/group_changed", enrolment, context, now)


@dataclass(frozen=True, slots=True)
class Service:
    """Who decides, and how to reach it."""

    structure: str
    email: str
    phone: str


def _service(enrolment: Enrolment) -> Service:
    structure = enrolment.activity.structure
    contact = StructureContact.objects.filter(structure=structure).order_by("order", "pk").first()
    return Service(structure.name, contact.email if contact else "", contact.phone if contact else "")


def _tell(kind: str, enrolment: Enrolment, context: Mapping[str, Any], now: datetime) -> None:
    shared = {
        "child": enrolment.person.first_name,
        "activity": enrolment.activity.name,
        "dates": range_sentence(enrolment.starts_on, enrolment.ends_on),
        "person_id": enrolment.person_id,
        "activity_id": enrolment.activity_id,
        "enrolment_id": enrolment.pk,
        "service": _service(enrolment),
        "authority_id": enrolment.activity.structure.authority_id,
        **context,
    }
    tell_home(kind=kind, context=shared, family_id=enrolment.family_id, child_id=enrolment.person_id, now=now)
