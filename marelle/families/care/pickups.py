"""Who may fetch a child or be called: the contacts of a home, the permission of one day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.families.care.refusals import WrongValue
from marelle.families.care.rules import CONTACTS_AT_MOST, may_permit, moved, same_name
from marelle.families.care.scope import Ward, ward_to_write
from marelle.families.models import PickupContact, PickupPermission
from marelle.journal.services import record

CONTACT_ADDED = "pickup_contact.added"
CONTACT_CHANGED = "pickup_contact.changed"
CONTACT_REMOVED = "pickup_contact.removed"
CONTACTS_ORDERED = "pickup_contact.ordered"
PERMISSION_GIVEN = "pickup_permission.given"
PERMISSION_TAKEN_BACK = "pickup_permission.taken_back"


@dataclass(frozen=True, slots=True)
class ContactData:
    """Someone that a home names; `phone` as `core.phones` writes it."""

    name: str
    link: str
    phone: str
    may_fetch: bool
    may_be_called: bool


@transaction.atomic
def pickup_contact_add(
    *,
    actor: Actor,
    child_id: int,
    contact: ContactData,
    also: Collection[int] = (),
    now: datetime,
) -> dict[int, PickupContact]:
    """Name someone, last in order, for a child and for others of the home, `also`: each has its own row from
    then on. By child; without those of `also` for whom somebody of that name is there already.

    Refused: NotYours, ReadOnly, WrongValue (`child`: the first name of the one whose list is full).
    """
    day = local(now).date()
    # In the order of their keys, as every lock of people.
    wards = [ward_to_write(actor, pk, day=day) for pk in sorted({child_id, *also})]
    made: dict[int, PickupContact] = {}
    for ward in wards:
        rows = _of_home(ward)
        if ward.child.pk != child_id and any(same_name(row.name, contact.name) for row in rows):
            continue
        _check(contact, rows)
        if len(rows) >= CONTACTS_AT_MOST:
            raise WrongValue("too_many_contacts", child=ward.child.first_name)
        made[ward.child.pk] = _add(actor, ward, contact, rows, now)
    return made


def _add(
    actor: Actor, ward: Ward, contact: ContactData, rows: Sequence[PickupContact], now: datetime
) -> PickupContact:
    last = max((row.order for row in rows), default=0)
    row = PickupContact.objects.create(
        family=ward.family, child=ward.child, order=last + 1, **_columns(contact)
    )
    _note(actor, CONTACT_ADDED, ward, now)
    return row


def contact_data(row: PickupContact) -> ContactData:
    """What a form on the row shows of it."""
    return ContactData(**{field.name: getattr(row, field.name) for field in fields(ContactData)})


@transaction.atomic
def pickup_contact_change(
    *,
    actor: Actor,
    child_id: int,
    contact_id: int,
    contact: ContactData,
    seen: ContactData | None,
    now: datetime,
) -> PickupContact:
    """What is the same already changes nothing. `seen` is what the form showed, None for what makes no sense.

    Refused: NotYours, ReadOnly, WrongValue, ChangedMeanwhile.
    """
    ward = ward_to_write(actor, child_id, day=local(now).date())
    row = _found(ward, contact_id)
    _check(contact, [other for other in _of_home(ward) if other.pk != row.pk])
    held = contact_data(row)
    if held == contact:
        return row
    if held != seen:
        raise ChangedMeanwhile
    for name, value in _columns(contact).items():
        setattr(row, name, value)
    row.save()
    _note(actor, CONTACT_CHANGED, ward, now)
    return row


@transaction.atomic
def pickup_contact_remove(*, actor: Actor, child_id: int, contact_id: int, now: datetime) -> None:
    """Refused: NotYours, ReadOnly."""
    ward = ward_to_write(actor, child_id, day=local(now).date())
    _found(ward, contact_id).delete()
    _note(actor, CONTACT_REMOVED, ward, now)


@transaction.atomic
def pickup_contact_move(*, actor: Actor, child_id: int, contact_id: int, up: bool, now: datetime) -> None:
    """One place higher or lower; nothing at the end of the list. Refused: NotYours, ReadOnly."""
    ward = ward_to_write(actor, child_id, day=local(now).date())
    _found(ward, contact_id)
    rows = {row.pk: row for row in _of_home(ward)}
    order = moved(tuple(rows), contact_id, up=up)
    if order == tuple(rows):
        return
    for place, pk in enumerate(order, start=1):
        rows[pk].order = place
    PickupContact.objects.bulk_update(rows.values(), ["order"])
    _note(actor, CONTACTS_ORDERED, ward, now)


@dataclass(frozen=True, slots=True)
class Given:
    """A permission, and whether it is new: the same one sent again is the one already there."""

    permission: PickupPermission
    is_new: bool


@transaction.atomic
def pickup_permission_give(
    *, actor: Actor, child_id: int, day: date, name: str, phone: str, note: str, now: datetime
) -> Given:
    """Allow someone to fetch the child on one day. Refused: NotYours, ReadOnly, WrongValue."""
    today = local(now).date()
    ward = ward_to_write(actor, child_id, day=today)
    if not may_permit(day, today):
        raise WrongValue("permission_day")
    for row in _permissions(ward).filter(day=day):
        if same_name(row.name, name):
            return Given(row, is_new=False)
    row = PickupPermission.objects.create(
        child=ward.child,
        family=ward.family,
        day=day,
        name=name,
        phone=phone,
        note=note,
        given_at=now,
        given_by=actor.label[:150],
        giver_id=None if actor.on_behalf_of else actor.person_id,
    )
    _note(actor, PERMISSION_GIVEN, ward, now, {"day": day.isoformat()})
    return Given(row, is_new=True)


@transaction.atomic
def pickup_permission_take_back(
    *, actor: Actor, child_id: int, permission_id: int, now: datetime
) -> PickupPermission:
    """Refused: NotYours (also for a day that is over, or one already taken back), ReadOnly."""
    today = local(now).date()
    ward = ward_to_write(actor, child_id, day=today)
    row = _permissions(ward).filter(pk=permission_id, day__gte=today).first()
    if row is None:
        raise NotYours
    row.cancelled_at = now
    row.save(update_fields=["cancelled_at"])
    _note(actor, PERMISSION_TAKEN_BACK, ward, now, {"day": row.day.isoformat()})
    return row


def _of_home(ward: Ward) -> list[PickupContact]:
    return list(PickupContact.objects.filter(family=ward.family, child=ward.child))


def _permissions(ward: Ward) -> QuerySet[PickupPermission]:
    return PickupPermission.objects.filter(family=ward.family, child=ward.child, cancelled_at=None)


def _found(ward: Ward, contact_id: int) -> PickupContact:
    row = PickupContact.objects.filter(family=ward.family, child=ward.child, pk=contact_id).first()
    if row is None:
        raise NotYours
    return row


def _check(contact: ContactData, others: list[PickupContact]) -> None:
    if not (contact.may_fetch or contact.may_be_called):
        raise WrongValue("for_nothing")
    if any(same_name(other.name, contact.name) for other in others):
        raise WrongValue("named_twice")


def _columns(contact: ContactData) -> dict[str, str | bool]:
    return asdict(contact)


def _note(actor: Actor, verb: str, ward: Ward, now: datetime, data: dict[str, str] | None = None) -> None:
    record(
        actor=actor,
        verb=verb,
        subject=Subject("person", ward.child.pk, ward.child.first_name),
        family_id=ward.family.pk,
        data=data,
        now=now,
    )
