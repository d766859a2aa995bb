"""What the settings screens read: types, the activities that need them, whose office the actor is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.papers.models import Acceptance, PaperNeed, PaperType, Publication
from marelle.papers.scope import kept_activities, kept_publications, readable_types
from marelle.places.models import Authority, Structure
from marelle.places.scope import in_charge, in_office, is_office_of, may_decide


@dataclass(frozen=True, slots=True)
class ListedType:
    """A type in the list; `activities` are those of the actor, not over, that need it, by structure."""

    kind: PaperType
    activities: tuple[Activity, ...]


def types_listed(actor: Actor, *, day: date) -> list[ListedType]:
    """Two queries."""
    order = ("activity__structure__order", "activity__structure__name", "activity__name", "pk")
    lasting = kept_activities(actor).filter(last_day__gte=day)
    mine = PaperNeed.objects.filter(activity__in=lasting).order_by(*order)
    needs = Prefetch("needs", mine.select_related("activity__structure"), to_attr="mine")
    rows = readable_types(actor).select_related("authority").prefetch_related(needs)
    return [
        ListedType(row, tuple(need.activity for need in row.mine))
        for row in rows.order_by("authority__name", "order", "title")
    ]


def types_counted(actor: Actor) -> int:
    return readable_types(actor).count()


def type_readable(actor: Actor, type_id: int) -> PaperType | None:
    return readable_types(actor).select_related("authority").filter(pk=type_id).first()


def keeps(actor: Actor, kind: PaperType) -> bool:
    """Whether the actor writes the type itself, and not only what its own activities need."""
    return is_office_of(actor, kind.authority_id)


def offices(actor: Actor) -> list[Authority]:
    """The authorities of which the actor is the office."""
    return list(Authority.objects.filter(in_office(actor)))


def needs_of(actor: Actor, kind: PaperType, *, day: date) -> tuple[list[Activity], dict[int, PaperNeed]]:
    """The activities of which the actor says whether they need the type, and what they say; two queries.

    Those that are over only where they still need it: whoever takes the type away must first free it.
    """
    activities = _activities(actor, kind.pk, kind.authority_id, day)
    kept = {activity.pk for activity in activities}
    return activities, {need.activity_id: need for need in _needs(kind.pk) if need.activity_id in kept}


@prepared
def _activities(actor: Actor, type_id: int, authority_id: int, day: date) -> QuerySet[Activity]:
    asks = Exists(PaperNeed.objects.filter(paper_type_id=type_id, activity_id=OuterRef("pk")))
    rows = kept_activities(actor).filter(Q(last_day__gte=day) | asks, structure__authority_id=authority_id)
    ordered = rows.order_by("structure__order", "structure__name", "name", "first_day", "pk")
    return ordered.select_related("structure")


@prepared
def _needs(type_id: int) -> QuerySet[PaperNeed]:
    return PaperNeed.objects.filter(paper_type_id=type_id)


def publications_listed(actor: Actor) -> list[Publication]:
    """Those of the actor's structures, what families see first; one query."""
    rows = kept_publications(actor).select_related("structure", "activity")
    return list(
        rows.order_by(F("withdrawn_at").desc(nulls_first=True), "structure__order", "theme", "title", "-pk")
    )


def publication_kept(actor: Actor, publication_id: int) -> Publication | None:
    rows = kept_publications(actor).select_related("structure", "activity", "file", "returns")
    return rows.filter(pk=publication_id).first()


def acceptances_listed(publication: Publication) -> QuerySet[Acceptance]:
    """The homes that accepted this version, the latest first; one query."""
    return publication.acceptances.select_related("family").order_by("-accepted_at", "-pk")


def audiences(
    actor: Actor, *, day: date, kept_id: int | None = None
) -> tuple[list[Structure], list[PaperType]]:
    """The structures for which the actor publishes, with their activities, and the papers to return.

    Activities that are over are left out, but the one, `kept_id`, that a publication already names.
    """
    if not may_decide(actor):
        return [], []
    lasting = Activity.objects.filter(Q(last_day__gte=day) | Q(pk=kept_id))
    lasting = lasting.order_by("name", "first_day", "pk")
    structures = Structure.objects.filter(in_charge(actor)).prefetch_related(Prefetch("activities", lasting))
    types = readable_types(actor).filter(active=True).select_related("authority")
    return list(structures), list(types)


def needs_of_activity(activity_id: int) -> list[PaperNeed]:
    """The papers that an activity asks for, with their type; one query."""
    rows = PaperNeed.objects.filter(activity_id=activity_id, paper_type__active=True)
    return list(rows.select_related("paper_type").order_by("paper_type__order", "paper_type__title", "pk"))
