"""« Passage de classe »: who may move the pupils of a school up a level, what it would do, and doing it.

It crosses the floors: a director answers for the school through the activities that serve it, and writes only
in the files of the homes that its structures know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from marelle.activities.models import Activity
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.prepared import prepared, rounded
from marelle.core.refusals import NotYours
from marelle.core.rows import columns
from marelle.families.locks import people_locked
from marelle.families.models import Member, Promotion, Schooling
from marelle.families.promotions import (
    NextClass,
    PromotionRefused,
    Undone,
    promotion_make,
    promotion_undo,
)
from marelle.families.rules import LEVELS, Step, next_level, promotion_year, school_holds, step_of
from marelle.families.selectors import current, still_there
from marelle.flows.actor.acting import may_act, own_homes
from marelle.flows.office.search import readable_families
from marelle.places.models import School
from marelle.places.rules import school_year_days, school_year_of


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil of the year before. `next_class` is the row of the year to come, if there is one."""

    id: int
    name: str
    level: str
    teacher: str
    step: Step
    families: tuple[int, ...]
    next_class: Schooling | None = None


@dataclass(frozen=True, slots=True)
class LevelAhead:
    """The pupils of a level who have no class yet for the year to come.

    `goes_to`: the level after, None after the last; `stays`: this school has it.
    """

    level: str
    goes_to: str | None
    stays: bool
    pupils: tuple[Pupil, ...]


@dataclass(frozen=True, slots=True)
class SchoolAhead:
    """What moving up would do. `own` are pupils of the actor's own homes, and `others` how many are of homes
    that the actor may not read: a colleague moves them."""

    school: School
    school_year: int
    levels: tuple[LevelAhead, ...]
    noted: tuple[Pupil, ...]
    unknown: tuple[Pupil, ...]
    gone: tuple[Pupil, ...]
    own: tuple[Pupil, ...]
    others: int
    done: tuple[Promotion, ...]


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """A school in the list: its pupils of the year before, how many have a class of the year to come."""

    id: int
    name: str
    commune: str
    pupils: int
    noted: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What the agent wants of a level as it was shown: who goes up and to which school (None: nowhere, they
    leave), and who stays in the level for another year. Who is in neither is settled later."""

    level: str
    school_id: int | None
    moving: frozenset[int]
    repeating: frozenset[int]


@dataclass(frozen=True, slots=True)
class Left:
    """A child who was asked for and did not move. `why`: its `Step` now, "own", "other_level", or
    "not_here"; then its name is not told."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Made:
    promotion: Promotion
    repeated: int
    left: tuple[Left, ...]


def schools_in_charge(actor: Actor, *, day: date) -> QuerySet[School]:
    """The schools whose pupils the actor may move up: an administrator, of all; an office, of those in a
    commune of its authority, or that one of its activities serves this year or later; a director, of those
    that an activity of its structures serves."""
    if actor.is_administrator:
        return School.objects.all()
    first, _last = school_year_days(school_year_of(day))
    offices, structures = actor.authorities(Role.OFFICE), actor.structures(Role.DIRECTOR)
    serves = Q(structure__authority__in=offices) | Q(structure__in=structures)
    served = Activity.objects.filter(serves, schools=OuterRef("pk"), last_day__gte=first)
    there = School.objects.filter(commune__authorities__in=offices, pk=OuterRef("pk"))
    return School.objects.filter(Exists(served.order_by()) | Exists(there.order_by()))


def schools_ahead(actor: Actor, *, day: date) -> list[SchoolLine]:
    """The schools of the actor in the order of their names; one query."""
    year = promotion_year(day) - 1
    noted = Exists(Schooling.objects.filter(child=OuterRef("pupils__child"), school_year=year + 1))
    now_there = Q(pupils__school_year=year, pupils__until=None)
    rows = schools_in_charge(actor, day=day).annotate(
        here=Count("pupils", filter=now_there), with_next=Count("pupils", filter=now_there & Q(noted))
    )
    rows = rows.select_related("commune").order_by("name", "pk")
    return [SchoolLine(row.pk, row.name, row.commune.name, row.here, row.with_next) for row in rows]


def school_ahead(actor: Actor, school_id: int, *, day: date) -> SchoolAhead:
    """What there is to do for a school, without those who are known to have left it; a fixed number of
    queries. Raises NotYours."""
    school = schools_in_charge(actor, day=day).filter(pk=school_id).first()
    if school is None:
        raise NotYours
    return _ahead(actor, school, day, locked=False)


