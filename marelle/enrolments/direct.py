"""What the page reads where a service enrols a child itself: its activities, and the children found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from marelle.activities.kinds import EnrolmentMode
from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.core.spelling import plain
from marelle.enrolments.scope import deciding
from marelle.families.models import Member
from marelle.families.selectors import current, kept_away
from marelle.places.scope import may_decide

WORDS_AT_MOST = 6
PART = 3
"""Letters from which a part of a name is one: a letter or two are in nearly every name, so that a birth date
alone would find its child."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child in one of its homes: nothing more than what tells it from another."""

    family_id: int
    family_number: str
    person_id: int
    name: str
    birth_date: date


def direct_activities(actor: Actor, *, day: date) -> tuple[Activity, ...]:
    """Activities not over on `day` whose requests the actor answers, with their groups; two queries."""
    if not may_decide(actor):
        return ()
    return tuple(
        Activity.objects.filter(deciding(actor), last_day__gte=day)
        .exclude(enrolment_mode=EnrolmentMode.NONE)
        .select_related("structure")
        .prefetch_related("groups")
        .order_by("structure__order", "structure__name", "first_day", "name", "pk")
    )


def candidates(actor: Actor, *, name: str, birth: date, day: date) -> tuple[Candidate, ...]:
    """Children born on that day of whom every word of `name` is in a name, by home; one query. A word under
    `PART` letters is a whole one, as « Jo ».

    Capitals and accents do not count: a child who is not found is written a second time.

    Who does not know both finds nobody: a director has no business with the other families.
    """
    words = plain(name).split()[:WORDS_AT_MOST]
    if not words or not may_decide(actor):
        return ()
    near = ~kept_away(day, "person_id", home="family_id")
    born = Member.objects.filter(near, current(day), kind=Member.Kind.CHILD, person__birth_date=birth)
    rows = born.select_related("person", "family")
    return tuple(
        Candidate(row.family_id, row.family.number, row.person_id, str(row.person), birth)
        for row in rows.order_by("person__first_name", "person__last_name", "person_id", "family__number")
        if _is_named(plain(f"{row.person.first_name} {row.person.last_name}"), words)
    )


def _is_named(name: str, words: Sequence[str]) -> bool:
    whole = set(re.split(r"[^\w]+", name))
    return all(word in whole or (len(word) >= PART and word in name) for word in words)
