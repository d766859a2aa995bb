"""A child's care and the structures where it goes: who asks for what, and who hears of a change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from marelle.bookings.models import Booking
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import day_long
from marelle.enrolments.models import Enrolment
from marelle.families.care import consents, health, pickups
from marelle.families.care.rules import Answer, SheetData
from marelle.families.care.scope import Ward
from marelle.families.care.selectors import Asked, asked_of
from marelle.families.models import Person, PickupPermission
from marelle.files.services import CheckedFile
from marelle.mail.services import Draft, queue_many
from marelle.places.models import Structure


def live(day: date) -> Q:
    """Enrolments by which a structure looks after a child, or is asked to, on `day`."""
    return Q(state=Enrolment.State.REQUESTED) | Q(
        state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ENDED), ends_on__gte=day
    )


def authorities_of(child_id: int, *, day: date) -> frozenset[int]:
    """Authorities whose structures the child goes to, or asked for; one query."""
    rows = Enrolment.objects.filter(live(day), person_id=child_id).order_by()
    return frozenset(rows.values_list("activity__structure__authority_id", flat=True))


def consents_asked(ward: Ward, *, school_year: int, day: date) -> tuple[Asked, ...]:
    """The authorisations that the child's structures ask; three queries."""
    return asked_of(
        ward, authority_ids=authorities_of(ward.child.pk, day=day), school_year=school_year, day=day
    )


@transaction.atomic
def consents_answer(
    *,
    actor: Actor,
    child_id: int,
    school_year: int,
    answers: Mapping[int, Answer],
    seen: Mapping[int, Answer] | None = None,
    now: datetime,
) -> tuple[str, ...]:
    """See `families.care.consents.consents_answer`: with the authorities that may ask."""
    return consents.consents_answer(
        actor=actor,
        child_id=child_id,
        school_year=school_year,
        answers=answers,
        seen=seen,
        authority_ids=authorities_of(child_id, day=local(now).date()),
        now=now,
    )


@transaction.atomic
def health_sheet_save(
    *, actor: Actor, child_id: int, typed: SheetData, seen: str, now: datetime
) -> tuple[str, ...]:
    """Write the sheet and tell the structures that it changed, without what."""
    fields = health.health_sheet_save(actor=actor, child_id=child_id, typed=typed, seen=seen, now=now)
    if fields:
        _tell_health_changed(child_id, actor.home_id, now)
    return fields


@transaction.atomic
def pai_file_set(
    *, actor: Actor, child_id: int, upload: CheckedFile, seen: int | None, now: datetime
) -> None:
    health.pai_file_set(actor=actor, child_id=child_id, upload=upload, seen=seen, now=now)
    _tell_health_changed(child_id, actor.home_id, now)


@dataclass(frozen=True, slots=True)
class PermissionGiven:
    """`told` are the names of the structures that expect the child that day; none when nothing is booked."""

    permission: PickupPermission
    is_new: bool
    told: tuple[str, ...]


@transaction.atomic
def pickup_permission_give(
    *, actor: Actor, child_id: int, day: date, name: str, phone: str, note: str, now: datetime
) -> PermissionGiven:
    """Allow someone for a day and tell the structures where the child is booked on it."""
    given = pickups.pickup_permission_give(
        actor=actor, child_id=child_id, day=day, name=name, phone=phone, note=note, now=now
    )
    expected = _structures_of_day(child_id, given.permission.day)
    if given.is_new:
        _tell_permission("families/permission_given", given.permission, expected, now)
    return PermissionGiven(given.permission, given.is_new, tuple(one.name for one in expected))


@transaction.atomic
def pickup_permission_take_back(
    *, actor: Actor, child_id: int, permission_id: int, now: datetime
) -> PickupPermission:
    row = pickups.pickup_permission_take_back(
        actor=actor, child_id=child_id, permission_id=permission_id, now=now
    )
    expected = _structures_of_day(child_id, row.day)
    _tell_permission("families/permission_taken_back", row, expected, now)
    return row


def _structures_of_day(child_id: int, day: date) -> tuple[Structure, ...]:
    booked = Booking.objects.holding().filter(child_id=child_id, day=day)
    structures = Structure.objects.filter(activities__openings__bookings__in=booked).distinct()
    return tuple(structures.select_related("authority").prefetch_related("contacts").order_by("order", "pk"))


def _tell_health_changed(child_id: int, family_id: int, now: datetime) -> None:
    enrolments = Enrolment.objects.filter(live(local(now).date()), person_id=child_id)
    structures = (
        Structure.objects.filter(activities__enrolments__in=enrolments)
        .distinct()
        .select_related("authority")
        .prefetch_related("contacts")
        .order_by("order", "pk")
    )
    child = Person.objects.get(pk=child_id)
    context = {"child": child.first_name, "child_id": child_id}
    _tell("families/health_changed", structures, context, family_id, now)


def _tell_permission(
    kind: str, row: PickupPermission, structures: Collection[Structure], now: datetime
) -> None:
    context = {
        "child": row.child.first_name,
        "child_id": row.child_id,
        "name": row.name,
        "day": day_long(row.day),
    }
    _tell(kind, structures, context, row.family_id, now)


def _tell(
    kind: str, structures: Collection[Structure], context: Mapping[str, Any], family_id: int, now: datetime
) -> None:
    """One mail to each structure, at the first of its addresses, else its authority's; it goes with the home
    that is erased."""
    drafts = []
    for structure in structures:
        addresses = (*(contact.email for contact in structure.contacts.all()), structure.authority.email)
        to = next((address for address in addresses if address), "")
        if to:
            named = {**context, "structure": structure.name, "authority_id": structure.authority_id}
            drafts.append(Draft(to, named, family_id))
    if drafts:
        queue_many(kind=kind, drafts=drafts, now=now)
