"""From rows to the facts that the rules of enrolment read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from marelle.activities.kinds import EnrolmentMode
from marelle.activities.models import Activity, AgeGroup
from marelle.enrolments.models import Enrolment
from marelle.enrolments.rules import AskFacts, GroupFacts, Live
from marelle.families.models import Person, Residence, Schooling
from marelle.places.models import Commune
from marelle.places.rules import school_year_of


def ask_facts(activity: Activity, person: Person, *, family_id: int, today: date) -> AskFacts:
    """Facts about one activity; three queries."""
    return facts_from(
        activity,
        person,
        schools=activity.schools.values_list("pk", flat=True),
        school_by_year=schools_by_year(person.pk),
        live=live_states(family_id, person.pk).get(activity.pk),
        today=today,
    )


def facts_from(
    activity: Activity,
    person: Person,
    *,
    schools: Iterable[int],
    school_by_year: Mapping[int, int],
    live: str | None,
    today: date,
) -> AskFacts:
    """The same from what was read before; no query."""
    return AskFacts(
        by_structure=activity.enrolment_mode == EnrolmentMode.BY_STRUCTURE,
        first_day=activity.first_day,
        last_day=activity.last_day,
        min_months=activity.min_age_months,
        max_months=activity.max_age_months,
        age_day=activity.age_day,
        opens_at=activity.requests_open_at,
        closes_at=activity.requests_close_at,
        schools=frozenset(schools),
        birth=person.birth_date,
        school=school_by_year.get(school_year_of(max(activity.first_day, today))),
        live=None if live is None else Live(live),
    )


def schools_by_year(person_id: int) -> dict[int, int]:
    """Ids of the schools of a child, by the year of the September."""
    return dict(Schooling.objects.filter(child_id=person_id).values_list("school_year", "school_id"))


def live_states(family_id: int, person_id: int) -> dict[int, str]:
    """States of the live enrolments of a person by a home, by activity id."""
    live = Enrolment.objects.filter(family_id=family_id, person_id=person_id, state__in=Enrolment.LIVE)
    return dict(live.values_list("activity_id", "state"))


def group_facts(groups: Iterable[AgeGroup]) -> tuple[GroupFacts, ...]:
    return tuple(GroupFacts(group.pk, group.min_age_months, group.max_age_months) for group in groups)


def is_resident(family_id: int, authority_id: int, day: date) -> bool:
    """Whether the home lives in a commune of the authority on `day`; false for one without an address."""
    commune = (
        Residence.objects.filter(family_id=family_id, since__lte=day)
        .order_by("-since", "-pk")
        .values_list("commune_id", flat=True)
        .first()
    )
    return commune is not None and Commune.objects.filter(pk=commune, authorities=authority_id).exists()


def slot_names(wishes: Mapping[str, Collection[int]], names: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """Names of the slots wished, by weekday; slots that are gone are left out."""
    return {
        int(weekday): tuple(names[slot] for slot in slots if slot in names)
        for weekday, slots in sorted(wishes.items())
    }
