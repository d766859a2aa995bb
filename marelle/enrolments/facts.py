"""From rows to the facts that the rules of enrolment read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from marelle.activities.kinds import ActivityKind, EnrolmentMode, QuestionKind, Unpaid
from marelle.activities.models import Activity, AgeGroup, Question
from marelle.activities.selectors import GroupRoom, OfferedLine, group_rooms
from marelle.core.clock import local
from marelle.enrolments.models import Enrolment
from marelle.enrolments.questions import QuestionFacts
from marelle.enrolments.rules import (
    AskFacts,
    GroupFacts,
    GroupPlaces,
    Live,
    default_group,
    is_full,
)
from marelle.families.models import Person, Schooling
from marelle.families.selectors import at_school
from marelle.papers.guards import MissingPaper
from marelle.papers.rules import Effect
from marelle.places.rules import school_year_of


@dataclass(frozen=True, slots=True)
class Guards:
    """What is known of a home that a request of one of its children may stumble on.

    `unpaid`: the activities to whose authority it is late to pay a bill, which a floor above knows.
    `missing`: papers asked for and not given. Both by activity id.
    """

    unpaid: frozenset[int] = frozenset()
    missing: Mapping[int, tuple[MissingPaper, ...]] = field(default_factory=dict)

    def papers_that_block(self, activity_id: int) -> tuple[str, ...]:
        """Titles of the papers without which the activity takes no request."""
        papers = self.missing.get(activity_id, ())
        return tuple(dict.fromkeys(paper.title for paper in papers if paper.effect is Effect.BLOCKS_REQUEST))


NO_GUARDS = Guards()


def ask_facts(
    activity: Activity, person: Person, *, family_id: int, guards: Guards, now: datetime
) -> AskFacts:
    """Facts about one activity; four queries."""
    today = local(now).date()
    rooms = group_rooms([activity.pk], now=now)
    return facts_from(
        activity,
        person.birth_date,
        schools=activity.schools.values_list("pk", flat=True),
        school_by_year=schools_by_year(person.pk, today),
        live=_live_state(family_id, person.pk, activity.pk, today),
        rooms=rooms[activity.pk],
        guards=guards,
        today=today,
    )


def facts_from(
    activity: Activity | OfferedLine,
    birth: date | None,
    *,
    schools: Iterable[int],
    school_by_year: Mapping[int, int],
    live: str | None,
    rooms: Sequence[GroupRoom],
    guards: Guards,
    today: date,
) -> AskFacts:
    """The same from what was read before; no query."""
    age_day = activity.age_day or max(activity.first_day, today)
    return AskFacts(
        by_structure=activity.enrolment_mode == EnrolmentMode.BY_STRUCTURE,
        is_childcare=activity.kind == ActivityKind.CHILDCARE,
        first_day=activity.first_day,
        last_day=activity.last_day,
        min_months=activity.min_age_months,
        max_months=activity.max_age_months,
        age_day=activity.age_day,
        opens_at=activity.requests_open_at,
        closes_at=activity.requests_close_at,
        schools=frozenset(schools),
        birth=birth,
        school=school_by_year.get(school_year_of(max(activity.first_day, today))),
        live=None if live is None else Live(live),
        full=_is_full(rooms, birth, age_day),
        closes_when_full=activity.closes_when_full,
        unpaid=Unpaid(activity.unpaid) if activity.pk in guards.unpaid else Unpaid.NOTHING,
        papers_missing=guards.papers_that_block(activity.pk),
    )


def _is_full(rooms: Sequence[GroupRoom], birth: date | None, day: date) -> bool:
    if not rooms:
        return False
    places = [GroupPlaces(room.group_id, room.to_come, room.has_room) for room in rooms]
    groups = [
        GroupFacts(room.group_id, room.min_age_months or 0, room.max_age_months)
        for room in rooms
        if room.group_id is not None
    ]
    return is_full(places, default_group(groups, birth, day))


def schools_by_year(person_id: int, today: date) -> dict[int, int]:
    """Ids of the schools of a child, by the year of the September, without those that it has left."""
    rows = Schooling.objects.filter(at_school(today), child_id=person_id)
    return dict(rows.values_list("school_year", "school_id"))


def is_live(enrolment: Enrolment, day: date) -> bool:
    """Whether it keeps its home from asking again on `day`: one that is over does not."""
    if enrolment.state == Enrolment.State.REQUESTED:
        return True
    return enrolment.state == Enrolment.State.ACCEPTED and enrolment.ends_on >= day


def _live_state(family_id: int, person_id: int, activity_id: int, day: date) -> str | None:
    rows = Enrolment.objects.filter(
        family_id=family_id, person_id=person_id, activity_id=activity_id, state__in=Enrolment.LIVE
    )
    return next((row.state for row in rows if is_live(row, day)), None)


def group_facts(groups: Iterable[AgeGroup]) -> tuple[GroupFacts, ...]:
    return tuple(GroupFacts(group.pk, group.min_age_months, group.max_age_months) for group in groups)


def question_facts(questions: Iterable[Question]) -> tuple[QuestionFacts, ...]:
    return tuple(
        QuestionFacts(row.pk, row.text, QuestionKind(row.kind), tuple(row.choices), row.required)
        for row in questions
    )


def slot_names(wishes: Mapping[str, Collection[int]], names: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """Names of the slots wished, by weekday; slots that are gone are left out."""
    return {
        int(weekday): tuple(names[slot] for slot in slots if slot in names)
        for weekday, slots in sorted(wishes.items())
    }
