"""Whom to call for a child, in which order, and what who helps it must know; who asks, the caller has
checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Q, QuerySet

from marelle.core.rows import columns
from marelle.core.sealed import Sealed
from marelle.families.care.rules import is_banned
from marelle.families.care.safety import banned_names, sheet_read
from marelle.families.models import Guardianship, HealthSheet, Member, PickupContact
from marelle.families.selectors import current, kept_away, rights
from marelle.families.telephones import ONE_WAY, WAYS, Way


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody to call: a guardian, then the contacts in the order of their home.

    `is_banned`: a judgment forbids to hand the child over to them.
    """

    name: str
    link: str
    ways: tuple[Way, ...]
    is_banned: bool = False


@dataclass(frozen=True, slots=True)
class Emergency:
    """What is on the sheet of one child, and whom to call. Of a sheet that no key opens `safety` tells."""

    called: tuple[Called, ...] = ()
    doctor_name: str = ""
    doctor_phone: str = ""
    treatments: str = ""
    remarks: str = ""


class _Sheet(NamedTuple):
    child_id: int
    said: Sealed


SHEET = columns(_Sheet, "child_id", "said")


class _Guardian(NamedTuple):
    child_id: int
    adult_id: int
    link: str
    first_name: str
    last_name: str
    ways: tuple[Way, ...]


GUARDIAN = columns(
    _Guardian,
    "child_id",
    "adult_id",
    "link",
    first_name="adult__first_name",
    last_name="adult__last_name",
    ways=WAYS.through("adult"),
)


class _Contact(NamedTuple):
    child_id: int
    family_id: int
    name: str
    link: str
    ways: tuple[Way, ...]


CONTACT = columns(_Contact, "child_id", "family_id", "name", "link", ways=ONE_WAY)


def emergency_facts(
    child_ids: Collection[int],
    *,
    day: date,
    calling: bool = True,
    homes: Mapping[int, Collection[int]] | None = None,
) -> dict[int, Emergency]:
    """By child id, for every id given; four queries whatever their number, five with `homes`.

    `calling` is false for who asks nothing of whom to call: three queries less. `homes` are, by child, those
    whose people alone may be told, without what a judgment says of them.
    """
    called = _called(child_ids, day, homes or {}) if calling else {}
    noted = {sheet.child_id: sheet for sheet in _sheets(child_ids)}
    return {one: _emergency(called.get(one, ()), noted.get(one)) for one in child_ids}


def _emergency(called: Iterable[Called], sheet: _Sheet | None) -> Emergency:
    said = sheet_read(sheet.said) if sheet else None
    if said is None:
        return Emergency(tuple(called))
    return Emergency(
        called=tuple(called),
        doctor_name=said.doctor_name,
        doctor_phone=said.doctor_phone,
        treatments=said.treatments,
        remarks=said.remarks,
    )


def _called(
    child_ids: Collection[int], day: date, homes: Mapping[int, Collection[int]]
) -> dict[int, list[Called]]:
    found: dict[int, list[Called]] = defaultdict(list)
    banned = banned_names(child_ids, day=day)
    told = {one for ids in homes.values() for one in ids}
    living = set(_living(told, day)) if told else set()

    def add(child_id: int, name: str, link: str, ways: tuple[Way, ...]) -> None:
        forbidden = child_id not in homes and is_banned(name, banned.get(child_id, ()))
        found[child_id].append(Called(name, link, ways, forbidden))

    links = {code: str(label) for code, label in Guardianship.Link.choices}
    for one in _guardians(child_ids, day):
        child_id = one.child_id
        if child_id not in homes or any((home, one.adult_id) in living for home in homes[child_id]):
            add(child_id, f"{one.first_name} {one.last_name}", links[one.link], one.ways)
    for contact in _contacts(child_ids, day):
        if contact.child_id not in homes or contact.family_id in homes[contact.child_id]:
            add(contact.child_id, contact.name, contact.link, contact.ways)
    return found


def _living(family_ids: Collection[int], day: date) -> QuerySet[Member, tuple[int, int]]:
    rows = Member.objects.filter(current(day), family_id__in=family_ids).order_by()
    return rows.values_list("family_id", "person_id")


def _sheets(child_ids: Collection[int]) -> QuerySet[HealthSheet, _Sheet]:
    return SHEET.of(HealthSheet.objects.filter(child_id__in=child_ids))


def _guardians(child_ids: Collection[int], day: date) -> QuerySet[Guardianship, _Guardian]:
    """Who is asked for the child every day first: who placed a child keeps its authority."""
    may = Q(has_authority=True) | Q(may_fetch=True)
    rows = rights(day).filter(may, child_id__in=child_ids)
    return GUARDIAN.of(rows.order_by("-may_fetch", "-has_authority", "pk"))


def _contacts(child_ids: Collection[int], day: date) -> QuerySet[PickupContact, _Contact]:
    near = ~kept_away(day, "child_id", home="family_id")
    return CONTACT.of(PickupContact.objects.filter(near, child_id__in=child_ids, may_be_called=True))
