"""Which structures a family deals with."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from marelle.core.actor import Actor
from marelle.enrolments.models import Enrolment


def structures_of_children(actor: Actor, child_ids: Collection[int], *, day: date) -> frozenset[int]:
    """Ids of the structures where a child of the actor's home is enrolled or asks to be; one query.

    `child_ids` are the children whom the actor may see.
    """
    if actor.family_id is None:
        return frozenset()
    return frozenset(
        Enrolment.objects.filter(
            family_id=actor.family_id,
            person_id__in=child_ids,
            state__in=Enrolment.LIVE,
            ends_on__gte=day,
        )
        .order_by()
        .values_list("activity__structure_id", flat=True)
    )
