"""What screens read of places."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.core.cache import cache
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from marelle.core.actor import Actor
from marelle.places.models import Authority, Structure, StructureKind
from marelle.places.scope import in_office

PUBLISHER_KEPT = 60
"""Seconds for which a process keeps what hardly changes and many pages show."""

_PUBLISHER = "places.publisher"


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


@dataclass(frozen=True, slots=True)
class Publisher:
    """The authority that was set up first, whose portal it is. `rate` is that of its accessibility audit."""

    name: str = ""
    rate: int | None = None


def publisher() -> Publisher:
    """What every page says of the portal's authority; nothing before there is one. No query for a minute."""
    kept: Publisher | None = cache.get(_PUBLISHER)
    if kept is None:
        row = Authority.objects.order_by("pk").values_list("name", "accessibility_rate").first()
        kept = Publisher(*row) if row else Publisher()
        if row:
            cache.set(_PUBLISHER, kept, PUBLISHER_KEPT)
    return kept


def publisher_changed() -> None:
    """To be called once the authority has changed; other processes follow within a minute."""
    cache.delete(_PUBLISHER)


def authorities() -> list[Authority]:
    """All, the publisher first, each with its structures. Two queries."""
    return list(Authority.objects.order_by("pk").prefetch_related("structures"))


def authorities_in_office(actor: Actor) -> list[Authority]:
    """Those that the actor may describe."""
    return list(Authority.objects.filter(in_office(actor)).order_by("pk"))


def portal_authority() -> Authority | None:
    """The authority that was set up first, whose portal it is: it keeps the families' files."""
    return Authority.objects.order_by("pk").first()


def portal_authority_id() -> int | None:
    return Authority.objects.order_by("pk").values_list("pk", flat=True).first()


def relays_for(commune: int | QuerySet[Any, Any] | None) -> QuerySet[Structure]:
    """The relais, the one that serves this commune first: its own, else that of its authority.

    The commune is a key, or a query that gives one.
    """
    relays = Structure.objects.filter(kind=StructureKind.RELAY)
    if commune is None:
        return relays.order_by("order", "pk")
    serves = Exists(Authority.objects.filter(Q(communes=commune), pk=OuterRef("authority")))
    nearness = Case(When(Q(serves, commune=commune), then=0), When(serves, then=1), default=2)
    return relays.order_by(nearness, "order", "pk")


def structures_kept(ids: Collection[int]) -> tuple[StructureCard, ...]:
    """`structures_to_reach`, kept in the process for a minute: for a page that only recalls them."""
    cards: tuple[StructureCard, ...] | None = cache.get("places.structures")
    if cards is None:
        cards = structures_to_reach()
        cache.set("places.structures", cards, PUBLISHER_KEPT)
    return tuple(card for card in cards if card.id in ids)


def structures_near(
    commune: QuerySet[Any, Any], *, but: Collection[int], in_commune: int | None = None
) -> QuerySet[Structure, int]:
    """Keys of the structures but these, those of the commune that the query gives first; of one alone when it
    is given."""
    rows = Structure.objects.exclude(pk__in=but)
    if in_commune is not None:
        rows = rows.filter(commune=in_commune)
    near = Case(When(commune=commune, then=0), default=1)
    return rows.order_by(near, "order", "name", "pk").values_list("pk", flat=True)


def communes_with_structures() -> dict[int, str]:
    """Names by id; one query."""
    rows = Structure.objects.order_by("commune__name", "commune_id").distinct()
    return dict(rows.values_list("commune_id", "commune__name"))


def structures_to_reach(ids: Collection[int] | None = None) -> tuple[StructureCard, ...]:
    """Structures with their contacts, in the order of the authority; all when `ids` is None.

    One query, none for no id.
    """
    if ids is not None and not ids:
        return ()
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
