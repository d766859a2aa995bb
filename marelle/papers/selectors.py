"""What pages read of papers and publications, always through the actor, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.families.models import Member, Person
from marelle.families.selectors import members, people_seen
from marelle.papers.guards import answering_adults, given_papers
from marelle.papers.models import Acceptance, Paper, PaperAsked, PaperPage, PaperType, Publication
from marelle.papers.rules import GIVEN, About, Effect, PaperState, Standing, Status, status
from marelle.papers.scope import own_papers, shown_publications


@dataclass(frozen=True, slots=True)
class Asked:
    """An activity in which somebody is enrolled asks for a paper: a floor above finds which.

    Or an agent asks for it: `asker` says who, with a `message`; `person_id` is then whose paper it is, None
    for the home's, and `activity` is "".
    """

    kind: PaperType
    person_id: int | None
    activity: str
    effect: Effect
    bookings_from: date | None
    message: str = ""
    asker: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One paper of one person, or of the home (`person_id` None).

    `asked` has one row for each enrolment that asks for it, and is empty for a paper that is no longer asked
    and was sent.
    """

    kind: PaperType
    person_id: int | None
    status: Status
    asked: tuple[Asked, ...]

    @property
    def is_open(self) -> bool:
        """Whether something may be sent for it."""
        given = self.status.standing in {Standing.RECEIVED, Standing.ACCEPTED} and not self.status.lost
        return bool(self.asked) and not given

    @property
    def waits(self) -> bool:
        """Whether the family has to send something: what is optional nags nobody, unless an agent asks."""
        return self.is_open and (self.kind.mandatory or any(row.asker for row in self.asked))


@dataclass(frozen=True, slots=True)
class Folder:
    """The papers of one person, or of the home (`person` None)."""

    person: Person | None
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class WaitingPaper:
    """One that a home has to send, of one person or its own (`person_id` None)."""

    type_id: int
    title: str
    person_id: int | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class PaperCounts:
    """How many papers a home has to send: missing or expired, to send again (refused, or destroyed for a
    virus), expiring soon; and which."""

    to_send: int = 0
    refused: int = 0
    expiring: int = 0
    waits: tuple[WaitingPaper, ...] = field(default=(), compare=False)

    @property
    def in_all(self) -> int:
        return self.to_send + self.refused + self.expiring


def folders(actor: Actor, asked: Sequence[Asked], *, day: date) -> tuple[Folder, ...]:
    """The home, then each of its people whom the actor sees; four queries at most. Needs a home."""
    people = [row.person for row in people_seen(actor, day)]
    found = requirements(
        asked, family_id=actor.home_id, people={person.pk for person in people}, day=day, with_sent=True
    )
    by_owner: dict[int | None, list[Requirement]] = defaultdict(list)
    for one in found:
        by_owner[one.person_id].append(one)
    owners: list[Person | None] = [None, *people]
    return tuple(Folder(one, tuple(by_owner[one.pk if one is not None else None])) for one in owners)


def requirements(
    asked: Sequence[Asked], *, family_id: int, people: Collection[int], day: date, with_sent: bool = False
) -> list[Requirement]:
    """What is asked of `people` and of their home, in the order of the types; three queries at most.

    `with_sent` adds what was sent and is asked no more.
    """
    owed = _by_owner(asked, family_id, people, day)
    types = {row.kind.pk: row.kind for row in asked}
    papers = given_papers(family_id=family_id, people=people, type_ids=None if with_sent else types)
    if with_sent:
        types |= PaperType.objects.in_bulk({type_id for type_id, _owner in papers} - set(types))
        for key, rows in papers.items():
            if any(row.own for row in rows):
                owed.setdefault(key, ())
    found = [
        Requirement(types[type_id], owner, status(papers.get((type_id, owner), ()), day), rows)
        for (type_id, owner), rows in owed.items()
    ]
    return sorted(found, key=lambda one: (one.kind.order, one.kind.title, one.person_id or 0))


def counts_of(found: Iterable[Requirement]) -> PaperCounts:
    """How many of them a family has to do something about; those that are mandatory."""
    waits = tuple(
        WaitingPaper(one.kind.pk, one.kind.title, one.person_id, one.status.standing)
        for one in found
        if one.waits
    )
    standings = [one.standing for one in waits]
    return PaperCounts(
        to_send=sum(one in {Standing.MISSING, Standing.EXPIRED} for one in standings),
        refused=sum(one in {Standing.REFUSED, Standing.RECEIVED} for one in standings),
        expiring=standings.count(Standing.EXPIRES_SOON),
        waits=waits,
    )


