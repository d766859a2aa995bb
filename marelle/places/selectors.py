"""What screens read of places."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.core.cache import cache

from marelle.places.models import Authority, Structure, StructureKind

ORGANISATION_KEPT = 60
"""Seconds for which a process keeps the name of the portal's authority."""


@dataclass(frozen=True, slots=True)
class ContactLine:
    """How to reach a structure, and for whom."""

    id: int
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


def portal_authority() -> Authority | None:
    """The authority that was set up first, whose portal it is: it keeps the families' files."""
    return Authority.objects.order_by("pk").first()


def portal_authority_id() -> int | None:
    return Authority.objects.order_by("pk").values_list("pk", flat=True).first()


def structures_to_reach(ids: Collection[int] | None = None) -> tuple[StructureCard, ...]:
    """Structures with their contacts, in the order of the authority; all when `ids` is None.

    One query, none for no id.
    """
    rows = Structure.objects.order_by("order", "name", "pk", "contacts__order", "contacts__pk")
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    cards: dict[int, StructureCard] = {}
    for pk, name, kind, authority, street, city, contact, label, ages, email, phone in rows.values_list(
        "pk",
        "name",
        "kind",
        "authority__name",
        "street",
        "commune__name",
        "contacts__pk",
        "contacts__label",
        "contacts__ages",
        "contacts__email",
        "contacts__phone",
    ):
        if pk not in cards:
            cards[pk] = StructureCard(pk, name, StructureKind(kind), authority, street, city, ())
        if contact is not None:
            line = ContactLine(id=contact, label=label, ages=ages, email=email, phone=phone)
            cards[pk] = replace(cards[pk], contacts=(*cards[pk].contacts, line))
    return tuple(cards.values())
