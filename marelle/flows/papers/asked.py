"""Papers and enrolments together: what is asked of a home, whom a paper concerns, who checks it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Any, Final

from django.db import transaction
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from marelle.cases.models import CaseState
from marelle.cases.selectors import open_cases
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.sealed import SealedTextField
from marelle.enrolments.models import Enrolment
from marelle.families.locks import home_locked
from marelle.families.scope import is_own_file
from marelle.families.selectors import kept_away, members
from marelle.files.models import StoredFile
from marelle.files.services import CheckedFile
from marelle.journal.services import record
from marelle.papers.guards import answering_children
from marelle.papers.models import Acceptance, Paper, PaperAsked, PaperNeed, PaperPage, PaperType, Publication
from marelle.papers.rules import About, Effect, PaperState
from marelle.papers.scope import may_check, may_know, shown_publications
from marelle.papers.selectors import (
    Asked,
    PaperCounts,
    counts_of,
    publications_for,
    requirements,
    to_accept,
)
from marelle.papers.services import KIND, paper_accept, paper_refuse, paper_send, publication_accept
from marelle.papers.services.sending import subject_of
from marelle.places.models import Post, Structure
from marelle.places.scope import in_charge

NOTHING: Final = Value("", output_field=CharField())
NO_MESSAGE: Final = Value("", output_field=SealedTextField())
"""Of a union, each column is read as that of its first part."""
NO_DAY: Final = Value(None, output_field=DateField())


def still_asked(day: date) -> Q:
    """What an agent asked for counts as long as its case: refused, taken back or gone, nobody waits for it;
    nor once the enrolment that it was asked for is over."""
    running = Q(Exists(Enrolment.objects.filter(pk=OuterRef("case__subject_id"), ends_on__gte=day)))
    accepted = Q(case__state=CaseState.ACCEPTED) & (~Q(case__kind="enrolment") | running)
    return Q(case__state=CaseState.OPEN) | accepted


@dataclass(frozen=True, slots=True)
class ToCheck:
    """A paper as the agent who checks it sees it.

    `serves` names the structures that it concerns. `reads` is false for a paper of health, that only the
    directors concerned read, and for one's own file.
    """

    paper: Paper
    pages: tuple[PaperPage, ...]
    structures: tuple[int, ...]
    reads: bool
    own_file: bool
    serves: tuple[str, ...] = ()


def live(day: date) -> QuerySet[Enrolment]:
    """Of a home that a judge keeps away from the child, nothing is asked and nothing is told."""
    near = ~kept_away(day, "person_id", home="family_id")
    return Enrolment.objects.filter(near, state__in=Enrolment.LIVE, ends_on__gte=day)


def asked_of_home(actor: Actor, *, day: date) -> list[Asked]:
    """What the enrolments of the people whom the actor sees ask of its home, and agents; one query."""
    if actor.family_id is None:
        return []
    return asked_by_rows(_of_home(actor, day))


@prepared
def _of_home(actor: Actor, day: date) -> QuerySet[Any]:
    """Agents', of the home, or of the people whom the actor sees; those of the other home see nothing of
    it."""
    people = members(actor, day=day).values("person_id")
    by_agents = PaperAsked.objects.filter(
        still_asked(day), Q(person=None) | Q(person_id__in=people), ~Q(asked_by=""), family_id=actor.home_id
    )
    return rows_asked(_enrolments_seen(actor, day), by_agents, family_id=actor.home_id)


def by_agents_of(family_id: int, structures: Collection[int] | None, day: date) -> QuerySet[PaperAsked]:
    """What agents asked of a home, from the cases of these structures alone unless None."""
    rows = PaperAsked.objects.filter(still_asked(day), ~Q(asked_by=""), family_id=family_id)
    return rows if structures is None else rows.filter(case__structure_id__in=structures)


def _enrolments_seen(actor: Actor, day: date) -> QuerySet[Enrolment]:
    """Live ones, by the actor's home, of the people whom it sees."""
    people = members(actor, day=day).values("person_id")
    return live(day).filter(family_id=actor.home_id, person_id__in=people)


def asked_by(enrolments: QuerySet[Enrolment]) -> list[Asked]:
    """What these enrolments ask for: by their activities' needs, then what an authority asks of all."""
    return asked_by_rows(rows_asked(enrolments))


