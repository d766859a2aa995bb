"""Of which audiences a child and its home are, as waves of bookings ask, and what conditions ask of the
child."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from django.db.models import CharField, DateField, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce

from marelle.activities.audiences import OF_COMMUNE, AudienceKind, InClass, Public, Within
from marelle.activities.conditions import ConditionKind
from marelle.activities.facts import ActivityFacts
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.enrolments.models import Enrolment, KeptFor
from marelle.families.models import Member, Person, Residence, Schooling
from marelle.papers.models import Paper
from marelle.papers.rules import PaperState
from marelle.places.models import Post
from marelle.places.rules import Lived, school_year_days

STAY, SCHOOL, POST, BIRTH, PAPER, NAMED, HOME = 1, 2, 3, 4, 5, 6, 7

Asked = AudienceKind | ConditionKind

OF_SCHOOLS: Final = frozenset({AudienceKind.SCHOOLS, ConditionKind.SCHOOL, ConditionKind.LEVEL})
OF_STAYS: Final = frozenset({AudienceKind.RETURNING, AudienceKind.SIBLINGS})


class _Fact(NamedTuple):
    """What ties a child, or the home (`child_id` 0), to a structure, a school, an authority, a commune, a
    type of paper or places kept. The dates of a stay; of a school its `year` and `level`, and its last day
    where the child has left; of a commune (0 of none) the first day there; of a paper the last day that it
    counts; of a birth its day as the first."""

    kind: int
    child_id: int
    id: int
    year: int
    first: date | None
    last: date | None
    level: str


NUMBER, DAY, TEXT = IntegerField(), DateField(), CharField()
NOT_A_NUMBER, NO_DAY, NO_LEVEL = Value(0, NUMBER), Value(None, DAY), Value("", TEXT)


STAYS: Final = columns(
    _Fact,
    kind=Value(STAY, NUMBER),
    child_id="person_id",
    id="activity__structure_id",
    year=NOT_A_NUMBER,
    first="starts_on",
    last="ends_on",
    level=NO_LEVEL,
)
SCHOOLS: Final = columns(
    _Fact,
    "child_id",
    "level",
    kind=Value(SCHOOL, NUMBER),
    id="school_id",
    year="school_year",
    first=NO_DAY,
    last="until",
)
POSTS: Final = columns(
    _Fact,
    kind=Value(POST, NUMBER),
    child_id=NOT_A_NUMBER,
    id=Coalesce("authority_id", "structure__authority_id"),
    year=NOT_A_NUMBER,
    first=NO_DAY,
    last=NO_DAY,
    level=NO_LEVEL,
)
BIRTHS: Final = columns(
    _Fact,
    kind=Value(BIRTH, NUMBER),
    child_id="pk",
    id=NOT_A_NUMBER,
    year=NOT_A_NUMBER,
    first="birth_date",
    last=NO_DAY,
    level=NO_LEVEL,
)
PAPERS: Final = columns(
    _Fact,
    kind=Value(PAPER, NUMBER),
    child_id="person_id",
    id="paper_type_id",
    year=NOT_A_NUMBER,
    first=NO_DAY,
    last="expires_on",
    level=NO_LEVEL,
)


NAMES: Final = columns(
    _Fact,
    kind=Value(NAMED, NUMBER),
    child_id="enrolment__person_id",
    id="kept_id",
    year=NOT_A_NUMBER,
    first=NO_DAY,
    last=NO_DAY,
    level=NO_LEVEL,
)


HOMES: Final = columns(
    _Fact,
    kind=Value(HOME, NUMBER),
    child_id=NOT_A_NUMBER,
    id=Coalesce("commune_id", NOT_A_NUMBER),
    year=NOT_A_NUMBER,
    first="since",
    last=NO_DAY,
    level=NO_LEVEL,
)


def asked_by(offered: Iterable[ActivityFacts]) -> frozenset[Asked]:
    """Which kinds of audience the rules of these activities tell apart, and what their conditions ask."""
    return frozenset().union(*(facts.asks for facts in {one.id: one for one in offered}.values()))


def public_of(
    family_id: int | None, lived: Mapping[int, Sequence[Lived]], asks: Collection[Asked]
) -> dict[int, Public]:
    """Each child of the home among the keys of `lived`, which says where it lives.

    One query, or none where nothing but the commune is asked.
    """
    others = set(asks) - OF_COMMUNE
    return _public(lived, _facts(family_id, others) if family_id is not None and others else [])


def public_read(
    family_id: int | None, child_ids: Collection[int], asks: Collection[Asked]
) -> dict[int, Public]:
    """The same, where the home lives read too; one query, or none where nothing is asked."""
    facts = _facts(family_id, asks) if family_id is not None and asks else []
    homes = tuple(Lived(fact.first or date.min, fact.id or None) for fact in facts if fact.kind == HOME)
    return _public(dict.fromkeys(child_ids, homes), facts)


def _public(lived: Mapping[int, Sequence[Lived]], facts: Sequence[_Fact]) -> dict[int, Public]:
    stays = [(fact.child_id, _span(fact)) for fact in facts if fact.kind == STAY]
    schools = [(fact.child_id, _class(fact)) for fact in facts if fact.kind == SCHOOL]
    papers = [(fact.child_id, _span(fact)) for fact in facts if fact.kind == PAPER]
    named = [(fact.child_id, fact.id) for fact in facts if fact.kind == NAMED]
    births = {fact.child_id: fact.first for fact in facts if fact.kind == BIRTH}
    employers = frozenset(fact.id for fact in facts if fact.kind == POST)
    return {
        child_id: Public(
            lived=tuple(known),
            schools=tuple(span for child, span in schools if child == child_id),
            stays=tuple(span for child, span in stays if child == child_id),
            siblings=tuple(span for child, span in stays if child != child_id),
            employers=employers,
            birth=births.get(child_id),
            papers=tuple(span for child, span in papers if child == child_id),
            named=frozenset(pk for child, pk in named if child == child_id),
        )
        for child_id, known in lived.items()
    }


def _facts(family_id: int, asks: Collection[Asked]) -> list[_Fact]:
    return _facts_of(
        family_id,
        stays=not OF_STAYS.isdisjoint(asks),
        schools=not OF_SCHOOLS.isdisjoint(asks),
        posts=AudienceKind.STAFF in asks,
        births=ConditionKind.AGE in asks,
        papers=ConditionKind.PAPER in asks,
        named=AudienceKind.NAMED in asks,
        homes=not OF_COMMUNE.isdisjoint(asks),
    )


@prepared
def _facts_of(
    family_id: int,
    *,
    stays: bool,
    schools: bool,
    posts: bool,
    births: bool,
    papers: bool,
    named: bool,
    homes: bool,
) -> QuerySet[Any, _Fact]:
    children = _there(family_id, Member.Kind.CHILD)
    found: list[QuerySet[Any, Any]] = []
    if stays:
        found.append(_stays(children))
    if schools:
        found.append(_schools(children))
    if posts:
        found.append(_posts(family_id))
    if births:
        found.append(BIRTHS.of(Person.objects.filter(pk__in=children).order_by()))
    if papers:
        found.append(_papers(children))
    if homes:
        found.append(HOMES.of(Residence.objects.filter(family=family_id).order_by()))
    if named:
        found.append(NAMES.of(KeptFor.objects.filter(enrolment__person_id__in=children).order_by()))
    return found[0].union(*found[1:], all=True)


def _there(family_id: int, kind: Member.Kind) -> QuerySet[Member, Any]:
    """Who is of the home: a child or a parent who has left it lets nobody in."""
    return Member.objects.filter(family_id=family_id, kind=kind, until=None).values("person_id")


def _stays(children: QuerySet[Member, Any]) -> QuerySet[Enrolment, _Fact]:
    """Those that were, are or will be: a demand that waits makes nobody a brother of an enrolled child."""
    came = (Enrolment.State.ACCEPTED, Enrolment.State.ENDED)
    rows = Enrolment.objects.filter(person_id__in=children, state__in=came).order_by()
    return STAYS.of(rows)


def _schools(children: QuerySet[Member, Any]) -> QuerySet[Schooling, _Fact]:
    return SCHOOLS.of(Schooling.objects.filter(child_id__in=children).order_by())


def _posts(family_id: int) -> QuerySet[Post, _Fact]:
    """Those held now: a post has no dates."""
    adults = _there(family_id, Member.Kind.ADULT)
    return POSTS.of(Post.objects.held().filter(user__person__in=adults).order_by())


def _papers(children: QuerySet[Member, Any]) -> QuerySet[Paper, _Fact]:
    """Those accepted, whichever home sent them: one that waits for its check is not valid yet."""
    return PAPERS.of(Paper.objects.filter(person_id__in=children, state=PaperState.ACCEPTED).order_by())


def _class(fact: _Fact) -> InClass:
    span = _span(fact)
    return InClass(span.id, span.first, span.last, fact.level)


def _span(fact: _Fact) -> Within:
    first, last = fact.first, fact.last
    if fact.kind == SCHOOL:
        begins, ends = school_year_days(fact.year)
        first, last = begins, min(ends, last or ends)
    return Within(fact.id, first or date.min, last or date.max)
