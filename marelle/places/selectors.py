"""What screens read of places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from marelle.core.actor import Actor, Role
from marelle.core.kept import Kept
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.places.models import Authority, CalendarSpan, GroundBefore, Look, Structure, StructureKind
from marelle.places.rules import Ground, SpanKind, school_year_days
from marelle.places.scope import in_office
from marelle.places.texts import TEXTS

_LOOK = tuple(
    f"look__{name}" for name in ("main", "accent", "logo_width", "logo_height", "texts", "revision")
)


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
    contacts: tuple[ContactLine, ...] = ()


def _card(pk: int, name: str, kind: str, authority: str, street: str, city: str) -> StructureCard:
    return StructureCard(pk, name, StructureKind(kind), authority, street, city)


def _line(pk: int | None, label: str, ages: str, email: str, phone: str) -> ContactLine | None:
    return None if pk is None else ContactLine(pk, label, ages, email, phone)


class _Shown(NamedTuple):
    card: StructureCard
    contact: ContactLine | None


SHOWN = columns(
    _Shown,
    card=columns(_card, "pk", "name", "kind", "street", authority="authority__name", city="commune__name"),
    contact=columns(_line, "pk", "label", "ages", "email", "phone").through("contacts"),
)


@dataclass(frozen=True, slots=True)
class Publisher:
    """The authority that was set up first, whose portal it is, and its look.

    `rate` is that of its accessibility audit. `main` and `accent` are "" where nothing was chosen;
    `logo_size` is the width and height of the logo, in pixels, (0, 0) without one. `texts` are those that it
    worded.
    """

    name: str = ""
    rate: int | None = None
    main: str = ""
    accent: str = ""
    logo_size: tuple[int, int] = (0, 0)
    texts: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0


@Kept
def publisher() -> Publisher:
    """What every page says of the portal's authority; nothing before there is one."""
    row = Authority.objects.order_by("pk").values_list("name", "accessibility_rate", *_LOOK).first()
    return _publisher(*row) if row else Publisher()


def _publisher(name: str, rate: int | None, *look: Any) -> Publisher:
    main, accent, width, height, texts, revision = look
    if revision is None:
        return Publisher(name, rate)
    return Publisher(name, rate, main, accent, (width, height), texts, revision)


def portal_look() -> Look | None:
    """The look of the portal with its logo; None where nothing was chosen."""
    return Look.objects.filter(authority_id=portal_authority_id() or 0).first()


def portal_text(code: str) -> str:
    """The text of a public page, as the authority worded it or as it is by default. KeyError for no code."""
    return publisher().texts.get(code) or str(TEXTS[code].default)


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


def income_settings(actor: Actor) -> dict[int, tuple[Ground, ...]]:
    """The grounds of each authority where the actor works, by id: from when a change of income counts."""
    rows = Authority.objects.filter(in_office(actor) | Q(structures__in=actor.structures(Role.DIRECTOR)))
    known = grounds()
    return {pk: known[pk] for pk in rows.order_by("pk").distinct().values_list("pk", flat=True)}


def keeps_portal(actor: Actor) -> bool:
    """An administrator, or the office of the authority whose portal it is: what all authorities share is its
    to keep."""
    return actor.is_administrator or portal_authority_id() in actor.authorities(Role.OFFICE)


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
    """`structures_to_reach`, kept in the process: for a page that only recalls them."""
    return tuple(card for card in _structures() if card.id in ids)


@Kept
def _structures() -> tuple[StructureCard, ...]:
    return structures_to_reach()


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
    return dict(_communes())


@prepared
def _communes() -> QuerySet[Structure, tuple[int, str]]:
    rows = Structure.objects.order_by("commune__name", "commune_id").distinct()
    return rows.values_list("commune_id", "commune__name")


def structures_to_reach(ids: Collection[int] | None = None) -> tuple[StructureCard, ...]:
    """Structures with their contacts, in the order of the authority; all when `ids` is None.

    One query, none for no id.
    """
    if ids is not None and not ids:
        return ()
    cards: dict[int, StructureCard] = {}
    for card, contact in _contacts(ids):
        known = cards.setdefault(card.id, card)
        if contact is not None:
            cards[card.id] = replace(known, contacts=(*known.contacts, contact))
    return tuple(cards.values())


@prepared
def _contacts(ids: Collection[int] | None) -> QuerySet[Structure, _Shown]:
    """Each structure, once for each of its contacts."""
    rows = Structure.objects.order_by("order", "name", "pk", "contacts__order", "contacts__pk")
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return SHOWN.of(rows)


def reach(structure_id: int) -> dict[str, Any]:
    """The name of a structure, how to reach it and its authority, for a mail; one query."""
    rows = Structure.objects.filter(pk=structure_id).order_by("contacts__order", "contacts__pk")
    name, email, phone, authority_id = rows.values_list(
        "name", "contacts__email", "contacts__phone", "authority_id"
    )[0]
    return {"structure": name, "email": email or "", "phone": phone or "", "authority_id": authority_id}


def calendars_that_know(calendar_ids: Collection[int], school_year: int) -> frozenset[int]:
    """Ids of the calendars that hold the school holidays of that year; one query."""
    first, last = school_year_days(school_year)
    rows = CalendarSpan.objects.filter(
        calendar__in=calendar_ids,
        kind=SpanKind.SCHOOL_HOLIDAY,
        active=True,
        first_day__gte=first,
        first_day__lte=last,
    )
    return frozenset(rows.values_list("calendar_id", flat=True))


def calendar_knows(calendar_id: int, school_year: int) -> bool:
    """The same, of one calendar."""
    return calendar_id in calendars_that_know([calendar_id], school_year)


@Kept
def grounds() -> Mapping[int, tuple[Ground, ...]]:
    """Of each authority, by id: what it was until a day, then what it is; two queries."""
    found: dict[int, tuple[str, set[int | None], set[int | None]]] = {}
    rows = Authority.objects.order_by("pk")
    for pk, counts, commune, agreed in rows.values_list(
        "pk", "incomes_count", "communes", "agreement_communes"
    ):
        _counts, residents, agreement = found.setdefault(pk, (counts, set(), set()))
        residents.add(commune)
        agreement.add(agreed)
    before: dict[int, list[Ground]] = defaultdict(list)
    for row in GroundBefore.objects.order_by("until"):
        before[row.authority_id].append(row.as_ground())
    return {
        pk: (*before[pk], Ground(counts, _there(residents), _there(agreement)))
        for pk, (counts, residents, agreement) in found.items()
    }


def _there(ids: Iterable[int | None]) -> frozenset[int]:
    return frozenset(pk for pk in ids if pk is not None)