def asked_in(*, family_id: int, person_id: int, activity_id: int, day: date) -> list[Asked]:
    """What the live enrolments of one person in one activity ask for; one query."""
    return asked_by_rows(_in(family_id, person_id, activity_id, day))


@prepared
def _in(family_id: int, person_id: int, activity_id: int, day: date) -> QuerySet[Any]:
    return rows_asked(_live_in(family_id, person_id, activity_id, day), family_id=family_id)


def _live_in(family_id: int, person_id: int, activity_id: int, day: date) -> QuerySet[Enrolment]:
    return live(day).filter(family_id=family_id, person_id=person_id, activity_id=activity_id)


class _Source(IntEnum):
    """Who asks for a paper, in the order in which it is told."""

    NEED = 1
    ALL = 2
    AGENT = 3


def rows_asked(
    enrolments: QuerySet[Enrolment],
    by_agents: QuerySet[PaperAsked] | None = None,
    *,
    family_id: int | None = None,
) -> QuerySet[Any]:
    """The types that these enrolments ask for, once for each of them, and agents once: one query, to be read
    by `asked_by_rows`.

    `family_id`, where they are of one home: said of the rows themselves too, or PostgreSQL goes through the
    enrolments of everybody before it looks which are these.
    """
    types = PaperType.objects.select_related("authority").order_by()
    owner = "authority__structures__activities"

    def of(enrolment: str) -> dict[str, Any]:
        home = {} if family_id is None else {f"{enrolment}__family_id": family_id}
        return {f"{enrolment}__in": enrolments, **home}

    needed = types.filter(active=True, **of("needs__activity__enrolments")).annotate(
        source=Value(_Source.NEED.value),
        rank=F("needs__pk"),
        nth=F("needs__activity__enrolments__pk"),
        person_id=F("needs__activity__enrolments__person_id"),
        activity_name=F("needs__activity__name"),
        effect=F("needs__effect"),
        bookings_from=F("needs__bookings_from"),
        message=NO_MESSAGE,
        asker=NOTHING,
    )
    of_all = types.filter(active=True, asked_of_all=True, **of(f"{owner}__enrolments")).annotate(
        source=Value(_Source.ALL.value),
        rank=F("pk"),
        nth=-F(f"{owner}__enrolments__pk"),
        person_id=F(f"{owner}__enrolments__person_id"),
        activity_name=F(f"{owner}__name"),
        effect=Case(When(mandatory=True, then=Value(Effect.WARN.value)), default=Value(Effect.NOTHING.value)),
        bookings_from=NO_DAY,
        message=NO_MESSAGE,
        asker=NOTHING,
    )
    if by_agents is None:
        return needed.union(of_all, all=True)
    asked = types.filter(asked__in=by_agents).annotate(
        source=Value(_Source.AGENT.value),
        rank=F("asked__pk"),
        nth=Value(0, output_field=BigIntegerField()),
        person_id=F("asked__person_id"),
        activity_name=NOTHING,
        effect=Value(Effect.NOTHING.value, output_field=CharField()),
        bookings_from=NO_DAY,
        message=F("asked__message"),
        asker=F("asked__asked_by"),
    )
    return needed.union(of_all, asked, all=True)


def asked_by_rows(rows: Iterable[Any]) -> list[Asked]:
    """Needs first, then what is asked of all where no need says more, then what agents ask for."""
    found = []
    needed = set()
    for row in sorted(rows, key=lambda row: (row.source, row.rank, row.nth)):
        about = (row.pk, row.person_id, row.activity_name)
        if row.source == _Source.NEED:
            needed.add(about)
        elif about in needed:
            continue
        found.append(
            Asked(
                kind=row,
                person_id=row.person_id,
                activity=row.activity_name,
                effect=Effect(row.effect),
                bookings_from=row.bookings_from,
                message=row.message,
                asker=row.asker,
            )
        )
    return found


def paper_counts(actor: Actor, *, people: Collection[int], day: date) -> PaperCounts:
    """For the dashboard: the mandatory papers that wait for the family; three queries at most.

    `people` are those of the home whom the actor sees.
    """
    asked = asked_of_home(actor, day=day)
    if actor.family_id is None or not asked:
        return PaperCounts()
    return counts_of(requirements(asked, family_id=actor.family_id, people=people, day=day))


