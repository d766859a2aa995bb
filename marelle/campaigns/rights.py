"""The right of a home: which criteria it meets, and by which of its children."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from marelle.activities.audiences import Audience, AudienceKind, Public, is_of
from marelle.activities.facts import ActivityFacts
from marelle.campaigns.models import Criterion
from marelle.campaigns.rules import points_of, tier_of
from marelle.enrolments.audiences import public_read
from marelle.families.models import Member
from marelle.papers.models import Paper
from marelle.papers.rules import PaperState


@dataclass(frozen=True, slots=True)
class Held:
    """A right before the draw. `met`: the criteria, tiers and points alike, in their order."""

    tier: int
    points: int
    met: tuple[Criterion, ...]


def right_of(
    family_id: int,
    child_ids: Collection[int],
    criteria: Sequence[Criterion],
    offered: Iterable[ActivityFacts],
    day: date,
) -> Held:
    """What a home that asks for these children has, as things stand for `day`; two queries at most.

    A criterion is met where it is true of one of the children, in one of the activities.
    """
    audiences = {AudienceKind(one.kind) for one in criteria if one.kind != Criterion.Kind.PAPER}
    public = public_read(family_id, child_ids, audiences) if audiences else {}
    papers = _papers(family_id, child_ids, criteria, day)
    activities = list(offered)

    def is_met(one: Criterion) -> bool:
        if one.kind == Criterion.Kind.PAPER:
            return one.paper_type_id in papers
        return _is_of_one(public, AudienceKind(one.kind), activities, day)

    met = {one.pk: is_met(one) for one in criteria}
    tiers = [one for one in criteria if one.use == Criterion.Use.TIER]
    points = [one for one in criteria if one.use == Criterion.Use.POINTS]
    return Held(
        tier_of([met[one.pk] for one in tiers]),
        points_of([(one.weight, met[one.pk]) for one in points]),
        tuple(one for one in criteria if met[one.pk]),
    )


def _is_of_one(
    public: Mapping[int, Public], kind: AudienceKind, activities: Sequence[ActivityFacts], day: date
) -> bool:
    audience = Audience(kind)
    return any(is_of(one, audience, facts.offered, day) for one in public.values() for facts in activities)


def _papers(
    family_id: int, child_ids: Collection[int], criteria: Iterable[Criterion], day: date
) -> frozenset[int]:
    """The types asked for of which a paper of the home, of an adult of it or of one of these children was
    accepted and counts on the day."""
    wanted = {one.paper_type_id for one in criteria if one.paper_type_id}
    if not wanted:
        return frozenset()
    adults = Member.objects.filter(family_id=family_id, kind=Member.Kind.ADULT, until=None)
    rows = Paper.objects.filter(
        Q(family_id=family_id, person=None)
        | Q(family_id=family_id, person__in=adults.values("person_id"))
        | Q(person__in=child_ids),
        Q(expires_on=None) | Q(expires_on__gte=day),
        paper_type__in=wanted,
        state=PaperState.ACCEPTED,
    )
    return frozenset(rows.order_by().values_list("paper_type_id", flat=True))
