"""A child's care as agents see it. Who sees what is said here, once.

A director or an animator of a structure that looks after the child, or is asked to, reads all, health
included, and each reading is written down. The office and the administrator of its authority read who may
fetch and what is authorised; of health they learn that there is a sheet. Nobody reads so its own child's
file: the other home's contacts are in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.prepared import prepared, rounded
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.families.care import bans
from marelle.families.care.rules import PaiState, SheetData, pai_state
from marelle.families.care.safety import Safety, safety_facts, sheet_read
from marelle.families.models import (
    Consent,
    Family,
    Guardianship,
    HealthSheet,
    Member,
    Person,
    PickupBan,
    PickupContact,
    PickupPermission,
    Restriction,
    Vaccination,
)
from marelle.families.restrictions import restrictions_of_child
from marelle.families.selectors import current, kept_away, own_child, rights
from marelle.files.models import StoredFile
from marelle.flows.care.services import live
from marelle.journal.services import Act, record, record_many
from marelle.places.models import Structure
from marelle.places.rules import school_year_of
from marelle.places.scope import in_charge

READ = "health.read"
SIGNS_READ = "health.signs_read"
FILE_READ = "health.file_read"

TEAM = (Role.DIRECTOR, Role.ANIMATOR)
"""Roles of those who look after children, and so read of their health."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What a case tells of a child's health. `something`: its sheet says something, whoever may know what.

    `allergy` and `pai` are None for who reads no health; `opens`: the actor may open the file of the child.
    `is_lost`: no key opens the sheet, of which nobody knows what it says.
    """

    something: bool
    allergy: str | None = None
    pai: PaiState | None = None
    opens: bool = False
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class CareFile:
    """All that a team may know of one child. `may_ban`: writes down judgments."""

    child: Person
    structures: tuple[str, ...]
    sees_health: bool
    may_ban: bool
    written_at: datetime | None
    sheet: HealthSheet | None
    vaccinations: tuple[Vaccination, ...]
    guardians: tuple[Guardianship, ...]
    contacts: tuple[PickupContact, ...]
    permissions: tuple[PickupPermission, ...]
    bans: tuple[PickupBan, ...]
    restrictions: tuple[Restriction, ...]
    consents: tuple[Consent, ...]
    homes: tuple[Family, ...]


def reachable(actor: Actor) -> QuerySet[Structure]:
    """Structures of which the actor sees the children."""
    if not actor.is_staff:
        return Structure.objects.none()
    return Structure.objects.filter(in_charge(actor) | Q(pk__in=actor.structures(*TEAM)))


def care_file(actor: Actor, *, child_id: int, now: datetime, notes: bool = True) -> CareFile | None:
    """One child within the actor's reach, else None; its health is written down as read.

    `notes` is false for who checks and shows nothing.
    """
    day = local(now).date()
    structures = _structures_of(actor, child_id, day)
    if not structures:
        return None
    child = Person.objects.get(pk=child_id)
    sheet = HealthSheet.objects.filter(child=child).select_related("pai_file").first()
    sees_health = _sees_health(actor, structures)
    homes = Family.objects.filter(
        current(day, "members__"), members__person=child, members__kind=Member.Kind.CHILD
    )
    guardians = rights(day).filter(child=child, may_fetch=True)
    near = ~kept_away(day, "child_id", home="family_id")
    authorities = {structure.authority_id for structure in structures}
    found = CareFile(
        child=child,
        structures=tuple(structure.name for structure in structures),
        sees_health=sees_health,
        may_ban=_may_ban(actor, structures),
        written_at=sheet.updated_at if sheet else None,
        sheet=sheet if sees_health else None,
        vaccinations=tuple(Vaccination.objects.filter(child=child)) if sees_health else (),
        guardians=tuple(guardians.select_related("adult").order_by("pk")),
        contacts=tuple(PickupContact.objects.filter(near, child=child).select_related("family")),
        permissions=tuple(
            PickupPermission.objects.filter(near, child=child, day__gte=day, cancelled_at=None)
        ),
        bans=tuple(PickupBan.objects.filter(Q(until=None) | Q(until__gte=day), child=child)),
        restrictions=restrictions_of_child(child.pk, day=day),
        consents=tuple(
            Consent.objects.filter(
                near, child=child, school_year=school_year_of(day), type__authority_id__in=authorities
            )
            .select_related("type")
            .order_by("type__order", "type_id", "pk")
        ),
        homes=tuple(homes.order_by("pk")),
    )
    if sees_health and notes:
        record(actor=actor, verb=READ, subject=Subject("person", child.pk, str(child)), now=now)
    return found


def signs(actor: Actor, *, child: Person, now: datetime) -> Signs:
    """The same of one child; see `signs_of`."""
    return signs_of(actor, children=[child], now=now)[child.pk]


def signs_of(actor: Actor, *, children: Sequence[Person], now: datetime) -> dict[int, Signs]:
    """What a case about these children may tell of their health: signs shown are written down as read.

    Nothing of the actor's own child, nor of one whom none of its structures looks after, or is asked to.
    Three queries, one for an agent who is no parent and whose structures know none of them.
    """
    day = local(now).date()
    followed = _followed(actor, [child.pk for child in children], day)
    sheets = {sheet.child_id: sheet for sheet in _sheets(sorted(followed))}
    team = actor.structures(*TEAM)
    found, read = {}, []
    for child in children:
        sheet = sheets.get(child.pk)
        said = sheet_read(sheet.said) if sheet else SheetData()
        if child.pk not in followed:
            found[child.pk] = Signs(something=False)
        elif said is None:
            found[child.pk] = Signs(something=True, opens=True, is_lost=True)
        elif not (said.allergies or said.pai or said.treatments):
            found[child.pk] = Signs(something=False, opens=True)
        elif followed[child.pk].isdisjoint(team):
            found[child.pk] = Signs(something=True, opens=True)
        else:
            read.append(Act(SIGNS_READ, Subject("person", child.pk, str(child))))
            pai = pai_state(said.pai, said.pai_until, day)
            allergy = allergy_kind(said.allergies, is_severe=said.is_severe)
            found[child.pk] = Signs(something=True, allergy=allergy, pai=pai, opens=True)
    if read:
        record_many(actor=actor, acts=read, now=now)
    return found


@transaction.atomic
def pai_file_read(*, actor: Actor, child_id: int, now: datetime) -> StoredFile:
    """The PAI of a child that the actor's team looks after; written down. Refused: NotYours."""
    structures = _structures_of(actor, child_id, local(now).date())
    sheet = (
        HealthSheet.objects.filter(child_id=child_id, pai_file__isnull=False)
        .select_related("pai_file", "child")
        .first()
    )
    if sheet is None or sheet.pai_file is None or not _sees_health(actor, structures):
        raise NotYours
    record(actor=actor, verb=FILE_READ, subject=Subject("person", child_id, str(sheet.child)), now=now)
    return sheet.pai_file


