"""Every write on families: by the office, an administrator or Marelle itself; never on one's own file."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.file.writing import residence_put, schooling_put
from marelle.families.finding.index import families_index
from marelle.families.locks import home_locked
from marelle.families.models import (
    CustodyPeriod,
    ExternalReference,
    Family,
    Guardianship,
    Member,
    Person,
    Residence,
    Schooling,
)
from marelle.families.refusals import NotAllowed, WrongDate, WrongFamily
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.journal.services import Act, record, record_many
from marelle.places.rules import DAY

KEEPERS = (Role.ADMINISTRATOR, Role.OFFICE)
"""Roles that keep family files."""


@dataclass(frozen=True, slots=True)
class NewAdult:
    """`key` names the adult among those given, for the guardianships of the children."""

    key: str
    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    civility: str = ""


@dataclass(frozen=True, slots=True)
class NewGuardian:
    """`adult` is the key of a `NewAdult`."""

    adult: str
    link: str
    has_authority: bool = True
    may_see: bool = True
    may_book: bool = True
    may_fetch: bool = True
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class NewChild:
    """A child is born (`birth_date`) or expected (`expected_on`): one of the two is given. `diet` is a code
    of `fields.Diet`, or ""."""

    first_name: str
    last_name: str
    birth_date: date | None = None
    expected_on: date | None = None
    guardians: Sequence[NewGuardian] = field(default=())
    diet: str = ""


@dataclass(frozen=True, slots=True)
class FamilyCreated:
    """Ids of what was made; `adults` by key, `children` in the order given."""

    family_id: int
    number: str
    adults: dict[str, int]
    children: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewFamily:
    """A home to create; `reference` is its key in another software, `caf_number` its digits, if any."""

    name: str
    adults: Sequence[NewAdult]
    children: Sequence[NewChild] = ()
    reference: str = ""
    caf_number: str = ""


@transaction.atomic
def family_create(
    *,
    actor: Actor,
    name: str,
    adults: Sequence[NewAdult],
    children: Sequence[NewChild] = (),
    since: date,
    now: datetime,
) -> FamilyCreated:
    """A home with its people, from `since`. Refused: NotAllowed, WrongFamily."""
    return families_create(actor=actor, homes=[NewFamily(name, adults, children)], since=since, now=now)[0]


@transaction.atomic
def families_numbered(names: Sequence[str], *, now: datetime) -> list[Family]:
    """Homes of nobody yet, each with its number; a number of statements that does not depend on how many."""
    # The number is the row's key, known once the row is there; until then any free one will do.
    families = Family.objects.bulk_create(
        Family(number=secrets.token_hex(6), name=name.strip(), created_at=now) for name in names
    )
    for family in families:
        family.number = f"{family.pk:06}"
    Family.objects.bulk_update(families, ["number"], batch_size=500)
    return families


@transaction.atomic
def families_create(
    *, actor: Actor, homes: Sequence[NewFamily], since: date, now: datetime
) -> tuple[FamilyCreated, ...]:
    """Homes with their people, from `since`, in the order given; a number of statements that does not depend
    on how many. Refused: NotAllowed, WrongFamily."""
    _check_keeper(actor)
    for home in homes:
        _check_new_family(home.adults, home.children)
    families = families_numbered([home.name for home in homes], now=now)
    for family, home in zip(families, homes, strict=True):
        family.caf_number = home.caf_number
    with_number = [family for family in families if family.caf_number]
    Family.objects.bulk_update(with_number, ["caf_number"], batch_size=500)
    people = [
        (
            {adult.key: _new_adult(adult) for adult in home.adults},
            [_new_child(child) for child in home.children],
        )
        for home in homes
    ]
    Person.objects.bulk_create(
        person for adults, children in people for person in (*adults.values(), *children)
    )
    Member.objects.bulk_create(
        Member(family=family, person=person, kind=kind, since=since)
        for family, (adults, children) in zip(families, people, strict=True)
        for kind, those in ((Member.Kind.ADULT, adults.values()), (Member.Kind.CHILD, children))
        for person in those
    )
    Guardianship.objects.bulk_create(
        Guardianship(
            adult=adults[guardian.adult],
            child=person,
            link=guardian.link,
            has_authority=guardian.has_authority,
            may_see=guardian.may_see,
            may_book=guardian.may_book,
            may_fetch=guardian.may_fetch,
            is_told=guardian.is_told,
            since=since,
        )
        for home, (adults, children) in zip(homes, people, strict=True)
        for child, person in zip(home.children, children, strict=True)
        for guardian in child.guardians
    )
    ExternalReference.objects.bulk_create(
        ExternalReference(family=family, reference=home.reference, noted_at=now)
        for family, home in zip(families, homes, strict=True)
        if home.reference
    )
    families_index([family.pk for family in families], day=local(now).date())
    acts = [
        Act("family.created", Subject("family", family.pk, family.name), family_id=family.pk)
        for family in families
    ]
    record_many(actor=actor, acts=acts, now=now)
    return tuple(
        FamilyCreated(
            family_id=family.pk,
            number=family.number,
            adults={key: person.pk for key, person in adults.items()},
            children=tuple(person.pk for person in children),
        )
        for family, (adults, children) in zip(families, people, strict=True)
    )


@transaction.atomic
def residence_add(
    *,
    actor: Actor,
    family_id: int,
    street: str,
    postal_code: str,
    city: str,
    commune_id: int | None,
    since: date,
    source: str,
    now: datetime,
) -> Residence:
    """Where the home lives from `since`; the same day given again replaces what was said. NotAllowed."""
    family = file_to_write(actor, family_id)
    value = {"street": street, "postal_code": postal_code, "city": city}
    row = residence_put(family, value, since=since, source=source, commune_id=commune_id)
    _note(actor, "residence.added", family.pk, Subject("residence", row.pk, family.name), now)
    return row


@transaction.atomic
def custody_set(
    *,
    actor: Actor,
    member_id: int,
    weeks: CustodyWeeks,
    holidays: CustodyHolidays,
    since: date,
    now: datetime,
) -> CustodyPeriod:
    """When the child is in this home from `since`: closes the pattern that held the day before.

    Says nothing of the other home, whose rows are its own. The same day given again replaces what was said.
    Refused: NotAllowed, NotYours, WrongDate.
    """
    children = Member.objects.filter(pk=member_id, kind=Member.Kind.CHILD)
    home_id = children.values_list("family_id", flat=True).first()
    if home_id is None:
        raise NotYours
    family = file_to_write(actor, home_id)
    member = children.select_for_update().filter(family=family).order_by("pk").first()
    if member is None:
        raise NotYours
    last = member.custody.order_by("-since").first()
    if last is not None and last.since > since:
        raise WrongDate("begins_before_the_last", since=last.since)
    if last is not None and last.since == since:
        last.weeks, last.holidays, last.until = weeks, holidays, None
        last.save(update_fields=["weeks", "holidays", "until"])
        row = last
    else:
        member.custody.filter(since__lt=since, until=None).update(until=since - DAY)
        row = CustodyPeriod.objects.create(member=member, weeks=weeks, holidays=holidays, since=since)
    _note(actor, "custody.set", family.pk, Subject("person", member.person_id), now)
    return row


@transaction.atomic
def schooling_set(
    *,
    actor: Actor,
    child_id: int,
    school_id: int,
    school_year: int,
    level: str,
    teacher: str = "",
    now: datetime,
) -> Schooling:
    """School and class for one school year (the year of its September); given again, it replaces.

    Refused: NotAllowed, NotYours.
    """
    homes = Member.objects.filter(person_id=child_id, kind=Member.Kind.CHILD, until=None)
    ids = homes.order_by("family_id").values_list("family_id", flat=True)
    families = [file_to_write(actor, family_id) for family_id in ids]
    if not families:
        raise NotYours
    value = {"school": str(school_id), "level": level, "teacher": teacher}
    row = schooling_put(child_id, value, school_year=school_year)
    for family in families:
        _note(actor, "schooling.set", family.pk, Subject("person", child_id), now)
    return row


@transaction.atomic
def family_leave(*, actor: Actor, family_id: int, left_on: date | None, now: datetime) -> Family:
    """The home has left from `left_on` on: it reads, and writes nothing more; None: it is back.

    Refused: NotAllowed, NotYours. Who asks must have looked for what still runs: see the flows.
    """
    family = file_to_write(actor, family_id)
    family.left_on = left_on
    family.save(update_fields=["left_on"])
    verb = "family.left" if left_on is not None else "family.back"
    _note(actor, verb, family.pk, Subject("family", family.pk, family.name), now)
    return family


def _check_keeper(actor: Actor) -> None:
    if actor != SYSTEM and not any(power.role in KEEPERS for power in actor.powers):
        raise NotAllowed("keeps_no_files")


def file_to_write(actor: Actor, family_id: int) -> Family:
    """The file, locked, if the actor may write in it: nobody writes in that of its own home. Raises
    NotAllowed, HomeGone."""
    _check_keeper(actor)
    family = home_locked(family_id)
    if actor.person_id is not None and family.members.filter(person_id=actor.person_id, until=None).exists():
        raise NotAllowed("own_file")
    return family


def _check_new_family(adults: Sequence[NewAdult], children: Sequence[NewChild]) -> None:
    keys = [adult.key for adult in adults]
    if not keys:
        raise WrongFamily("no_adult")
    if len(set(keys)) != len(keys):
        raise WrongFamily("adult_twice")
    for child in children:
        if (child.birth_date is None) is (child.expected_on is None):
            raise WrongFamily("born_or_expected", first_name=child.first_name)
        named = [guardian.adult for guardian in child.guardians]
        if not set(named) <= set(keys) or len(set(named)) != len(named):
            raise WrongFamily("unknown_guardian", first_name=child.first_name)


def _new_adult(adult: NewAdult) -> Person:
    return Person(
        first_name=adult.first_name,
        last_name=adult.last_name,
        email=adult.email,
        phone=adult.phone,
        civility=adult.civility,
    )


def _new_child(child: NewChild) -> Person:
    return Person(
        first_name=child.first_name,
        last_name=child.last_name,
        birth_date=child.birth_date,
        expected_on=child.expected_on,
        diet=child.diet,
    )


def _note(actor: Actor, verb: str, family_id: int, subject: Subject, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=subject, family_id=family_id, now=now)