@transaction.atomic
def pupils_promote(*, actor: Actor, school_id: int, asked: Sequence[Asked], now: datetime) -> Made:
    """Write the classes of `promotion_year` of those asked for, as far as what was shown still holds.

    The school, its pupils, then the rows of the year before, are locked: of two agents, the second finds
    nothing left to do. Raises NotYours or PromotionRefused, and then nothing is written.
    """
    day = local(now).date()
    school = schools_in_charge(actor, day=day).filter(pk=school_id).first()
    if school is None:
        raise NotYours
    list(School.objects.select_for_update(no_key=True).filter(pk=school_id).order_by("pk"))
    ahead = _ahead(actor, school, day, locked=True)
    there = {pupil.id: pupil for level in ahead.levels for pupil in level.pupils}
    classes: list[NextClass] = []
    left: list[Left] = []
    repeated = 0
    for one in asked:
        for child_id in sorted(one.moving | one.repeating):
            pupil = there.get(child_id)
            if pupil is None or pupil.level != one.level:
                left.append(_left(ahead, pupil, child_id))
                continue
            repeats = child_id in one.repeating
            goes_to = one.level if repeats else next_level(one.level)
            to_school = school_id if repeats else one.school_id
            if goes_to is not None and to_school is not None:
                repeated += repeats
                classes.append(NextClass(pupil.id, pupil.families, to_school, goes_to))
    if not classes and left and all(one.why == Step.NOTED for one in left):
        wanted = {child_id for one in asked for child_id in one.moving | one.repeating}
        raise PromotionRefused("nothing_to_do", last=_made_by(ahead, wanted))
    made = promotion_make(actor=actor, school=school, school_year=ahead.school_year, classes=classes, now=now)
    return Made(made, repeated, tuple(left))


@transaction.atomic
def promotion_take_back(*, actor: Actor, promotion_id: int, now: datetime) -> Undone:
    """Undo a promotion as long as its year may be written. Raises NotYours or PromotionRefused."""
    day = local(now).date()
    rows = Promotion.objects.select_for_update(of=("self",), no_key=True).select_related("school")
    found = rows.filter(pk=promotion_id, school__in=schools_in_charge(actor, day=day)).order_by("pk").first()
    if found is None:
        raise NotYours
    if found.undone_at is not None:
        raise PromotionRefused("already_undone", by=found.undone_by)
    if found.school_year < promotion_year(day):
        raise PromotionRefused("too_late")
    children = people_locked(found.rows.values("child_id"))
    homes = _homes(actor, [child.pk for child in children], day)
    if any(home.is_own for home in homes.values()):
        raise PromotionRefused("own_file")
    if not all(home.is_mine for home in homes.values()):
        raise PromotionRefused("others")
    families = {child_id: home.families for child_id, home in homes.items()}
    return promotion_undo(actor=actor, promotion=found, family_ids=families, now=now)


@dataclass(slots=True)
class _Homes:
    """Of a child: its homes, whether one of them is the actor's own, whether the actor may read one, and
    whether one is still there on the first day of the school year to come, or today once it has begun."""

    families: tuple[int, ...] = ()
    is_own: bool = False
    is_mine: bool = False
    is_there: bool = False


def _homes(actor: Actor, child_ids: Iterable[int], day: date) -> dict[int, _Homes]:
    """Of these children, each in one row at least; two queries."""
    begins, _last = school_year_days(promotion_year(day))
    own = set(own_homes(actor, day).values_list("family_id", flat=True))
    found = {child_id: _Homes(is_mine=may_act(actor)) for child_id in child_ids}
    for one in _memberships(actor, rounded(found), day, max(begins, day)):
        home = found[one.child_id]
        home.is_there |= one.is_there
        if one.is_home:
            home.families += (one.family_id,)
            home.is_own |= one.family_id in own
            home.is_mine |= one.is_mine
    return found


class _Membership(NamedTuple):
    child_id: int
    family_id: int
    is_home: bool
    is_there: bool
    is_mine: bool


MEMBERSHIP = columns(_Membership, "family_id", "is_home", "is_there", "is_mine", child_id="person_id")


