"""Whose file is whose, for who decides."""

from __future__ import annotations

from datetime import date

from marelle.core.actor import Actor
from marelle.families.models import Guardianship, Member
from marelle.families.selectors import current


def is_own_file(actor: Actor, *, family_id: int, person_id: int | None, day: date) -> bool:
    """Whether the file is of the actor's own home or of its own child, whoever the actor works for now.

    `person_id` is the person that the decision is about, None when it is about the home.
    """
    if actor.person_id is None:
        return False
    if actor.family_id == family_id and not actor.on_behalf_of:
        return True
    return Member.objects.filter(current(day), family_id=family_id, person_id=actor.person_id).exists() or (
        person_id is not None
        and Guardianship.objects.filter(current(day), adult_id=actor.person_id, child_id=person_id).exists()
    )