def structures_concerned(
    kind: PaperType,
    *,
    family_id: int,
    person_id: int | None,
    day: date,
    waiting_since: datetime | None = None,
) -> tuple[int, ...]:
    """The structures that ask for this paper and where the person is enrolled, in their order; then that of
    the case from which an agent asked for it, as long as it still asks.

    A paper that waits for its check since `waiting_since` keeps the structure that asked for it until then,
    so that somebody checks it. Where none does yet (a paper sent before the request that needs it): those
    whose activities need it.
    """
    about, of_all = kind.about, kind.asked_of_all
    ids = _where_enrolled(kind.pk, about, of_all, kind.authority_id, family_id, person_id, day)
    asked_from = _asking_structures(kind.pk, family_id, person_id, waiting_since, day)
    ids += [one for one in asked_from if one is not None and one not in ids]
    return tuple(ids or _needing_structures(kind.pk))


@prepared
def _where_enrolled(
    type_id: int,
    about: str,
    of_all: bool,
    authority_id: int,
    family_id: int,
    person_id: int | None,
    day: date,
) -> QuerySet[Enrolment, int]:
    enrolments = live(day).filter(family_id=family_id)
    if person_id is not None and about == About.CHILD:
        enrolments = live(day).filter(person_id=person_id)
    elif person_id is not None:
        enrolments = enrolments.filter(person_id__in=answering_children(adult_id=person_id, day=day))
    if of_all:
        found = enrolments.filter(activity__structure__authority_id=authority_id)
    else:
        needing = PaperNeed.objects.filter(paper_type_id=type_id)
        found = enrolments.filter(activity__in=needing.values("activity_id"))
    rows = found.order_by("activity__structure__order", "activity__structure_id")
    return rows.values_list("activity__structure_id", flat=True).distinct()


@prepared
def _asking_structures(
    type_id: int, family_id: int, person_id: int | None, waiting_since: datetime | None, day: date
) -> QuerySet[PaperAsked, int | None]:
    still = still_asked(day)
    if waiting_since is not None:
        still |= Q(case__decided_at__gte=waiting_since, asked_at__lte=waiting_since)
    asking = PaperAsked.objects.filter(
        still,
        Q(person=None) if person_id is None else Q(person_id=person_id),
        paper_type_id=type_id,
        family_id=family_id,
        case__structure_id__isnull=False,
    )
    return asking.values_list("case__structure_id", flat=True)


def _needing_structures(type_id: int) -> QuerySet[PaperNeed, int]:
    needing = PaperNeed.objects.filter(paper_type_id=type_id)
    rows = needing.order_by("activity__structure__order", "activity__structure_id")
    return rows.values_list("activity__structure_id", flat=True).distinct()


def send(
    *, actor: Actor, type_id: int, person_id: int | None, uploads: Sequence[CheckedFile], now: datetime
) -> Paper:
    """`paper_send`, for the structures that it concerns."""
    kind = PaperType.objects.filter(pk=type_id).first()
    structures: tuple[int, ...] = ()
    if kind is not None and actor.family_id is not None:
        structures = structures_concerned(
            kind, family_id=actor.family_id, person_id=person_id, day=local(now).date()
        )
    return paper_send(
        actor=actor, type_id=type_id, person_id=person_id, uploads=uploads, structures=structures, now=now
    )


def to_check(actor: Actor, paper_id: int, *, day: date) -> ToCheck | None:
    """A paper of which the actor's posts let it know; None for any other."""
    rows = Paper.objects.select_related("paper_type__authority", "family", "person")
    paper = rows.prefetch_related("pages__file").filter(pk=paper_id).first()
    if paper is None:
        return None
    kind = paper.paper_type
    structures = structures_concerned(
        kind,
        family_id=paper.family_id,
        person_id=paper.person_id,
        day=day,
        waiting_since=paper.sent_at if paper.state == PaperState.RECEIVED else None,
    )
    if not may_know(actor, kind, structures):
        return None
    own_file = is_own_file(actor, family_id=paper.family_id, person_id=paper.person_id, day=day)
    reads = may_check(actor, kind, structures) and not own_file
    names = Structure.objects.in_bulk(structures)
    serves = tuple(names[pk].name for pk in structures)
    return ToCheck(paper, tuple(paper.pages.all()), structures, reads, own_file, serves)


