"""What a team must see at a glance of the children it looks after; which ones, the caller has checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from typing import Any, NamedTuple

from django.db.models import CharField, QuerySet, Value

from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns
from marelle.core.sealed import CannotOpen, Sealed, SealedTextField
from marelle.families.care.own_meals import MealDays
from marelle.families.care.rules import Answer, PaiState, SheetData, is_banned, pai_state, settled
from marelle.families.models import (
    Consent,
    Guardianship,
    HealthSheet,
    Person,
    PickupBan,
    PickupContact,
    PickupPermission,
    Restriction,
)
from marelle.families.models.care import sheet_opened, sheet_said
from marelle.families.selectors import current, kept_away, rights
from marelle.families.telephones import ONE_WAY, WAYS, Way
from marelle.places.rules import school_year_of


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Someone who may come: a guardian, a contact of a home, or somebody allowed for the day.

    `is_banned`: a judgment forbids it, whoever named them. `key` tells it from the others of its child.
    """

    key: str
    name: str
    link: str
    ways: tuple[Way, ...]
    for_the_day: bool
    is_banned: bool


@dataclass(frozen=True, slots=True)
class Safety:
    """The facts of one child. `diet` is a code of `fields.Diet`.

    `leaves_alone` is the hour from which it may, None when it may not. `is_lost`: there is a sheet, which no
    key opens, and nothing of it is told.
    """

    diet: str
    allergies: str
    is_severe: bool
    pai: PaiState
    family_brings_meal: bool
    fetchers: tuple[Fetcher, ...]
    banned: tuple[str, ...]
    leaves_alone: time | None
    refused: frozenset[str]
    is_lost: bool = False


NO_ANSWER = Answer(given=False)


class _Sheet(NamedTuple):
    """A child and what its sheet says, sealed; None where it has none."""

    child_id: int
    diet: str
    said: Sealed | None


SHEET = columns(_Sheet, "diet", child_id="pk", said="health_sheet__said")


class _Said(NamedTuple):
    child_id: int
    code: str
    needs_hour: bool
    given: bool
    from_hour: time | None


SAID = columns(_Said, "child_id", "given", "from_hour", code="type__code", needs_hour="type__needs_hour")


class _Guardian(NamedTuple):
    id: int
    child_id: int
    first_name: str
    last_name: str
    link: str
    ways: tuple[Way, ...]


GUARDIAN = columns(
    _Guardian,
    "child_id",
    "link",
    id="pk",
    first_name="adult__first_name",
    last_name="adult__last_name",
    ways=WAYS.through("adult"),
)


class _Permission(NamedTuple):
    id: int
    child_id: int
    name: str
    ways: tuple[Way, ...]


PERMISSION = columns(_Permission, "child_id", "name", id="pk", ways=ONE_WAY)


class _Contact(NamedTuple):
    id: int
    child_id: int
    name: str
    link: str
    ways: tuple[Way, ...]


CONTACT = columns(_Contact, "child_id", "name", "link", id="pk", ways=ONE_WAY)


