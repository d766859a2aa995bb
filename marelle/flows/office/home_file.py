"""What the case of any kind shows of the home that it is about, for the agents who may open that home's page.

`case_file` reads the same for a case of one activity, where the papers and the places are the activity's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import QuerySet

from marelle.activities.generation import half_hours
from marelle.activities.models import Opening, Quota, kept_left
from marelle.activities.selectors import Places
from marelle.billing.selectors import Overdue, overdue_of
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family, FamilyNote, Member, Person
from marelle.families.notes import notes_read
from marelle.families.scope import is_own_file
from marelle.families.selectors import ELDEST_FIRST, current
from marelle.flows.actor.acting import may_act
from marelle.flows.care.team import Signs, signs_of
from marelle.flows.desk.case_file import PaperLine, city_of
from marelle.flows.office.search import readable_enrolments, readable_families
from marelle.flows.papers.asked import asked_by_rows, by_agents_of, rows_asked
from marelle.messaging.models import Thread
from marelle.messaging.scope import threads_in_charge
from marelle.papers.selectors import Asked, requirements
from marelle.places.models import StructureKind
from marelle.places.scope import in_charge
from marelle.relay.models import CareRequest

THREADS_SHOWN: Final = 3
NOTES_SHOWN: Final = 3
WEEKDAYS: Final = 7


@dataclass(frozen=True, slots=True)
class HomeFile:
    """`child` is whom the case is about, None for the whole home. `enrolments` are the live ones that the
    actor may read, of all the children; `other_homes`, where a child whom the case is about lives too.

    `papers` are those asked for that the home still has to send; `asks_papers`: some are asked for at all.
    `signs` go by child. `notes` are those that colleagues pinned to the home, and that the actor may read.
    """

    family: Family
    child: Person | None
    adults: tuple[Person, ...]
    children: tuple[Person, ...]
    city: str
    other_homes: tuple[str, ...]
    enrolments: tuple[Enrolment, ...]
    papers: tuple[PaperLine, ...]
    asks_papers: bool
    overdue: Overdue
    signs: tuple[tuple[Person, Signs], ...]
    notes: tuple[str, ...]


def home_file(
    actor: Actor, family_id: int | None, *, authority_id: int, child_id: int | None = None, now: datetime
) -> HomeFile | None:
    """Of the home of a case that the actor reads, about one of its children or about all of it.

    None without a home, for who may not open the page of that home, and for its own. Its bills are those of
    `authority_id`.
    Fourteen queries at most.
    """
    if family_id is None:
        return None
    day = local(now).date()
    family = readable_families(actor, day=day).filter(pk=family_id).first()
    if family is None or is_own_file(actor, family_id=family.pk, person_id=None, day=day):
        return None
    members = _members(family.pk, day)
    adults = tuple(row.person for row in members if row.kind == Member.Kind.ADULT)
    children = tuple(row.person for row in members if row.kind == Member.Kind.CHILD)
    about = tuple(one for one in children if child_id in {None, one.pk})
    child_ids = [one.pk for one in children]
    structures = None if may_act(actor) else actor.structures(Role.DIRECTOR)
    asked = asked_by_rows(_asked(actor, family.pk, child_ids, structures, day))
    papers, asks_papers = _papers(asked, family, (*adults, *about), day)
    signs = signs_of(actor, children=about, now=now)
    return HomeFile(
        family=family,
        child=next((one for one in about if one.pk == child_id), None),
        adults=adults,
        children=children,
        city=city_of(family.pk, day=day),
        other_homes=_other_homes(family, about, day),
        enrolments=tuple(_enrolments(actor, family.pk, child_ids, day)),
        papers=papers,
        asks_papers=asks_papers,
        overdue=overdue_of(actor, family_id=family.pk, authority_id=authority_id, day=day),
        signs=tuple((one, signs[one.pk]) for one in about),
        notes=tuple(_pinned(actor, family.pk)),
    )


@prepared
def _members(family_id: int, day: date) -> QuerySet[Member]:
    rows = Member.objects.filter(current(day), family_id=family_id).select_related("person")
    return rows.order_by("kind", ELDEST_FIRST, "pk")


@prepared
def _enrolments(actor: Actor, family_id: int, child_ids: Collection[int], day: date) -> QuerySet[Enrolment]:
    rows = _live(actor, family_id, child_ids, day).select_related("person", "activity__structure")
    return rows.order_by(
        "person__birth_date", "person_id", "activity__structure__order", "activity__name", "pk"
    )


@prepared
def _asked(
    actor: Actor,
    family_id: int,
    child_ids: Collection[int],
    structures: Collection[int] | None,
    day: date,
) -> QuerySet[Any]:
    return rows_asked(_live(actor, family_id, child_ids, day), by_agents_of(family_id, structures, day))


def _live(actor: Actor, family_id: int, child_ids: Collection[int], day: date) -> QuerySet[Enrolment]:
    return readable_enrolments(actor).filter(
        family_id=family_id, state__in=Enrolment.LIVE, ends_on__gte=day, person_id__in=child_ids
    )


@prepared
def _pinned(actor: Actor, family_id: int) -> QuerySet[FamilyNote, str]:
    notes = FamilyNote.objects.filter(notes_read(actor), family_id=family_id, pinned=True)
    return notes.values_list("text", flat=True)[:NOTES_SHOWN]


def last_exchanges(actor: Actor, family_id: int, *, but: int) -> tuple[Thread, ...]:
    """The last threads of a home that the actor answers for, without the one named; one query."""
    return tuple(_last_threads(actor, family_id, but))


@prepared
def _last_threads(actor: Actor, family_id: int, but: int) -> QuerySet[Thread]:
    rows = threads_in_charge(actor).filter(family_id=family_id).exclude(pk=but)
    return rows.select_related("structure").order_by("-last_at", "-pk")[:THREADS_SHOWN]


def nursery_places(actor: Actor, wanted: CareRequest, *, day: date) -> tuple[Places, ...]:
    """Places of the nurseries that the actor answers for, in the hours wished, from the first days wished on:
    each weekday once, at its fullest half-hour. Nothing where no day is open yet. Two queries.
    """
    first = max(day, wanted.starts_on)
    hours = {
        int(weekday): set(half_hours(time.fromisoformat(begins), time.fromisoformat(ends)))
        for weekday, (begins, ends) in wanted.weekly.items()
    }
    openings = Opening.objects.filter(
        in_charge(actor, "activity__structure__"),
        state=Opening.State.OPEN,
        activity__structure__kind=StructureKind.CHILDCARE,
        activity__structure__authority_id=wanted.structure.authority_id,
        day__gte=first,
        day__iso_week_day__in=[weekday + 1 for weekday in hours],
    ).order_by()
    days = _first_of_each_weekday(openings)
    rows = (
        Opening.quotas.through.objects.filter(opening__in=openings.filter(day__in=days))
        .order_by("opening__activity__structure__order", "opening__activity__structure_id", "opening__day")
        .values_list(
            "opening__activity__structure_id",
            "opening__activity__structure__name",
            "opening__day",
            "quota__part",
            kept_left("quota__"),
            "quota__taken",
            "quota__capacity",
        )
    )
    tightest: dict[tuple[int, date], Places] = {}
    for structure_id, name, on, part, kept, taken, capacity in rows:
        if part != Quota.WHOLE_DAY and part not in hours[on.weekday()]:
            continue
        one = Places(structure_id, name, on, taken + kept, capacity, kept)
        known = tightest.get((structure_id, on))
        if known is None or one.capacity - one.taken < known.capacity - known.taken:
            tightest[structure_id, on] = one
    return tuple(tightest.values())


def _first_of_each_weekday(openings: QuerySet[Opening]) -> list[date]:
    """Of the weekdays on which some are held; a holiday of one week does not hide the next."""
    ahead = openings.values_list("day", flat=True).distinct().order_by("day")[: 4 * WEEKDAYS]
    found: dict[int, date] = {}
    for day in ahead:
        found.setdefault(day.weekday(), day)
    return sorted(found.values())


def _papers(
    asked: list[Asked], family: Family, people: Collection[Person], day: date
) -> tuple[tuple[PaperLine, ...], bool]:
    """Those that the home still has to send for these people, and whether any is asked for."""
    names = {person.pk: person.first_name for person in people}
    found = requirements(asked, family_id=family.pk, people=names, day=day)
    missing = tuple(PaperLine(one, names.get(one.person_id or 0, "")) for one in found if one.waits)
    return missing, any(one.asked for one in found)


def _other_homes(family: Family, children: Collection[Person], day: date) -> tuple[str, ...]:
    others = _elsewhere([one.pk for one in children], family.pk, day)
    return tuple(dict.fromkeys(str(row.family) for row in others))


@prepared
def _elsewhere(child_ids: Collection[int], family_id: int, day: date) -> QuerySet[Member]:
    rows = Member.objects.filter(current(day), person_id__in=child_ids, kind=Member.Kind.CHILD)
    others = rows.exclude(family_id=family_id).order_by("family__name", "family_id")
    return others.select_related("family")