def missing_of(found: Iterable[Requirement]) -> list[Requirement]:
    """The mandatory ones that do not count as given."""
    return [one for one in found if one.asked and one.kind.mandatory and one.status.standing not in GIVEN]


def requirement(
    actor: Actor, asked: Sequence[Asked], *, type_id: int, person_id: int | None, day: date
) -> Requirement | None:
    """One paper of the actor's home, asked or not; None for a type or a person that is not its own."""
    kind = next((row.kind for row in asked if row.kind.pk == type_id), None)
    kind = kind or PaperType.objects.select_related("authority").filter(pk=type_id).first()
    if kind is None or actor.family_id is None or (person_id is None) is not (kind.about == About.FAMILY):
        return None
    if person_id is not None:
        member = Member.Kind.ADULT if kind.about == About.ADULT else Member.Kind.CHILD
        if not members(actor, day=day).filter(person_id=person_id, kind=member).exists():
            return None
    people = [] if person_id is None else [person_id]
    rows = [row for row in asked if row.kind.pk == type_id]
    owed = _by_owner(rows, actor.family_id, people, day)
    papers = given_papers(family_id=actor.family_id, people=people, type_ids=[type_id])
    key = (type_id, person_id)
    return Requirement(kind, person_id, status(papers.get(key, ()), day), owed.get(key, ()))


def person_named(actor: Actor, person_id: int | None, *, day: date) -> Person | None:
    """One of the people whom the actor sees; None for the home."""
    if person_id is None:
        return None
    return Person.objects.filter(pk=person_id, pk__in=members(actor, day=day).values("person_id")).first()


def sent_papers(actor: Actor, *, type_id: int, person_id: int | None, day: date) -> list[Paper]:
    """What the actor's home sent for one requirement, the newest first, with the pages left; two queries."""
    if actor.family_id is None:
        return []
    rows = own_papers(actor, day=day) & Paper.objects.of(actor.family_id, person_id)
    return list(
        rows.filter(paper_type_id=type_id).select_related("paper_type").prefetch_related("pages__file")
    )


def own_page(actor: Actor, page_id: int, *, day: date) -> PaperPage | None:
    """A page that the actor's home sent.

    Of a paper of health, only the home itself reads it, not an agent in its name.
    """
    pages = PaperPage.objects.filter(pk=page_id, paper__in=own_papers(actor, day=day))
    if actor.on_behalf_of:
        pages = pages.filter(paper__paper_type__is_health=False)
    return pages.select_related("file").first()


@dataclass(frozen=True, slots=True)
class Awaited:
    """A paper asked for from a case; `paper_id` and `state` are those of what came since, if anything."""

    asked: PaperAsked
    paper_id: int | None
    state: PaperState | None


def awaited_by(case_ids: Collection[int]) -> dict[int, tuple[Awaited, ...]]:
    """What was asked for from these cases, in order, by case; one query."""
    found: dict[int, tuple[Awaited, ...]] = {}
    for row in _awaited(case_ids):
        one = Awaited(row, row.came, PaperState(row.state) if row.state else None)
        case_id = row.case_id or 0
        found[case_id] = (*found.get(case_id, ()), one)
    return found


@prepared
def _awaited(case_ids: Collection[int]) -> QuerySet[Any]:
    since = Paper.objects.filter(
        Q(person_id=OuterRef("person_id")) | Q(person=None, paper_type__about=About.FAMILY),
        paper_type_id=OuterRef("paper_type_id"),
        family_id=OuterRef("family_id"),
        sent_at__gte=OuterRef("asked_at"),
        state__in=(PaperState.RECEIVED, PaperState.ACCEPTED, PaperState.REFUSED),
    ).order_by("-sent_at", "-pk")
    return (
        PaperAsked.objects.filter(case_id__in=case_ids)
        .select_related("paper_type", "person")
        .annotate(came=Subquery(since.values("pk")[:1]), state=Subquery(since.values("state")[:1]))
        .order_by("asked_at", "pk")
    )


