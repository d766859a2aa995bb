"""What a team must see at a glance of the children it looks after; which ones, the caller has checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db.models import QuerySet

from marelle.core.prepared import prepared, rounded
from marelle.families.care.rules import Answer, PaiState, is_banned, pai_state, settled
from marelle.families.models import (
    Consent,
    Guardianship,
    HealthSheet,
    Person,
    PickupBan,
    PickupContact,
    PickupPermission,
)
from marelle.families.selectors import current
from marelle.places.rules import school_year_of


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Someone who may come: a guardian, a contact of a home, or somebody allowed for the day.

    `is_banned`: a judgment forbids it, whoever named them. `key` tells it from the others of its child.
    """

    key: str
    name: str
    link: str
    phone: str
    for_the_day: bool
    is_banned: bool


@dataclass(frozen=True, slots=True)
class Safety:
    """The facts of one child. `diet` is a code of `fields.Diet`.

    `leaves_alone` is the hour from which it may, None when it may not.
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


NO_ANSWER = Answer(given=False)
NO_SHEET = ("", None, None, None, None, None)


def safety_facts(child_ids: Collection[int], *, day: date, fetching: bool = True) -> dict[int, Safety]:
    """Facts by child id, for every id given; six queries whatever their number.

    `refused` are the codes of the authorisations that a home refuses; one not answered is not given either.
    `fetching` is false for who asks nothing of who may fetch: four queries less.
    """
    ids = list(child_ids)
    asked = rounded(ids)
    sheets = {row[0]: row[1:] for row in _sheets(asked)}
    banned = banned_names(ids, day=day) if fetching else {}
    fetchers = fetchers_of(ids, banned, day=day) if fetching else {}
    answers: dict[int, dict[str, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    alone: dict[int, list[Answer]] = defaultdict(list)
    for child_id, code, needs_hour, given, from_hour in _consents(asked, school_year_of(day)):
        answer = Answer(given, from_hour)
        answers[child_id][code].append(answer)
        if needs_hour:
            alone[child_id].append(answer)
    return {
        child_id: _safety(
            sheets.get(child_id, NO_SHEET),
            fetchers.get(child_id, []),
            banned.get(child_id, []),
            answers[child_id],
            alone[child_id],
            day,
        )
        for child_id in ids
    }


def banned_names(child_ids: Collection[int], *, day: date) -> dict[int, list[str]]:
    """Who may not fetch these children on a day, by child; one query."""
    banned: dict[int, list[str]] = defaultdict(list)
    for child_id, name in _bans(rounded(child_ids), day):
        banned[child_id].append(name)
    return banned


def fetchers_of(
    child_ids: Collection[int], banned: dict[int, list[str]], *, day: date
) -> dict[int, list[Fetcher]]:
    """Guardians first, then those allowed for the day, then the contacts in their order; three queries."""
    found: dict[int, list[Fetcher]] = defaultdict(list)

    def add(key: str, child_id: int, name: str, link: str, phone: str, *, for_the_day: bool = False) -> None:
        names = banned.get(child_id)
        forbidden = is_banned(name, names) if names else False
        found[child_id].append(Fetcher(key, name, link, phone, for_the_day, forbidden))

    asked = rounded(child_ids)
    links = {code: str(label) for code, label in Guardianship.Link.choices}
    for pk, child_id, first_name, last_name, link, phone in _guardians(asked, day):
        add(f"g{pk}", child_id, f"{first_name} {last_name}", links[link], phone)
    for pk, child_id, name, phone in _permissions(asked, day):
        add(f"p{pk}", child_id, name, "", phone, for_the_day=True)
    for pk, child_id, name, link, phone in _contacts(asked):
        add(f"c{pk}", child_id, name, link, phone)
    return found


def _safety(
    sheet: tuple[Any, ...],
    fetchers: list[Fetcher],
    banned: list[str],
    answers: dict[str, list[Answer]],
    alone: list[Answer],
    day: date,
) -> Safety:
    diet, allergies, is_severe, pai, pai_until, pai_meal = sheet
    leaves = settled(alone) or NO_ANSWER
    return Safety(
        diet=diet,
        allergies=allergies or "",
        is_severe=bool(is_severe),
        pai=pai_state(pai, pai_until, day),
        family_brings_meal=pai_meal == HealthSheet.Meal.FAMILY,
        fetchers=tuple(fetchers),
        banned=tuple(banned),
        leaves_alone=leaves.from_hour if leaves.given else None,
        refused=frozenset(code for code, said in answers.items() if not (settled(said) or NO_ANSWER).given),
    )


@prepared
def _sheets(child_ids: Collection[int]) -> QuerySet[Person, tuple[Any, ...]]:
    """Of each child what `_safety` reads; of its sheet None when it has none."""
    sheet = ("allergies", "is_severe", "pai", "pai_until", "pai_meal")
    people = Person.objects.filter(pk__in=child_ids).order_by()
    return people.values_list("pk", "diet", *(f"health_sheet__{name}" for name in sheet))


@prepared
def _bans(child_ids: Collection[int], day: date) -> QuerySet[PickupBan, tuple[int, str]]:
    return PickupBan.objects.filter(current(day), child_id__in=child_ids).values_list("child_id", "name")


@prepared
def _consents(child_ids: Collection[int], school_year: int) -> QuerySet[Consent, tuple[Any, ...]]:
    rows = Consent.objects.filter(child_id__in=child_ids, school_year=school_year)
    return rows.values_list("child_id", "type__code", "type__needs_hour", "given", "from_hour")


@prepared
def _guardians(child_ids: Collection[int], day: date) -> QuerySet[Guardianship, tuple[Any, ...]]:
    rows = Guardianship.objects.filter(current(day), child_id__in=child_ids, may_fetch=True).order_by("pk")
    return rows.values_list("pk", "child_id", "adult__first_name", "adult__last_name", "link", "adult__phone")


@prepared
def _permissions(child_ids: Collection[int], day: date) -> QuerySet[PickupPermission, tuple[Any, ...]]:
    rows = PickupPermission.objects.filter(child_id__in=child_ids, day=day, cancelled_at=None)
    return rows.values_list("pk", "child_id", "name", "phone")


@prepared
def _contacts(child_ids: Collection[int]) -> QuerySet[PickupContact, tuple[Any, ...]]:
    rows = PickupContact.objects.filter(child_id__in=child_ids, may_fetch=True)
    return rows.values_list("pk", "child_id", "name", "link", "phone")
