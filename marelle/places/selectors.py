"""What screens read of places."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.core.cache import cache

from marelle.places.models import Authority, Structure, StructureContact, StructureKind

ORGANISATION_KEPT = 60
"""Seconds for which a process keeps the name of the portal's authority."""


@dataclass(frozen=True, slots=True)
class ContactLine:
    """How to reach a structure, and for whom."""

    label: str
    ages: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class StructureCard:
    id: int
    name: str
    kind: StructureKind
    authority: str
    street: str
    city: str
    contacts: tuple[ContactLine, ...]


def organisation_name() -> str:
    """Name of the authority that was set up first, whose portal it is; "" before there is one."""
    name: str | None = cache.get("places.organisation")
    if name is None:
        name = Authority.objects.order_by("pk").values_list("name", flat=True).first() or ""
        if name:
            cache.set("places.organisation", name, ORGANISATION_KEPT)
    return name


def structures_to_reach(ids: Collection[int] | None = None) -> tuple[StructureCard, ...]:
    """Structures with their contacts, in the order of the authority; all when `ids` is None. Two queries."""
    rows = Structure.objects.select_related("authority", "commune").order_by("order", "name")
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    contacts: dict[int, list[ContactLine]] = {}
    wanted = StructureContact.objects.filter(structure__in=rows).order_by("order", "pk")
    for row in wanted:
        line = ContactLine(label=row.label, ages=row.ages, email=row.email, phone=row.phone)
        contacts.setdefault(row.structure_id, []).append(line)
    return tuple(
        StructureCard(
            id=row.pk,
            name=row.name,
            kind=StructureKind(row.kind),
            authority=row.authority.name,
            street=row.street,
            city=row.commune.name,
            contacts=tuple(contacts.get(row.pk, ())),
        )
        for row in rows
    )