@transaction.atomic
def pickup_ban_set(
    *,
    actor: Actor,
    child_id: int,
    family_id: int | None,
    name: str,
    reason: str,
    since: date,
    until: date | None,
    seen: Mapping[str, str] | None = None,
    now: datetime,
) -> PickupBan:
    """Write down a judgment about a child within reach; an animator does not. Raises what
    `bans.pickup_ban_set` does."""
    _check_may_ban(actor, child_id, now)
    return bans.pickup_ban_set(
        actor=actor,
        child_id=child_id,
        family_id=family_id,
        name=name,
        reason=reason,
        since=since,
        until=until,
        seen=seen,
        now=now,
    )


@transaction.atomic
def pickup_ban_lift(*, actor: Actor, child_id: int, ban_id: int, now: datetime) -> PickupBan:
    """Refused: NotYours."""
    _check_may_ban(actor, child_id, now)
    return bans.pickup_ban_lift(actor=actor, child_id=child_id, ban_id=ban_id, now=now)


def safety(
    actor: Actor,
    child_ids: Collection[int],
    *,
    day: date,
    fetching: bool = True,
    there: Collection[int] = (),
) -> dict[int, Safety]:
    """Facts of those children that the actor's own teams look after; ten queries at most.

    `there` are those that the caller knows one of its teams has with it, enrolled on that day or not.

    Of an agent's own child: its health, never who may fetch it, for the other home's contacts are there.
    `fetching` is false for who asks nothing of that.
    """
    mine = {row[0] for row in _looked_after(actor.structures(*TEAM), rounded(child_ids), day)}
    mine |= set(there).intersection(child_ids)
    own = own_children(actor, day)
    facts = safety_facts(sorted(mine), day=day, fetching=fetching)
    return {
        child_id: replace(found, fetchers=(), banned=()) if child_id in own else found
        for child_id, found in facts.items()
    }


@prepared
def _looked_after(
    structure_ids: Collection[int], child_ids: Collection[int], day: date
) -> QuerySet[Enrolment, tuple[int]]:
    rows = Enrolment.objects.filter(
        live(day), activity__structure_id__in=structure_ids, person_id__in=child_ids
    ).order_by()
    return rows.values_list("person_id").distinct()


