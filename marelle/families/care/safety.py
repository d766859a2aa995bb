"""What a team must see at a glance of the children it looks after; which ones, the caller has checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time

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

    `is_banned`: a judgment forbids it, whoever named them.
    """

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


def safety_facts(child_ids: Collection[int], *, day: date) -> dict[int, Safety]:
    """Facts by child id, for every id given; seven queries whatever their number.

    `refused` are the codes of the authorisations that a home refuses; one not answered is not given either.
    """
    ids = list(child_ids)
    diets = dict(Person.objects.filter(pk__in=ids).values_list("pk", "diet"))
    sheets = {row.child_id: row for row in HealthSheet.objects.filter(child_id__in=ids)}
    banned: dict[int, list[str]] = defaultdict(list)
    for ban in PickupBan.objects.filter(current(day), child_id__in=ids):
        banned[ban.child_id].append(ban.name)
    fetchers = _fetchers(ids, banned, day)
    answers: dict[int, dict[str, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    alone: dict[int, list[Answer]] = defaultdict(list)
    consents = Consent.objects.filter(child_id__in=ids, school_year=school_year_of(day)).select_related(
        "type"
    )
    for row in consents:
        answer = Answer(row.given, row.from_hour)
        answers[row.child_id][row.type.code].append(answer)
        if row.type.needs_hour:
            alone[row.child_id].append(answer)
    return {
        child_id: _safety(
            diets.get(child_id, ""),
            sheets.get(child_id),
            fetchers[child_id],
            banned[child_id],
            answers[child_id],
            alone[child_id],
            day,
        )
        for child_id in ids
    }


def _safety(
    diet: str,
    sheet: HealthSheet | None,
    fetchers: list[Fetcher],
    banned: list[str],
    answers: dict[str, list[Answer]],
    alone: list[Answer],
    day: date,
) -> Safety:
    leaves = settled(alone) or NO_ANSWER
    return Safety(
        diet=diet,
        allergies=sheet.allergies if sheet else "",
        is_severe=sheet is not None and sheet.is_severe,
        pai=pai_state(sheet.pai, sheet.pai_until, day) if sheet else PaiState.NONE,
        family_brings_meal=sheet is not None and sheet.pai_meal == HealthSheet.Meal.FAMILY,
        fetchers=tuple(fetchers),
        banned=tuple(banned),
        leaves_alone=leaves.from_hour if leaves.given else None,
        refused=frozenset(code for code, said in answers.items() if not (settled(said) or NO_ANSWER).given),
    )


def _fetchers(ids: list[int], banned: dict[int, list[str]], day: date) -> dict[int, list[Fetcher]]:
    """Guardians first, then those allowed for the day, then the contacts in their order."""
    found: dict[int, list[Fetcher]] = defaultdict(list)

    def add(child_id: int, name: str, link: str, phone: str, *, for_the_day: bool = False) -> None:
        found[child_id].append(
            Fetcher(name, link, phone, for_the_day, is_banned=is_banned(name, banned[child_id]))
        )

    guardians = Guardianship.objects.filter(current(day), child_id__in=ids, may_fetch=True)
    for guardian in guardians.select_related("adult").order_by("pk"):
        add(guardian.child_id, str(guardian.adult), guardian.get_link_display(), guardian.adult.phone)
    for one in PickupPermission.objects.filter(child_id__in=ids, day=day, cancelled_at=None):
        add(one.child_id, one.name, "", one.phone, for_the_day=True)
    for contact in PickupContact.objects.filter(child_id__in=ids, may_fetch=True):
        add(contact.child_id, contact.name, contact.link, contact.phone)
    return found
