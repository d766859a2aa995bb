"""What the list of a school would do: read beside the children of the portal, for who answers for the school.

It crosses the floors as `promoting` does: an office answers for a school through the activities that serve
it, or its commune.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2s
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.tabular import Problem
from marelle.families.imports.kept import lines_below
from marelle.families.imports.planning import schools_named
from marelle.families.imports.pupil_lines import Listed, pupils_listed, words_unknown
from marelle.families.imports.pupil_matches import Child, Class, Plan, planned
from marelle.families.imports.words import Unknown, Words
from marelle.families.models import Member, PupilList, Schooling
from marelle.families.selectors import current, still_there
from marelle.flows.actor.acting import may_act, own_homes
from marelle.flows.year.promoting import schools_in_charge
from marelle.places.models import Post
from marelle.places.rules import school_year_of

NEAR_BIRTH: Final = timedelta(days=366)
"""How far from the birth dates of the list a child is looked for whose own may be mistyped."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the list would do now. `mark` is what a form carries of what it showed, `asked` are the words of
    which an agent says what they are."""

    plan: Plan
    problems: tuple[Problem, ...]
    asked: tuple[Unknown, ...]
    mark: str


def years_open(day: date) -> tuple[int, int]:
    """The school years of which a list is taken: that of `day`, and the next one."""
    held = school_year_of(day)
    return held, held + 1


def lists_of(actor: Actor, *, day: date) -> QuerySet[PupilList]:
    """Those that an office sent, and those of its schools; all of them for an administrator.

    One that is not written yet holds its lines as they were sent, of whatever school: where they name
    several, it is for the office alone that sent it.
    """
    if not may_act(actor):
        return PupilList.objects.none()
    if actor.is_administrator:
        return PupilList.objects.select_related("school")
    office = Post.objects.filter(authority__in=actor.authorities(Role.OFFICE)).values("user_id")
    alone = Q(state=PupilList.State.DONE) | ~Q(columns__has_key="school")
    of_schools = Q(school__in=schools_in_charge(actor, day=day).values("pk")) & alone
    return PupilList.objects.filter(of_schools | Q(account_id__in=office)).select_related("school")


def list_found(actor: Actor, list_id: int, *, day: date) -> PupilList:
    """Raises `NotYours`."""
    row = lists_of(actor, day=day).filter(pk=list_id).first()
    if row is None:
        raise NotYours
    return row


def same_before(row: PupilList) -> PupilList | None:
    """The last time that this very file was taken for that year, if any."""
    done = PupilList.objects.filter(
        sha256=row.sha256, school_year=row.school_year, state=PupilList.State.DONE
    )
    return done.exclude(pk=row.pk).first()


def list_words_asked(row: PupilList) -> tuple[Unknown, ...]:
    """The words that an agent is asked about, whether it said it already or not. Raises FileUnreadable."""
    return words_unknown(lines_below(row), row.columns, _words(row))


def list_report(actor: Actor, row: PupilList, *, now: datetime) -> Report:
    """What the list would do now; writes nothing. Raises FileUnreadable, "forgotten"."""
    day = local(now).date()
    lines, words = lines_below(row), _words(row)
    listed, problems = pupils_listed(
        lines,
        row.columns,
        words,
        school_id=row.school_id,
        school_year=row.school_year,
        in_charge=frozenset(schools_in_charge(actor, day=day).values_list("pk", flat=True)),
        day=day,
    )
    children = _children(actor, listed, row.school_year, day) if listed else ()
    plan = planned(listed, children, row.answers, school_year=row.school_year)
    mark = blake2s(repr((row.school_year, plan, problems)).encode(), digest_size=16).hexdigest()
    return Report(plan, problems, words_unknown(lines, row.columns, words), mark)


def _words(row: PupilList) -> Words:
    return Words(schools_named(), row.words)


def _children(actor: Actor, listed: Sequence[Listed], school_year: int, day: date) -> list[Child]:
    """The children whom the list may be about, by name: born about the same years, or known at its schools.

    Three queries, whatever the list.
    """
    births = [one.birth_date for one in listed]
    born = (min(births) - NEAR_BIRTH, max(births) + NEAR_BIRTH)
    years = (school_year - 1, school_year)
    schools = {one.school_id for one in listed}
    pupils = Schooling.objects.filter(child=OuterRef("person"), school__in=schools, school_year__in=years)
    members = Member.objects.filter(
        Q(person__birth_date__range=born) | Exists(pupils),
        current(day) & still_there(day, "family__"),
        kind=Member.Kind.CHILD,
        person__birth_date__isnull=False,
    ).order_by("person__last_name", "person__first_name", "person_id", "family_id")
    own = set(own_homes(actor, day).values_list("family_id", flat=True))
    classes = _classes(Q(child__birth_date__range=born) | Q(school__in=schools), years)
    found: dict[int, Child] = {}
    for pk, first, last, birth, family_id in members.values_list(
        "person_id", "person__first_name", "person__last_name", "person__birth_date", "family_id"
    ):
        held = found.get(pk)
        homes = (*(held.family_ids if held else ()), family_id)
        if birth is None:
            continue
        now, before = classes.get((pk, school_year)), classes.get((pk, school_year - 1))
        is_own = family_id in own or (held is not None and held.is_own)
        found[pk] = Child(pk, first, last, birth, homes, now, before, is_own)
    return list(found.values())


def _classes(of: Q, years: Sequence[int]) -> dict[tuple[int, int], Class]:
    rows = Schooling.objects.filter(of, school_year__in=years).order_by()
    return {
        (row.child_id, row.school_year): Class(
            row.pk,
            row.school_id,
            row.level,
            row.teacher,
            row.until,
            row.promotion_id is not None and not row.corrected,
        )
        for row in rows
    }
