"""Who is in a group on a day, for an agent who may move them to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery

from marelle.core.actor import Actor
from marelle.enrolments.models import GroupChoice
from marelle.enrolments.services import groups_movable
from marelle.families.models import Schooling
from marelle.families.rules import age_on
from marelle.places.rules import school_year_of


@dataclass(frozen=True, slots=True)
class InGroup:
    """A child of a group: its age in years on the day, None when it is not known, and its level in the school
    year of that day, "" when it is not noted."""

    enrolment_id: int
    name: str
    birth: date | None
    age: int | None
    level: str
    family_id: int


def group_members(
    actor: Actor, activity_id: int, group_id: int | None, *, since: date, day: date
) -> tuple[InGroup, ...]:
    """The accepted children of a group on `since`, by name; those without a group for None. Two queries."""
    chosen = GroupChoice.objects.filter(enrolment=OuterRef("pk"), since__lte=since).order_by("-since")
    rows = groups_movable(actor, day=day).filter(
        activity=activity_id, starts_on__lte=since, ends_on__gte=since
    )
    rows = rows.annotate(held=Subquery(chosen.values("group_id")[:1]))
    rows = rows.filter(held=group_id) if group_id is not None else rows.filter(held=None)
    found = list(
        rows.select_related("person").order_by("person__last_name", "person__first_name", "person_id", "pk")
    )
    classes = Schooling.objects.filter(
        child__in=[row.person_id for row in found], school_year=school_year_of(since)
    )
    levels = dict(classes.values_list("child_id", "level"))
    return tuple(
        InGroup(
            row.pk,
            str(row.person),
            row.person.birth_date,
            None if row.person.birth_date is None else age_on(row.person.birth_date, since),
            levels.get(row.person_id, ""),
            row.family_id,
        )
        for row in found
    )
