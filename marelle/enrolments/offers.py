"""What may be asked for, the likeliest first, and what keeps a child from each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet

from marelle.activities.models import Activity
from marelle.activities.selectors import GroupRoom, OfferedLine, group_rooms
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.enrolments.facts import NO_GUARDS, Guards, facts_from, is_live, question_facts
from marelle.enrolments.models import Enrolment
from marelle.enrolments.questions import Answer, answers_held, same_answers
from marelle.enrolments.renewal import Edition, renewals, same_wishes
from marelle.enrolments.rules import AskFacts, Denial, Wishes, may_ask, passing
from marelle.enrolments.scope import may_derogate
from marelle.families.models import Schooling
from marelle.families.selectors import Child, at_school
from marelle.papers.guards import MissingPaper


@dataclass(frozen=True, slots=True)
class Offer:
    """An activity that could be asked for; `denial` says why not, None when it may.

    `missing` are the papers that it asks for and has not, whatever each one closes.
    """

    activity: Activity
    facts: AskFacts
    denial: Denial | None
    missing: tuple[MissingPaper, ...] = ()

    def passes(self, actor: Actor, now: datetime) -> bool:
        """Whether only limits that this agent may pass by derogation stand in the way."""
        return (
            self.denial is not None
            and may_derogate(actor, self.activity)
            and passing(self.facts, lambda known: may_ask(known, now))[1] is None
        )

    @property
    def waits(self) -> bool:
        """It may be asked for, and no place is left: the request is to wait for one."""
        return self.denial is None and self.facts.full


@dataclass(frozen=True, slots=True)
class Asker:
    """A child for whom one may ask.

    `schools` are ids by year, `live` states of its live enrolments by activity, `known` the structures where
    its home enrols or has enrolled somebody.
    """

    child: Child
    schools: Mapping[int, int] = field(default_factory=dict)
    live: Mapping[int, str] = field(default_factory=dict)
    known: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Renewal:
    """An offer that goes on from an activity of last year, with last year's wishes and answers as far as they
    hold."""

    activity_id: int
    wishes: Wishes
    answers: tuple[Answer, ...] = ()


def askers(children: Sequence[Child], enrolments: Iterable[Enrolment], today: date) -> tuple[Asker, ...]:
    """What is known of these children, whose `enrolments` by their home these are; one query."""
    rows = tuple(enrolments)
    schools = schools_of([child.id for child in children], today)
    known = frozenset(row.activity.structure_id for row in rows)
    return tuple(
        Asker(
            child,
            schools.get(child.id, {}),
            {row.activity_id: row.state for row in rows if row.person_id == child.id and is_live(row, today)},
            known,
        )
        for child in children
    )


def likeliest(
    lines: Iterable[OfferedLine], asker: Asker, *, served: Mapping[int, frozenset[int]], now: datetime
) -> list[tuple[OfferedLine, Denial | None]]:
    """Those that the child has not asked for, and what keeps it from each as far as costs no query.

    What it may ask for comes first, of which first the structures that the home knows, then its commune.
    """
    return sorted(_looked_at(lines, asker, served, now), key=lambda one: one[1] is not None)


def likely(
    lines: Iterable[OfferedLine], asker: Asker, *, served: Mapping[int, frozenset[int]], now: datetime
) -> Iterator[OfferedLine]:
    """Those that the child may ask for, in the order of `likeliest`: who wants a few looks at few."""
    return (line for line, denial in _looked_at(lines, asker, served, now) if denial is None)


def _looked_at(
    lines: Iterable[OfferedLine], asker: Asker, served: Mapping[int, frozenset[int]], now: datetime
) -> Iterator[tuple[OfferedLine, Denial | None]]:
    today = local(now).date()
    for line in sorted(lines, key=lambda line: (line.structure_id not in asker.known, not line.near)):
        if line.pk not in asker.live:
            facts = facts_of(asker, line, schools=served.get(line.pk, ()), today=today)
            yield line, may_ask(facts, now)


def offers(
    activities: Sequence[Activity],
    asker: Asker,
    *,
    served: Mapping[int, frozenset[int]],
    guards: Guards,
    rooms: Mapping[int, Sequence[GroupRoom]],
    now: datetime,
) -> tuple[Offer, ...]:
    """What keeps the child from each of `activities`; no query.

    `served` are the schools of those that serve some only, `guards` what is known of the home.
    """
    today = local(now).date()
    found = []
    for row in activities:
        schools = served.get(row.pk, ())
        facts = facts_of(asker, row, schools=schools, rooms=rooms[row.pk], guards=guards, today=today)
        found.append(Offer(row, facts, may_ask(facts, now), guards.missing.get(row.pk, ())))
    return tuple(found)


def rooms_of(activities: Iterable[Activity], now: datetime) -> dict[int, tuple[GroupRoom, ...]]:
    """Room in each group of these, by activity; one query, none for no activity."""
    return group_rooms([row.pk for row in activities], now=now)


def facts_of(
    asker: Asker,
    activity: Activity | OfferedLine,
    *,
    schools: Iterable[int],
    rooms: Sequence[GroupRoom] = (),
    guards: Guards = NO_GUARDS,
    today: date,
) -> AskFacts:
    return facts_from(
        activity,
        asker.child.birth_date,
        schools=schools,
        school_by_year=asker.schools,
        live=asker.live.get(activity.pk),
        rooms=rooms,
        guards=guards,
        today=today,
    )


def schools_of(child_ids: Collection[int], today: date) -> dict[int, dict[int, int]]:
    """Ids of the schools of each child, by the year of the September, without those that it has left; one
    query."""
    found: dict[int, dict[int, int]] = {}
    for one in _schooling(child_ids, today):
        found.setdefault(one.child_id, {})[one.school_year] = one.school_id
    return found


class _Schooled(NamedTuple):
    child_id: int
    school_year: int
    school_id: int


SCHOOLED = columns(_Schooled, "child_id", "school_year", "school_id")


@prepared
def _schooling(child_ids: Collection[int], today: date) -> QuerySet[Schooling, _Schooled]:
    return SCHOOLED.of(Schooling.objects.filter(at_school(today), child_id__in=child_ids))


def renewed(past: Iterable[Enrolment], possible: Iterable[Activity], today: date) -> tuple[Renewal, ...]:
    """What goes on, of the past enrolments of one child, among the activities that it may ask for.

    Both come with their slots, the possible with their questions. The latest of a past activity counts.
    """
    over = {row.activity_id: row for row in sorted(past, key=lambda row: row.ends_on)}
    over = {
        pk: row
        for pk, row in over.items()
        if row.ends_on < today and row.state in {Enrolment.State.ACCEPTED, Enrolment.State.ENDED}
    }
    offered = {activity.pk: activity for activity in possible}
    found = renewals(
        {pk: edition_of(row.activity) for pk, row in over.items()},
        {pk: edition_of(activity) for pk, activity in offered.items()},
    )
    return tuple(
        Renewal(
            activity_id,
            _wishes_again(over[past_id], offered[activity_id]),
            same_answers(
                answers_held(over[past_id].answers), question_facts(offered[activity_id].questions.all())
            ),
        )
        for activity_id, past_id in found.items()
    )


def edition_of(activity: Activity) -> Edition:
    return Edition(activity.structure_id, activity.kind, activity.name)


def _wishes_again(row: Enrolment, activity: Activity) -> Wishes:
    names = {slot.pk: slot.name for slot in row.activity.slots.all()}
    slots = activity.slots.all()
    return same_wishes(
        {
            int(weekday): frozenset(names[pk] for pk in pks if pk in names)
            for weekday, pks in row.wishes.items()
        },
        {slot.pk: slot.name for slot in slots},
        {slot.pk: frozenset(slot.weekdays) for slot in slots},
    )