def _structures_of(actor: Actor, child_id: int, day: date) -> tuple[Structure, ...]:
    """Structures of the actor's that look after the child, or are asked to; none for its own child."""
    if not actor.is_staff or child_id in own_children(actor, day):
        return ()
    enrolled = Enrolment.objects.filter(live(day), person_id=child_id, activity__structure_id=OuterRef("pk"))
    return tuple(reachable(actor).filter(Exists(enrolled)).order_by("order", "pk"))


def _followed(actor: Actor, child_ids: Collection[int], day: date) -> dict[int, set[int]]:
    """By child, the structures of the actor's that look after it, or are asked to; not its own children."""
    if not actor.is_staff or not child_ids:
        return {}
    others = set(child_ids) - own_children(actor, day)
    found: dict[int, set[int]] = defaultdict(set)
    for child_id, structure_id in _following(actor, others, day):
        found[child_id].add(structure_id)
    return found


@prepared
def _following(actor: Actor, child_ids: Collection[int], day: date) -> QuerySet[Enrolment, tuple[int, int]]:
    rows = Enrolment.objects.filter(
        live(day), person_id__in=child_ids, activity__structure__in=reachable(actor)
    ).order_by()
    return rows.values_list("person_id", "activity__structure_id").distinct()


def _sheets(child_ids: Collection[int]) -> QuerySet[HealthSheet]:
    return HealthSheet.objects.filter(child_id__in=child_ids)


def own_children(actor: Actor, day: date) -> frozenset[int]:
    """Children of whom the actor is guardian, or who live in its home; none for who is not a parent."""
    if actor.person_id is None:
        return frozenset()
    homes = Member.objects.filter(current(day), person_id=actor.person_id).values("family_id")
    at_home = Member.objects.filter(current(day), family_id__in=homes, kind=Member.Kind.CHILD)
    people = Person.objects.filter(own_child(actor.person_id, day) | Q(pk__in=at_home.values("person_id")))
    return frozenset(people.values_list("pk", flat=True))


def homes_in_common(
    person_ids: Collection[int], child_ids: Collection[int], day: date
) -> dict[int, frozenset[int]]:
    """Of these children, those of whom one of these people is a parent, as `own_children` says, with the
    homes where all its parents among them live: what each of them may read. Three queries, or none.
    """
    if not person_ids or not child_ids:
        return {}
    homes: dict[int, set[int]] = {person_id: set() for person_id in person_ids}
    for person_id, family_id in _homes(person_ids, day):
        homes[person_id].add(family_id)
    parents: dict[int, set[int]] = defaultdict(set)
    for child_id, person_id in _wards(person_ids, child_ids, day):
        parents[child_id].add(person_id)
    for child_id, family_id in _children_at({one for ids in homes.values() for one in ids}, day):
        if child_id in child_ids:
            parents[child_id] |= {person_id for person_id, ids in homes.items() if family_id in ids}
    return {
        child_id: frozenset(set.intersection(*(homes[one] for one in people)))
        for child_id, people in parents.items()
    }


def _homes(person_ids: Collection[int], day: date) -> QuerySet[Member, tuple[int, int]]:
    rows = Member.objects.filter(current(day), person_id__in=person_ids).order_by()
    return rows.values_list("person_id", "family_id")


def _wards(
    person_ids: Collection[int], child_ids: Collection[int], day: date
) -> QuerySet[Guardianship, tuple[int, int]]:
    rows = Guardianship.objects.filter(current(day), adult_id__in=person_ids, child_id__in=child_ids)
    return rows.order_by().values_list("child_id", "adult_id")


def _children_at(family_ids: Collection[int], day: date) -> QuerySet[Member, tuple[int, int]]:
    rows = Member.objects.filter(current(day), family_id__in=family_ids, kind=Member.Kind.CHILD).order_by()
    return rows.values_list("person_id", "family_id")


def _sees_health(actor: Actor, structures: Collection[Structure]) -> bool:
    return any(structure.pk in actor.structures(*TEAM) for structure in structures)


def _may_ban(actor: Actor, structures: Collection[Structure]) -> bool:
    """The office, the administrator, and directors."""
    directs, offices = actor.structures(Role.DIRECTOR), actor.authorities(Role.OFFICE)
    return actor.is_administrator or any(
        structure.pk in directs or structure.authority_id in offices for structure in structures
    )


def _check_may_ban(actor: Actor, child_id: int, now: datetime) -> None:
    structures = _structures_of(actor, child_id, local(now).date())
    if not structures or not _may_ban(actor, structures):
        raise NotYours


def allergy_kind(allergies: str, *, is_severe: bool) -> str:
    """ "severe", "yes", or nothing."""
    return ("severe" if is_severe else "yes") if allergies else ""