@prepared
def _memberships(
    actor: Actor, child_ids: Collection[int], day: date, first: date
) -> QuerySet[Member, _Membership]:
    """The homes of these children on `day` and on `first`: which holds on each, and whether the actor may
    read it."""
    there = current(first) & still_there(first, "family__")
    readable = readable_families(actor, day=day).filter(pk=OuterRef("family"))
    rows = Member.objects.filter(current(day) | there, person_id__in=child_ids, kind=Member.Kind.CHILD)
    rows = rows.annotate(is_home=current(day), is_there=there, is_mine=Exists(readable)).order_by("pk")
    return MEMBERSHIP.of(rows)


class _OfClass(NamedTuple):
    child_id: int
    first_name: str
    last_name: str
    level: str
    teacher: str


OF_CLASS = columns(
    _OfClass,
    "child_id",
    "level",
    "teacher",
    first_name="child__first_name",
    last_name="child__last_name",
)


def _pupils(school_id: int, school_year: int) -> QuerySet[Schooling, _OfClass]:
    rows = Schooling.objects.filter(school_id=school_id, school_year=school_year, until=None)
    return OF_CLASS.of(rows.order_by("child__last_name", "child__first_name", "child_id"))


@prepared
def _classes(child_ids: Collection[int], school_year: int) -> QuerySet[Schooling]:
    rows = Schooling.objects.filter(child_id__in=child_ids, school_year=school_year)
    return rows.select_related("school", "promotion")


def _ahead(actor: Actor, school: School, day: date, *, locked: bool) -> SchoolAhead:
    year = promotion_year(day) - 1
    if locked:
        rows = Schooling.objects.filter(school=school, school_year=year)
        people_locked(rows.values("child_id"))
        list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    pupils = _pupils(school.pk, year)
    children = rounded([one.child_id for one in pupils])
    noted = {row.child_id: row for row in _classes(children, year + 1)}
    homes = _homes(actor, [one.child_id for one in pupils], day)
    held = {one.level for one in pupils}
    found: list[Pupil] = []
    own: list[Pupil] = []
    for one in pupils:
        home, after = homes[one.child_id], noted.get(one.child_id)
        step = step_of(one.level, is_noted=after is not None, is_gone=not home.is_there)
        name = f"{one.first_name} {one.last_name}"
        pupil = Pupil(one.child_id, name, one.level, one.teacher, step, home.families, after)
        if home.is_own:
            own.append(pupil)
        elif home.is_mine:
            found.append(pupil)
    by_step = {step: tuple(pupil for pupil in found if pupil.step is step) for step in Step}
    return SchoolAhead(
        school=school,
        school_year=year + 1,
        levels=_levels((*by_step[Step.UP], *by_step[Step.LEAVES]), held),
        noted=by_step[Step.NOTED],
        unknown=by_step[Step.UNKNOWN],
        gone=by_step[Step.GONE],
        own=tuple(own),
        others=len(pupils) - len(found) - len(own),
        done=tuple(school.promotions.filter(school_year=year + 1, undone_at=None)),
    )


def _made_by(ahead: SchoolAhead, child_ids: Collection[int]) -> Promotion | None:
    """The promotion that gave all of these children the class that they have; None when it is not one, or
    when somebody has written one of these classes by hand."""
    rows = [one.next_class for one in ahead.noted if one.id in child_ids and one.next_class is not None]
    made = {None if row.corrected else row.promotion for row in rows}
    return made.pop() if len(made) == 1 else None


def _levels(pupils: Collection[Pupil], held: Collection[str]) -> tuple[LevelAhead, ...]:
    levels = []
    for level in LEVELS:
        those = tuple(pupil for pupil in pupils if pupil.level == level)
        if those:
            goes_to = next_level(level)
            stays = goes_to is not None and school_holds(goes_to, held)
            levels.append(LevelAhead(level, goes_to, stays, those))
    return tuple(levels)


def _left(ahead: SchoolAhead, pupil: Pupil | None, child_id: int) -> Left:
    """Why one who was asked for is not where the page showed it."""
    if pupil is not None:
        return Left(pupil.name, "other_level")
    aside = {one.id: (one, "own") for one in ahead.own}
    aside |= {one.id: (one, one.step) for one in (*ahead.noted, *ahead.unknown, *ahead.gone)}
    if child_id not in aside:
        return Left("", "not_here")
    one, why = aside[child_id]
    return Left(one.name, why)
