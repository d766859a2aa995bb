"""Papers and enrolments together: what is asked of a home, whom a paper concerns, who checks it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from marelle.cases.selectors import open_cases
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.enrolments.models import Enrolment
from marelle.families.scope import is_own_file
from marelle.families.selectors import members
from marelle.files.models import StoredFile
from marelle.files.services import Upload
from marelle.journal.services import record
from marelle.papers.guards import answering_children
from marelle.papers.models import Acceptance, Paper, PaperNeed, PaperPage, PaperType, Publication
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


@dataclass(frozen=True, slots=True)
class ToCheck:
    """A paper as the agent who checks it sees it.

    `reads` is false for a paper of health that only the directors concerned read, and for one's own file.
    """

    paper: Paper
    pages: tuple[PaperPage, ...]
    structures: tuple[int, ...]
    reads: bool
    own_file: bool


def live(day: date) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(state__in=Enrolment.LIVE, ends_on__gte=day)


def asked_of_home(actor: Actor, *, day: date) -> list[Asked]:
    """What the enrolments of the people whom the actor sees ask of its home; two queries."""
    if actor.family_id is None:
        return []
    people = members(actor, day=day).values("person_id")
    return asked_by(live(day).filter(family_id=actor.family_id, person_id__in=people))


def asked_by(enrolments: QuerySet[Enrolment]) -> list[Asked]:
    """What these enrolments ask for: by their activities' needs, then what an authority asks of all."""
    needs = (
        PaperNeed.objects.filter(activity__enrolments__in=enrolments, paper_type__active=True)
        .annotate(enrolled_id=F("activity__enrolments__person_id"), enrolment_id=F("activity__enrolments"))
        .select_related("paper_type__authority", "activity")
        .order_by("pk", "enrolment_id")
    )
    found = [
        Asked(need.paper_type, need.enrolled_id, need.activity.name, Effect(need.effect), need.bookings_from)
        for need in needs
    ]
    said = {(row.kind.pk, row.person_id, row.activity) for row in found}
    activities = "authority__structures__activities"
    of_all = (
        PaperType.objects.filter(
            active=True, asked_of_all=True, **{f"{activities}__enrolments__in": enrolments}
        )
        .annotate(
            enrolled_id=F(f"{activities}__enrolments__person_id"),
            activity_name=F(f"{activities}__name"),
        )
        .select_related("authority")
        .order_by("pk", f"{activities}__enrolments")
    )
    for kind in of_all:
        if (kind.pk, kind.enrolled_id, kind.activity_name) not in said:
            effect = Effect.WARN if kind.mandatory else Effect.NOTHING
            found.append(Asked(kind, kind.enrolled_id, kind.activity_name, effect, None))
    return found


def paper_counts(
    actor: Actor, *, people: Collection[int], activities: Collection[int], day: date
) -> PaperCounts:
    """For the dashboard: the mandatory papers that wait for the family; four queries at most.

    `people` are those of the home whom the actor sees, `activities` where they are enrolled or asked for:
    none, and nothing is read.
    """
    if actor.family_id is None or not activities:
        return PaperCounts()
    asked = asked_by(live(day).filter(family_id=actor.family_id, person_id__in=people))
    if not asked:
        return PaperCounts()
    return counts_of(requirements(asked, family_id=actor.family_id, people=people, day=day))


def structures_concerned(
    kind: PaperType, *, family_id: int, person_id: int | None, day: date
) -> tuple[int, ...]:
    """The structures that ask for this paper and where the person is enrolled, in their order.

    Where none does yet (a paper sent before the request that needs it): those whose activities need it.
    """
    enrolments = live(day).filter(family_id=family_id)
    if person_id is not None and kind.about == About.CHILD:
        enrolments = live(day).filter(person_id=person_id)
    elif person_id is not None:
        enrolments = enrolments.filter(person_id__in=answering_children(adult_id=person_id, day=day))
    needing = PaperNeed.objects.filter(paper_type=kind)
    if kind.asked_of_all:
        found = enrolments.filter(activity__structure__authority_id=kind.authority_id)
    else:
        found = enrolments.filter(activity__in=needing.values("activity_id"))
    ids = list(
        found.order_by("activity__structure__order", "activity__structure_id")
        .values_list("activity__structure_id", flat=True)
        .distinct()
    )
    return tuple(
        ids
        or needing.order_by("activity__structure__order", "activity__structure_id")
        .values_list("activity__structure_id", flat=True)
        .distinct()
    )


def send(
    *, actor: Actor, type_id: int, person_id: int | None, uploads: Sequence[Upload], now: datetime
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
    paper = (
        Paper.objects.select_related("paper_type__authority", "family", "person")
        .prefetch_related("pages__file")
        .filter(pk=paper_id)
        .first()
    )
    if paper is None:
        return None
    kind = paper.paper_type
    structures = structures_concerned(kind, family_id=paper.family_id, person_id=paper.person_id, day=day)
    if not may_know(actor, kind, structures):
        return None
    own_file = is_own_file(actor, family_id=paper.family_id, person_id=paper.person_id, day=day)
    reads = may_check(actor, kind, structures) and not own_file
    return ToCheck(paper, tuple(paper.pages.all()), structures, reads, own_file)


def undirected(actor: Actor) -> tuple[str, ...]:
    """The structures where a paper of health waits and that nobody directs: no one may check it; one query.

    Told to their office and to administrators; nothing for anybody else.
    """
    if not actor.is_administrator and not actor.authorities(Role.OFFICE):
        return ()
    waiting = Paper.objects.filter(state=PaperState.RECEIVED, paper_type__is_health=True)
    cases = open_cases(everywhere=True, kind=KIND).filter(subject_id__in=waiting.values("pk"))
    directed = Post.objects.filter(role=Role.DIRECTOR, structure__isnull=False)
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
    people = members(actor, day=day).values("person_id")
    rows = live(day).filter(family_id=actor.family_id, person_id__in=people)
    return frozenset(rows.values_list("activity_id", flat=True))


def publications(actor: Actor, *, day: date) -> list[Publication]:
    """What the actor's home may read; two queries."""
    return publications_for(enrolled_activities(actor, day=day), day=day)


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
