"""What a missing paper closes: the facts that enrolments and bookings read, each rule in one place.

`missing_papers` says it of one person, with what a screen needs. `bookings_closed_from` says the part that
closes bookings inside another query, for readers of many rows; a test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Subquery

from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.models import Guardianship, Member
from marelle.families.selectors import current, rights
from marelle.files.rules import Scan
from marelle.papers.models import Paper, PaperNeed, PaperPage, PaperType
from marelle.papers.rules import GIVEN, About, Effect, Given, PaperState, Standing, status


@dataclass(frozen=True, slots=True)
class MissingPaper:
    """A paper that an activity asks for and that does not count as given on the day.

    `bookings_from` is the first day that it closes, with `Effect.BLOCKS_BOOKINGS` only. `person_id` is whose
    paper it is, None for one of the home; where several adults lack it there is one of these for each.
    """

    type_id: int
    title: str
    effect: Effect
    bookings_from: date | None
    state: Standing
    person_id: int | None
    mandatory: bool


def missing_papers(
    *, family_id: int, person_id: int, activity_ids: Collection[int], day: date
) -> dict[int, tuple[MissingPaper, ...]]:
    """By activity, what is missing on `day` to enrol the person in it from this home; four queries at most.

    A paper that a child's other home gave counts too. One asked of all warns when it is mandatory and does
    nothing else, unless the activity says more.
    """
    asked = asked_by_activities(activity_ids)
    if not asked:
        return {}
    types = {row[0].pk: row[0] for rows in asked.values() for row in rows}
    adults = (
        answering_adults(family_id=family_id, child_ids=[person_id], day=day).get(person_id, ())
        if any(row.about == About.ADULT for row in types.values())
        else ()
    )
    papers = given_papers(family_id=family_id, people={person_id, *adults}, type_ids=types)
    found: dict[int, tuple[MissingPaper, ...]] = {}
    for activity_id, rows in asked.items():
        missing = tuple(
            MissingPaper(
                type_id=kind.pk,
                title=kind.title,
                effect=effect,
                bookings_from=bookings_from,
                state=standing,
                person_id=owner,
                mandatory=kind.mandatory,
            )
            for kind, effect, bookings_from in rows
            for owner in owners(kind, person_id, adults)
            if (standing := status(papers.get((kind.pk, owner), ()), day).standing) not in GIVEN
        )
        if missing:
            found[activity_id] = missing
    return found


@lru_cache(maxsize=16)
def bookings_closed_from(day: date) -> Subquery:
    """The first day that a missing paper closes to booking, NULL when none does; seen from `day`.

    For `annotate()` on rows with `family_id`, `person_id` and `activity_id`. Kept, since building it costs
    more than the database's answer: a query copies what it is given.
    """
    kind, home, person = outer("paper_type_id"), outer("family_id", 2), outer("person_id", 2)
    adults = adults_without(day, kind="paper_type_id")
    needs = (
        PaperNeed.objects.filter(
            activity_id=OuterRef("activity_id"), effect=Effect.BLOCKS_BOOKINGS, paper_type__active=True
        )
        .filter(
            Q(~Exists(counting(day, kind=kind, family_id=home, person=None)), paper_type__about=About.FAMILY)
            | Q(~Exists(counting(day, kind=kind, person_id=person)), paper_type__about=About.CHILD)
            | Q(Exists(adults), paper_type__about=About.ADULT)
        )
        .order_by("bookings_from")
    )
    return Subquery(needs.values("bookings_from")[:1], output_field=DateField())


def given_papers(
    *, family_id: int, people: Collection[int], type_ids: Iterable[int] | None = None
) -> dict[tuple[int, int | None], list[Given]]:
    """What was sent, by type and person (None: the home); one query.

    Of the people's papers, those of every home, since a paper given once serves wherever it is asked.
    """
    rows = _given(family_id, people, None if type_ids is None else list(type_ids))
    found: dict[tuple[int, int | None], list[Given]] = defaultdict(list)
    for one in rows:
        found[one.kind, one.person].append(one.seen_by(family_id))
    return found


class Sent(NamedTuple):
    """A paper that somebody sent: of which type, whose (None: the home's), by which home."""

    kind: int
    person: int | None
    home: int
    given: Given

    def seen_by(self, family_id: int) -> Given:
        return replace(self.given, own=self.home == family_id)


def _as_given(
    pk: int, state: str, sent_at: datetime, expires_on: date | None, reason: str, lost: bool
) -> Given:
    return Given(pk, PaperState(state), sent_at, expires_on, reason, lost=lost)


LOST = Exists(PaperPage.objects.filter(paper=OuterRef("pk"), file__scan=Scan.INFECTED.value))


SENT = columns(
    Sent,
    kind="paper_type_id",
    person="person_id",
    home="family_id",
    given=columns(_as_given, "pk", "state", "sent_at", "expires_on", "reason", lost=LOST),
)


@prepared
def _given(
    family_id: int, people: Collection[int], type_ids: Collection[int] | None
) -> QuerySet[Paper, Sent]:
    rows = Paper.objects.filter(
        Q(person_id__in=people) | Q(family_id=family_id, person=None),
        state__in=(PaperState.RECEIVED, PaperState.ACCEPTED, PaperState.REFUSED),
    )
    if type_ids is not None:
        rows = rows.filter(paper_type_id__in=type_ids)
    return SENT.of(rows)


def asked_by_activities(
    activity_ids: Collection[int],
) -> dict[int, list[tuple[PaperType, Effect, date | None]]]:
    """The types that each activity asks for, with their effect: its own needs, then what is asked of all.

    Two queries.
    """
    found: dict[int, list[tuple[PaperType, Effect, date | None]]] = defaultdict(list)
    said = set()
    for need in _needs(activity_ids):
        found[need.activity_id].append((need.paper_type, Effect(need.effect), need.bookings_from))
        said.add((need.activity_id, need.paper_type_id))
    for kind in _of_all(activity_ids):
        if (kind.for_activity, kind.pk) not in said:
            effect = Effect.WARN if kind.mandatory else Effect.NOTHING
            found[kind.for_activity].append((kind, effect, None))
    return found


@prepared
def _needs(activity_ids: Collection[int]) -> QuerySet[PaperNeed]:
    needs = PaperNeed.objects.filter(activity_id__in=activity_ids, paper_type__active=True)
    return needs.select_related("paper_type")


@prepared
def _of_all(activity_ids: Collection[int]) -> QuerySet[Any]:
    """What is asked of all, once for each of these activities: `for_activity`."""
    return PaperType.objects.filter(
        active=True, asked_of_all=True, authority__structures__activities__in=activity_ids
    ).annotate(for_activity=F("authority__structures__activities"))


def owners(kind: PaperType, person_id: int, adults: Collection[int]) -> tuple[int | None, ...]:
    """Whose papers of this type an enrolled person needs: the home's (None), its own, its `adults`'."""
    match About(kind.about):
        case About.FAMILY:
            return (None,)
        case About.CHILD:
            return (person_id,)
        case About.ADULT:
            return tuple(adults)


def answering_adults(*, family_id: int, child_ids: Collection[int], day: date) -> dict[int, tuple[int, ...]]:
    """The adults of the home who have authority over each child; one query."""
    found: dict[int, tuple[int, ...]] = {}
    for child_id, adult_id in _answering(family_id, child_ids, day):
        found[child_id] = (*found.get(child_id, ()), adult_id)
    return found


@prepared
def _answering(
    family_id: int, child_ids: Collection[int], day: date
) -> QuerySet[Guardianship, tuple[int, int]]:
    """Each child and adult."""
    adults = Member.objects.filter(current(day), family_id=family_id, kind=Member.Kind.ADULT)
    pairs = rights(day).filter(child_id__in=child_ids, has_authority=True, adult__memberships__in=adults)
    return pairs.order_by("adult_id").values_list("child_id", "adult_id")


def answering_children(*, adult_id: int, day: date) -> QuerySet[Guardianship, int]:
    """Ids of the children over whom an adult has authority, to be used in a query."""
    wards = rights(day).filter(adult_id=adult_id, has_authority=True)
    return wards.values_list("child_id", flat=True)


def counting(day: date, *, kind: OuterRef, **whose: object) -> QuerySet[Paper]:
    """`rules.counts` in a query: the papers of a type that count on `day`."""
    return Paper.objects.filter(
        Q(state=PaperState.RECEIVED)
        | Q(state=PaperState.ACCEPTED) & (Q(expires_on=None) | Q(expires_on__gte=day)),
        paper_type_id=kind,
        **whose,
    )


def adults_without(day: date, *, kind: str) -> QuerySet[Member]:
    """The adults who answer for a person and whose paper of a type is missing.

    For a query inside one on types or needs, whose column `kind` is the type, itself inside one on rows with
    `family_id` and `person_id`.
    """
    guardians = rights(day).filter(
        adult_id=OuterRef("person_id"), child_id=outer("person_id", 3), has_authority=True
    )
    return Member.objects.filter(
        current(day),
        ~Exists(counting(day, kind=outer(kind, 2), person_id=OuterRef("person_id"))),
        Exists(guardians),
        family_id=outer("family_id", 2),
        kind=Member.Kind.ADULT,
    )


def outer(name: str, depth: int = 1) -> OuterRef:
    """A column of the query that is `depth` queries around this one."""
    found = OuterRef(name)
    for _ in range(depth - 1):
        found = OuterRef(found)
    return found
