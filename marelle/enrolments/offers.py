"""What may be asked for: every activity that is not over, and what keeps each child from asking for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from marelle.activities.models import Activity
from marelle.activities.selectors import group_rooms
from marelle.core.clock import local
from marelle.enrolments.facts import NO_GUARDS, Guards, facts_from, is_live
from marelle.enrolments.models import Enrolment
from marelle.enrolments.renewal import Edition, renewals, same_wishes
from marelle.enrolments.rules import AskFacts, Denial, Wishes, may_ask
from marelle.families.models import Schooling
from marelle.families.selectors import Child
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

    @property
    def waits(self) -> bool:
        """It may be asked for, and no place is left: the request is to wait for one."""
        return self.denial is None and self.facts.full


@dataclass(frozen=True, slots=True)
class Renewal:
    """An offer that goes on from an activity of last year, with last year's wishes as far as they hold."""

    activity_id: int
    wishes: Wishes


def offers(
    activities: Sequence[Activity],
    children: Sequence[Child],
    enrolments: Iterable[Enrolment],
    *,
    guards: Mapping[int, Guards],
    now: datetime,
) -> dict[int, tuple[Offer, ...]]:
    """By child, each of `activities`, with what keeps the child from it; two queries.

    `enrolments` are those of these children by their home; `guards` what is known of the home, by child.
    """
    today = local(now).date()
    rooms = group_rooms(Activity.objects.filter(pk__in=[row.pk for row in activities]), now=now)
    schools = schools_of([child.id for child in children])
    live = {(row.person_id, row.activity_id): row.state for row in enrolments if is_live(row, today)}
    return {
        child.id: tuple(
            _offer(
                row,
                facts_from(
                    row,
                    child.birth_date,
                    schools=[school.pk for school in row.schools.all()],
                    school_by_year=schools.get(child.id, {}),
                    live=live.get((child.id, row.pk)),
                    rooms=rooms[row.pk],
                    guards=guards.get(child.id, NO_GUARDS),
                    today=today,
                ),
                guards.get(child.id, NO_GUARDS),
                now,
            )
            for row in activities
        )
        for child in children
    }


def schools_of(child_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Ids of the schools of each child, by the year of the September; one query."""
    found: dict[int, dict[int, int]] = {}
    for child_id, year, school in Schooling.objects.filter(child_id__in=child_ids).values_list(
        "child_id", "school_year", "school_id"
    ):
        found.setdefault(child_id, {})[year] = school
    return found


def renewed(past: Iterable[Enrolment], possible: Iterable[Activity], today: date) -> tuple[Renewal, ...]:
    """What goes on, of the past enrolments of one child, among the activities that it may ask for.

    Both come with their slots. The latest of a past activity counts.
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
        Renewal(activity_id, _wishes_again(over[past_id], offered[activity_id]))
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


def _offer(activity: Activity, facts: AskFacts, guards: Guards, now: datetime) -> Offer:
    return Offer(activity, facts, may_ask(facts, now), guards.missing.get(activity.pk, ()))
