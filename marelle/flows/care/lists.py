"""The children of a structure with what of their care is seen at a glance, as `care_team` lets it be seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns
from marelle.core.sealed import Sealed
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.families.care.rules import PaiState, SheetData, is_banned, pai_state
from marelle.families.care.safety import banned_names, sheet_read
from marelle.families.models import Person, PickupBan, PickupPermission, Restriction
from marelle.families.selectors import current, kept_away
from marelle.flows.care.services import live
from marelle.flows.care.team import TEAM, allergy_kind, own_children, reachable
from marelle.journal.services import record
from marelle.places.models import Structure

LISTED: Final = "health.listed"


@dataclass(frozen=True, slots=True)
class CareLine:
    """A child of a structure. `allergy` and `pai` are None for who reads no health, and where the sheet
    `is_lost`: no key opens it.

    `written_at` is when its sheet was last written, None when there is none.
    """

    id: int
    first_name: str
    last_name: str
    birth_date: date | None
    written_at: datetime | None
    allergy: str | None
    pai: PaiState | None
    has_ban: bool
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedFetcher:
    """Someone allowed to fetch a child on a day to come; `is_banned` by a judgment all the same."""

    permission: PickupPermission
    is_banned: bool


@dataclass(frozen=True, slots=True)
class CareList:
    """The children of one structure, in the order of their names."""

    structure: Structure
    structures: tuple[Structure, ...]
    sees_health: bool
    lines: tuple[CareLine, ...]
    expected: tuple[ExpectedFetcher, ...]


def care_list(actor: Actor, *, structure_id: int | None, now: datetime) -> CareList | None:
    """The children of one structure of the actor's, the first when none is named; None without any.

    A list that shows signs of health is written down as a reading.
    """
    day = local(now).date()
    structures = tuple(_reachable(actor))
    chosen = next((one for one in structures if structure_id in {None, one.pk}), None)
    if chosen is None:
        return None
    sees_health = chosen.pk in actor.structures(*TEAM)
    lines = _lines(actor, chosen.pk, None, sees_health, day)
    if sees_health and lines:
        _listed(actor, chosen, lines, now)
    return CareList(chosen, structures, sees_health, lines, _expected([line.id for line in lines], day))


def day_health(
    actor: Actor, *, structure: Structure, child_ids: Collection[int], now: datetime
) -> dict[int, CareLine]:
    """The lines of those of these children whom this structure of the actor's looks after, by child.

    Signs of health are in them for a team alone, and are then written down as a reading.
    """
    sees_health = structure.pk in actor.structures(*TEAM)
    lines = _lines(actor, structure.pk, rounded(child_ids), sees_health, local(now).date())
    if sees_health and lines:
        _listed(actor, structure, lines, now)
    return {line.id: line for line in lines}


def _listed(actor: Actor, structure: Structure, lines: tuple[CareLine, ...], now: datetime) -> None:
    subject = Subject("structure", structure.pk, structure.name)
    record(actor=actor, verb=LISTED, subject=subject, data={"children": len(lines)}, now=now)


@prepared
def _reachable(actor: Actor) -> QuerySet[Structure]:
    return reachable(actor).order_by("order", "name", "pk")


def _lines(
    actor: Actor, structure_id: int, child_ids: Collection[int] | None, sees_health: bool, day: date
) -> tuple[CareLine, ...]:
    """The children whom the structure looks after, of these alone unless None; not the actor's own."""
    rows = _children(structure_id, rounded(own_children(actor, day)), child_ids, day)
    return tuple(_line(row, sees_health, day) for row in rows)


class _Row(NamedTuple):
    """A child and what its sheet says, sealed; None where it has none."""

    id: int
    first_name: str
    last_name: str
    birth_date: date | None
    written_at: datetime | None
    said: Sealed | None
    has_ban: bool


ROW = columns(
    _Row,
    "first_name",
    "last_name",
    "birth_date",
    "has_ban",
    id="pk",
    written_at="health_sheet__updated_at",
    said="health_sheet__said",
)


@prepared
def _children(
    structure_id: int, own: Collection[int], child_ids: Collection[int] | None, day: date
) -> QuerySet[Person, _Row]:
    """By name."""
    enrolled = Enrolment.objects.filter(
        live(day), activity__structure_id=structure_id, person_id=OuterRef("pk")
    )
    people = Person.objects.filter(Exists(enrolled)).exclude(pk__in=own)
    if child_ids is not None:
        people = people.filter(pk__in=child_ids)
    bans_now = PickupBan.objects.filter(current(day), child_id=OuterRef("pk"))
    judged = Restriction.objects.in_force(day).filter(child_id=OuterRef("pk"))
    rows = people.annotate(has_ban=Q(Exists(bans_now)) | Q(Exists(judged))).order_by(
        "last_name", "first_name", "pk"
    )
    return ROW.of(rows)


def _line(row: _Row, sees_health: bool, day: date) -> CareLine:
    said = SheetData() if row.said is None or not sees_health else sheet_read(row.said)
    reads = sees_health and said is not None
    health = said or SheetData()
    return CareLine(
        id=row.id,
        first_name=row.first_name,
        last_name=row.last_name,
        birth_date=row.birth_date,
        written_at=row.written_at,
        allergy=allergy_kind(health.allergies, is_severe=health.is_severe) if reads else None,
        pai=pai_state(health.pai, health.pai_until, day) if reads else None,
        has_ban=row.has_ban,
        is_lost=said is None,
    )


def _expected(child_ids: Collection[int], day: date) -> tuple[ExpectedFetcher, ...]:
    rows = _permissions(rounded(child_ids), day)
    banned = banned_names({row.child_id for row in rows}, day=day)
    return tuple(
        ExpectedFetcher(row, is_banned=is_banned(row.name, banned.get(row.child_id, ()))) for row in rows
    )


@prepared
def _permissions(child_ids: Collection[int], day: date) -> QuerySet[PickupPermission]:
    near = ~kept_away(day, "child_id", home="family_id")
    rows = PickupPermission.objects.filter(near, child_id__in=child_ids, day__gte=day, cancelled_at=None)
    return rows.select_related("child")
