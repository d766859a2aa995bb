"""What pages read of ticks, tablets and calls; rights are those of `scope`, or the caller's to check."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marelle.activities.models import Opening
from marelle.attendance import rules
from marelle.attendance.desk import KIND, SUBJECT, ticks_in_charge
from marelle.attendance.models import Call, Pin, Tablet, Tick, UnsettledDay
from marelle.attendance.projecting import Pair, as_rule
from marelle.attendance.rules import AWAY, HERE, TickKind
from marelle.attendance.scope import team_of, teams_of
from marelle.attendance.tablets import tablets_in_charge
from marelle.cases.models import Case
from marelle.cases.selectors import cases_about
from marelle.core.actor import Actor, Power, Role
from marelle.places.models import Structure
from marelle.places.scope import in_charge, may_decide


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody of the team who may take a shared tablet."""

    account_id: int
    label: str
    has_pin: bool
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class DayToSettle:
    """A case of the desk: the ticks of one day of a structure that wait, and those that were settled."""

    structure: Structure
    subject: UnsettledDay
    waiting: tuple[Tick, ...]
    settled: tuple[Tick, ...]
    case: Case | None


def tablets(actor: Actor) -> tuple[Tablet, ...]:
    """Those of the structures that the actor answers for: those that tick first."""
    rows = tablets_in_charge(actor).order_by("structure__order", "structure__name", "revoked_at", "name")
    return tuple(sorted(rows, key=lambda one: one.revoked_at is not None))


def holders(structure_id: int) -> tuple[Holder, ...]:
    """Who works at a structure now, by name; two queries."""
    return teams([structure_id])[structure_id]


def teams(structure_ids: Collection[int]) -> dict[int, tuple[Holder, ...]]:
    """The same for each of these structures; two queries whatever their number."""
    working = {
        structure_id: [mate for mate in team.values() if mate.works]
        for structure_id, team in teams_of(structure_ids).items()
    }
    rows = Pin.objects.filter(account_id__in={mate.account_id for team in working.values() for mate in team})
    pins = dict(rows.values_list("account_id", "locked_until"))
    return {
        structure_id: tuple(
            Holder(mate.account_id, mate.label, mate.account_id in pins, pins.get(mate.account_id))
            for mate in sorted(team, key=lambda one: (one.label, one.account_id))
        )
        for structure_id, team in working.items()
    }


def holder_actor(tablet: Tablet, account_id: int) -> Actor | None:
    """Who holds a tablet, once its PIN was right: an animator of that structure alone, whatever its posts."""
    mate = team_of(tablet.structure_id).get(account_id)
    if mate is None or not mate.works or tablet.revoked_at is not None:
        return None
    powers = frozenset({Power(Role.ANIMATOR, structure_id=tablet.structure_id)})
    return Actor(user_id=account_id, label=mate.label, person_id=mate.person_id, powers=powers)


def calls(opening_ids: Collection[int]) -> dict[int, Call]:
    """The calls of these openings that were closed once, by opening; one query."""
    return {row.opening_id: row for row in Call.objects.filter(opening_id__in=opening_ids)}


def day_to_settle(actor: Actor, subject_id: int) -> DayToSettle | None:
    """What the page of a case of kind "attendance" shows; None out of the actor's reach."""
    if not may_decide(actor):
        return None
    subject = (
        UnsettledDay.objects.filter(pk=subject_id)
        .filter(in_charge(actor, "structure__"))
        .select_related("structure")
        .first()
    )
    if subject is None:
        return None
    rows = (
        ticks_in_charge(actor)
        .filter(structure_id=subject.structure_id, day=subject.day)
        .select_related("child", "opening__slot__activity", "opening__group", "tablet")
        .order_by("at", "at_tablet", "pk")
    )
    cases = cases_about(kind=KIND, subject_kind=SUBJECT, subject_ids=[subject.pk])
    return DayToSettle(
        structure=subject.structure,
        subject=subject,
        waiting=tuple(rows.to_settle()),
        settled=tuple(rows.exclude(settled="")),
        case=cases.get(subject.pk),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What one device said of a child where another says otherwise; `tablet` is "" for somebody's own."""

    tick: rules.Tick
    tablet: str


@dataclass(frozen=True, slots=True)
class Touches:
    """By opening and child: the tick that may be taken back, and what devices disagree on, in its order."""

    undoable: dict[Pair, UUID]
    disputed: dict[Pair, tuple[Said, ...]]


def touches(last_ticks: Mapping[UUID, Pair], *, in_conflict: Collection[Pair]) -> Touches:
    """What may be taken back is the last tick that counts; two queries at most.

    `last_ticks` are the last known of each, which may be undoings themselves.
    """
    undone = set(Tick.objects.filter(pk__in=last_ticks, kind=TickKind.UNDONE).values_list("pk", flat=True))
    found = {pair: tick for tick, pair in last_ticks.items() if tick not in undone}
    taken_back = {last_ticks[tick] for tick in undone}
    ticks: dict[Pair, list[rules.Tick]] = {pair: [] for pair in taken_back.union(in_conflict)}
    rows = Tick.objects.counting().filter(
        opening_id__in={opening for opening, _child in ticks},
        child_id__in={child for _opening, child in ticks},
    )
    names: dict[UUID, str] = {}
    for row in rows.select_related("tablet"):
        if (pair := (row.opening_id or 0, row.child_id or 0)) in ticks:
            ticks[pair].append(as_rule(row))
            names[row.pk] = row.tablet.name if row.tablet else ""
    for pair in taken_back:
        told = ticks[pair]
        gone = {tick.value.undoes for tick in told}
        left = [tick for tick in rules.in_order(told) if tick.kind in HERE | AWAY and tick.id not in gone]
        if left:
            found[pair] = left[-1].id
    return Touches(found, {pair: _said(ticks[pair], names) for pair in in_conflict})


def _said(ticks: Sequence[rules.Tick], names: Mapping[UUID, str]) -> tuple[Said, ...]:
    conflicts = {tick for pair in rules.standing_of(ticks).conflicts for tick in pair}
    return tuple(Said(tick, names[tick.id]) for tick in rules.in_order(ticks) if tick.id in conflicts)


def openings_of(structure_id: int, day: date) -> tuple[Opening, ...]:
    """The openings of a day of a structure; one query. Rights are the caller's to check."""
    rows = Opening.objects.filter(activity__structure_id=structure_id, day=day)
    return tuple(rows.select_related("activity", "slot", "group").order_by("starts_at", "pk"))


def days_of(structure_id: int, opening_ids: Collection[int]) -> frozenset[date]:
    """The days of those of these openings that are the structure's; one query."""
    rows = Opening.objects.filter(pk__in=opening_ids, activity__structure_id=structure_id)
    return frozenset(rows.values_list("day", flat=True))