def safety_facts(child_ids: Collection[int], *, day: date, fetching: bool = True) -> dict[int, Safety]:
    """Facts by child id, for every id given; six queries whatever their number.

    `refused` are the codes of the authorisations that a home refuses; one not answered is not given either.
    `fetching` is false for who asks nothing of who may fetch: four queries less.
    """
    ids = list(child_ids)
    asked = rounded(ids)
    sheets = {sheet.child_id: sheet for sheet in _sheets(asked)}
    banned = banned_names(ids, day=day) if fetching else {}
    fetchers = fetchers_of(ids, banned, day=day) if fetching else {}
    answers: dict[int, dict[str, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    alone: dict[int, list[Answer]] = defaultdict(list)
    for said in _consents(asked, school_year_of(day), day):
        answer = Answer(said.given, said.from_hour)
        answers[said.child_id][said.code].append(answer)
        if said.needs_hour:
            alone[said.child_id].append(answer)
    return {
        child_id: _safety(
            sheets.get(child_id),
            fetchers.get(child_id, []),
            banned.get(child_id, []),
            answers[child_id],
            alone[child_id],
            day,
        )
        for child_id in ids
    }


def sheet_read(sealed: Sealed) -> SheetData | None:
    """What a sheet says, for who reads many and shows the others; None of one that no key opens."""
    try:
        return sheet_said(sealed)
    except CannotOpen:
        return None


def meals_read(sealed: Sealed) -> MealDays | None:
    """The days on which a child brings the meal of its PAI; None of a sheet that no key opens."""
    try:
        return sheet_opened(sealed)[1]
    except CannotOpen:
        return None


def banned_names(child_ids: Collection[int], *, day: date) -> dict[int, list[str]]:
    """Who may not fetch these children on a day, by child; one query."""
    banned: dict[int, list[str]] = defaultdict(list)
    for one in _bans(rounded(child_ids), day):
        banned[one.child_id].append(f"{one.first_name} {one.last_name}" if one.name is None else one.name)
    return banned


def fetchers_of(
    child_ids: Collection[int], banned: dict[int, list[str]], *, day: date
) -> dict[int, list[Fetcher]]:
    """Guardians first, then those allowed for the day, then the contacts in their order; three queries."""
    found: dict[int, list[Fetcher]] = defaultdict(list)

    def add(
        key: str, child_id: int, name: str, link: str, ways: tuple[Way, ...], *, for_the_day: bool = False
    ) -> None:
        names = banned.get(child_id)
        forbidden = is_banned(name, names) if names else False
        found[child_id].append(Fetcher(key, name, link, ways, for_the_day, forbidden))

    asked = rounded(child_ids)
    links = {code: str(label) for code, label in Guardianship.Link.choices}
    for one in _guardians(asked, day):
        add(f"g{one.id}", one.child_id, f"{one.first_name} {one.last_name}", links[one.link], one.ways)
    for allowed in _permissions(asked, day):
        add(f"p{allowed.id}", allowed.child_id, allowed.name, "", allowed.ways, for_the_day=True)
    for contact in _contacts(asked, day):
        add(f"c{contact.id}", contact.child_id, contact.name, contact.link, contact.ways)
    return found


def _safety(
    sheet: _Sheet | None,
    fetchers: list[Fetcher],
    banned: list[str],
    answers: dict[str, list[Answer]],
    alone: list[Answer],
    day: date,
) -> Safety:
    leaves = settled(alone) or NO_ANSWER
    said = sheet_read(sheet.said) if sheet and sheet.said else SheetData()
    health = said or SheetData()
    return Safety(
        diet=sheet.diet if sheet else "",
        allergies=health.allergies,
        is_severe=health.is_severe,
        pai=pai_state(health.pai, health.pai_until, day),
        family_brings_meal=health.pai_meal == HealthSheet.Meal.FAMILY,
        is_lost=said is None,
        fetchers=tuple(fetchers),
        banned=tuple(banned),
        leaves_alone=leaves.from_hour if leaves.given else None,
        refused=frozenset(code for code, said in answers.items() if not (settled(said) or NO_ANSWER).given),
    )


@prepared
def _sheets(child_ids: Collection[int]) -> QuerySet[Person, _Sheet]:
    return SHEET.of(Person.objects.filter(pk__in=child_ids).order_by())


class _Ban(NamedTuple):
    """By a ban, its name; by a judge's restriction, None and the names of who it names."""

    child_id: int
    name: str | None
    first_name: str
    last_name: str


_NOBODY = Value("", output_field=CharField())
BANNED = columns(_Ban, "child_id", "name", first_name=_NOBODY, last_name=_NOBODY)
KEPT_AWAY = columns(
    _Ban,
    "child_id",
    name=Value(None, output_field=SealedTextField()),
    first_name="adult__first_name",
    last_name="adult__last_name",
)


@prepared
def _bans(child_ids: Collection[int], day: date) -> QuerySet[Any, _Ban]:
    bans = PickupBan.objects.filter(current(day), child_id__in=child_ids).order_by()
    named = Restriction.objects.in_force(day).filter(child_id__in=child_ids).order_by()
    return BANNED.of(bans).union(KEPT_AWAY.of(named), all=True)


@prepared
def _consents(child_ids: Collection[int], school_year: int, day: date) -> QuerySet[Consent, _Said]:
    near = ~kept_away(day, "child_id", home="family_id")
    return SAID.of(Consent.objects.filter(near, child_id__in=child_ids, school_year=school_year))


@prepared
def _guardians(child_ids: Collection[int], day: date) -> QuerySet[Guardianship, _Guardian]:
    rows = rights(day).filter(child_id__in=child_ids, may_fetch=True).order_by("pk")
    return GUARDIAN.of(rows)


@prepared
def _permissions(child_ids: Collection[int], day: date) -> QuerySet[PickupPermission, _Permission]:
    near = ~kept_away(day, "child_id", home="family_id")
    given = PickupPermission.objects.filter(near, child_id__in=child_ids, day=day, cancelled_at=None)
    return PERMISSION.of(given)


@prepared
def _contacts(child_ids: Collection[int], day: date) -> QuerySet[PickupContact, _Contact]:
    near = ~kept_away(day, "child_id", home="family_id")
    return CONTACT.of(PickupContact.objects.filter(near, child_id__in=child_ids, may_fetch=True))
