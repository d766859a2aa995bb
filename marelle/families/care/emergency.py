"""Whom to call for a child, in which order, and what who helps it must know; who asks, the caller has
checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from marelle.core.prepared import prepared, rounded
from marelle.families.models import Guardianship, HealthSheet, PickupContact
from marelle.families.selectors import current


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody to call: a guardian, then the contacts in the order of their home."""

    name: str
    link: str
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Emergency:
    """What is on the sheet of one child, and whom to call."""

    called: tuple[Called, ...] = ()
    doctor_name: str = ""
    doctor_phone: str = ""
    treatments: str = ""
    remarks: str = ""


def emergency_facts(child_ids: Collection[int], *, day: date, calling: bool = True) -> dict[int, Emergency]:
    """By child id, for every id given; three queries whatever their number.

    `calling` is false for who asks nothing of whom to call: two queries less.
    """
    asked = rounded(child_ids)
    called = _called(asked, day) if calling else {}
    noted = {child_id: texts for child_id, *texts in _sheets(asked)}
    return {one: Emergency(tuple(called.get(one, ())), *noted.get(one, ())) for one in child_ids}


def _called(child_ids: Collection[int], day: date) -> dict[int, list[Called]]:
    found: dict[int, list[Called]] = defaultdict(list)
    links = {code: str(label) for code, label in Guardianship.Link.choices}
    for child_id, link, first_name, last_name, *phones in _guardians(child_ids, day):
        numbers = tuple(dict.fromkeys(filter(None, phones)))
        found[child_id].append(Called(f"{first_name} {last_name}", links[link], numbers))
    for child_id, name, link, phone in _contacts(child_ids):
        found[child_id].append(Called(name, link, (phone,)))
    return found


@prepared
def _sheets(child_ids: Collection[int]) -> QuerySet[HealthSheet, tuple[Any, ...]]:
    rows = HealthSheet.objects.filter(child_id__in=child_ids)
    return rows.values_list("child_id", "doctor_name", "doctor_phone", "treatments", "remarks")


@prepared
def _guardians(child_ids: Collection[int], day: date) -> QuerySet[Guardianship, tuple[Any, ...]]:
    rows = Guardianship.objects.filter(current(day), child_id__in=child_ids, has_authority=True)
    adult = ("first_name", "last_name", "phone", "work_phone")
    return rows.order_by("pk").values_list("child_id", "link", *(f"adult__{name}" for name in adult))


@prepared
def _contacts(child_ids: Collection[int]) -> QuerySet[PickupContact, tuple[Any, ...]]:
    rows = PickupContact.objects.filter(child_id__in=child_ids, may_be_called=True)
    return rows.values_list("child_id", "name", "link", "phone")