def publications_for(activities: Collection[int], *, day: date) -> list[Publication]:
    """What a home enrolled in `activities` may read on `day`, by structure and theme; one query."""
    return _publications(activities, day)


@prepared
def _publications(activities: Collection[int], day: date) -> QuerySet[Publication]:
    rows = shown_publications(activities, day=day)
    return rows.select_related("structure", "activity", "file", "returns")


def owners_of(
    actor: Actor, publications: Iterable[Publication], *, day: date
) -> dict[str, list[Person | None]]:
    """Those whose paper may be returned, by `about`; one query, none where nothing is to return."""
    if not any(row.returns_id for row in publications):
        return {}
    found: dict[str, list[Person | None]] = {About.FAMILY: [None], About.ADULT: [], About.CHILD: []}
    for row in people_seen(actor, day):
        found[About.ADULT if row.kind == Member.Kind.ADULT else About.CHILD].append(row.person)
    return found


def acceptances(actor: Actor, publications: Iterable[int] | None = None) -> dict[int, Acceptance]:
    """What the actor's home accepted, by publication; all of it when none is named. One query."""
    if actor.family_id is None:
        return {}
    rows = _acceptances(actor.family_id, None if publications is None else list(publications))
    return {row.publication_id: row for row in rows}


@prepared
def _acceptances(family_id: int, publications: Collection[int] | None) -> QuerySet[Acceptance]:
    rows = Acceptance.objects.filter(family_id=family_id)
    if publications is not None:
        rows = rows.filter(publication_id__in=publications)
    return rows.select_related("publication__structure")


def count_shown(activities: Collection[int], *, day: date) -> Subquery:
    """How many publications a home enrolled in `activities` may read, as a column; null for none."""
    return _counted(shown_publications(activities, day=day))


def count_to_accept(family_id: int, activities: Collection[int], *, day: date) -> Subquery:
    """How many of them it has still to read and accept."""
    accepted = Acceptance.objects.filter(family_id=family_id, publication=OuterRef("pk"))
    return _counted(
        shown_publications(activities, day=day).filter(_to_be_accepted(activities), ~Exists(accepted))
    )


def _counted(shown: QuerySet[Publication]) -> Subquery:
    """What is shown is all of one group, of those not withdrawn."""
    counted = shown.order_by().values("withdrawn_at").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())


def _to_be_accepted(activities: Collection[int]) -> Q:
    """Rules wait for the homes enrolled, or asked for, in an activity of their structure; who is not may read
    them, and accept them before."""
    here = Activity.objects.filter(structure=OuterRef("structure"), pk__in=activities)
    return Q(must_accept=True) & Q(Exists(here))


def to_accept(actor: Actor, activities: Collection[int], *, day: date) -> list[Publication]:
    """Versions that the actor's home has still to read and accept; one query."""
    if actor.family_id is None:
        return []
    return _to_accept(actor.family_id, activities, day)


@prepared
def _to_accept(family_id: int, activities: Collection[int], day: date) -> QuerySet[Publication]:
    rows = shown_publications(activities, day=day).filter(_to_be_accepted(activities))
    return rows.exclude(acceptances__family_id=family_id).select_related("structure")


def _by_owner(
    asked: Sequence[Asked], family_id: int, people: Collection[int], day: date
) -> dict[tuple[int, int | None], tuple[Asked, ...]]:
    """What is asked, by type and by who owes it, None for the home."""
    children = {
        row.person_id
        for row in asked
        if row.kind.about == About.ADULT and not row.asker and row.person_id is not None
    }
    adults: Mapping[int, tuple[int, ...]] = (
        answering_adults(family_id=family_id, child_ids=children, day=day) if children else {}
    )
    found: dict[tuple[int, int | None], tuple[Asked, ...]] = {}
    for row in asked:
        for owner in _owners(row, adults):
            if owner is None or owner in people:
                key = (row.kind.pk, owner)
                found[key] = (*found.get(key, ()), row)
    return found


def _owners(row: Asked, adults: Mapping[int, tuple[int, ...]]) -> tuple[int | None, ...]:
    if row.asker:
        return (row.person_id,)
    match About(row.kind.about):
        case About.FAMILY:
            return (None,)
        case About.CHILD:
            return (row.person_id,)
        case About.ADULT:
            return adults.get(row.person_id or 0, ())
