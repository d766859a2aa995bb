"""What the settings screens read: types, the activities that need them, whose office the actor is."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.papers.models import PaperNeed, PaperType, Publication
from marelle.papers.scope import is_office_of, kept_activities, kept_publications, readable_types
from marelle.places.models import Authority, Structure
from marelle.places.scope import in_charge, in_office, may_decide


@dataclass(frozen=True, slots=True)
class ListedType:
    """A type in the list; `activities` says how many of the actor's need it."""

    kind: PaperType
    activities: int


def types_listed(actor: Actor) -> list[ListedType]:
    """One query."""
    mine = Q(needs__activity__in=kept_activities(actor))
    rows = readable_types(actor).select_related("authority").annotate(n=Count("needs", filter=mine))
    return [ListedType(row, row.n) for row in rows.order_by("authority__name", "order", "title")]


def type_readable(actor: Actor, type_id: int) -> PaperType | None:
    return readable_types(actor).select_related("authority").filter(pk=type_id).first()


def keeps(actor: Actor, kind: PaperType) -> bool:
    """Whether the actor writes the type itself, and not only what its own activities need."""
    return is_office_of(actor, kind)


def offices(actor: Actor) -> list[Authority]:
    """The authorities of which the actor is the office."""
    return list(Authority.objects.filter(in_office(actor)))


def needs_of(actor: Actor, kind: PaperType) -> tuple[list[Activity], dict[int, PaperNeed]]:
    """The activities of which the actor says whether they need the type, and what they say; two queries."""
    activities = list(
        kept_activities(actor)
        .filter(structure__authority_id=kind.authority_id)
        .select_related("structure")
        .order_by("structure__order", "structure__name", "name", "pk")
    )
    needs = PaperNeed.objects.filter(paper_type=kind, activity__in=activities)
    return activities, {need.activity_id: need for need in needs}


def publications_listed(actor: Actor) -> list[Publication]:
    """Those of the actor's structures, what families see first; one query."""
    rows = kept_publications(actor).select_related("structure", "activity")
    return list(
        rows.order_by(F("withdrawn_at").desc(nulls_first=True), "structure__order", "theme", "title", "-pk")
    )


def publication_kept(actor: Actor, publication_id: int) -> Publication | None:
    rows = kept_publications(actor).select_related("structure", "activity", "file", "returns")
    return rows.filter(pk=publication_id).first()


def acceptances_of(publication: Publication) -> int:
    """How many homes accepted this version."""
    return publication.acceptances.count() if publication.must_accept else 0


def audiences(actor: Actor) -> tuple[list[Structure], list[PaperType]]:
    """The structures for which the actor publishes, with their activities, and the papers to return."""
    if not may_decide(actor):
        return [], []
    structures = Structure.objects.filter(in_charge(actor)).prefetch_related("activities")
    types = readable_types(actor).filter(active=True).select_related("authority")
    return list(structures), list(types)