def undirected(actor: Actor) -> tuple[str, ...]:
    """The structures where a paper of health waits and that nobody directs: no one may check it; one query.

    Told to their office and to administrators; nothing for anybody else.
    """
    if not actor.is_administrator and not actor.authorities(Role.OFFICE):
        return ()
    waiting = Paper.objects.filter(state=PaperState.RECEIVED, paper_type__is_health=True)
    cases = open_cases(everywhere=True, kind=KIND).filter(subject_id__in=waiting.values("pk"))
    directed = Post.objects.held().filter(role=Role.DIRECTOR, structure__isnull=False)
    rows = Structure.objects.filter(in_charge(actor), pk__in=cases.order_by().values("structure_id"))
    rows = rows.exclude(pk__in=directed.values("structure_id")).order_by("order", "name")
    return tuple(rows.values_list("name", flat=True))


def accept(
    *, actor: Actor, found: ToCheck, seen: Collection[int], expires_on: date | None, now: datetime
) -> Paper:
    return paper_accept(
        actor=actor,
        paper_id=found.paper.pk,
        seen=seen,
        expires_on=expires_on,
        structures=found.structures,
        now=now,
    )


def refuse(*, actor: Actor, found: ToCheck, seen: Collection[int], reason: str, now: datetime) -> Paper:
    return paper_refuse(
        actor=actor,
        paper_id=found.paper.pk,
        seen=seen,
        reason=reason,
        structures=found.structures,
        now=now,
    )


@transaction.atomic
def page_read(*, actor: Actor, found: ToCheck, page_id: int, now: datetime) -> StoredFile | None:
    """The file of a page, None when it is not for the actor; a reading of health is written down."""
    page = next((page for page in found.pages if page.pk == page_id), None)
    if page is None or not found.reads:
        return None
    if found.paper.paper_type.is_health:
        home_locked(found.paper.family_id)
        record(
            actor=actor,
            verb="paper.read",
            subject=subject_of(found.paper),
            family_id=found.paper.family_id,
            now=now,
        )
    return page.file


def enrolled_activities(actor: Actor, *, day: date) -> frozenset[int]:
    """The activities in which the people whom the actor sees are enrolled or asked for; one query."""
    if actor.family_id is None:
        return frozenset()
    return frozenset(_activities_of_home(actor, day))


@prepared
def _activities_of_home(actor: Actor, day: date) -> QuerySet[Enrolment, int]:
    return _enrolments_seen(actor, day).values_list("activity_id", flat=True)


def publications(actor: Actor, *, day: date) -> tuple[list[Publication], int]:
    """What the actor's home may read, and how many of them wait for it to accept; three queries."""
    activities = enrolled_activities(actor, day=day)
    return publications_for(activities, day=day), len(to_accept(actor, activities, day=day))


def publication_to_read(actor: Actor, publication_id: int, *, day: date) -> Publication | None:
    """One that the actor's home may read, or a version that it accepted."""
    if actor.family_id is None:
        return None
    shown = shown_publications(enrolled_activities(actor, day=day), day=day)
    mine = Publication.objects.filter(acceptances__family_id=actor.family_id)
    rows = Publication.objects.filter(Q(pk__in=shown.values("pk")) | Q(pk__in=mine.values("pk")))
    return rows.select_related("file").filter(pk=publication_id).first()


def publications_to_accept(actor: Actor, *, day: date) -> list[Publication]:
    """For the dashboard and « Ma famille »: versions still to be read and accepted; two queries."""
    return to_accept(actor, enrolled_activities(actor, day=day), day=day)


def accept_publication(*, actor: Actor, publication_id: int, now: datetime) -> Acceptance:
    """`publication_accept`, for the activities in which the home is enrolled."""
    activities = enrolled_activities(actor, day=local(now).date())
    return publication_accept(actor=actor, publication_id=publication_id, activities=activities, now=now)
