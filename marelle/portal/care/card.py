"""« Santé et sorties »: the card of a child's page in « Ma famille », and what is read again each year."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from marelle.core.actor import Actor
from marelle.families.care.rules import asked_years
from marelle.families.care.scope import find_ward
from marelle.families.care.selectors import care_summaries
from marelle.portal.care.words import CareLink, care_links, standing_links


def care_card(actor: Actor, person_id: int, *, day: date) -> list[CareLink]:
    """The lines of `portal/care/links.html`; none for an adult. Two queries."""
    ward = find_ward(actor, person_id, day=day)
    if ward is None:
        return []
    school_year = asked_years(day)[0]
    found = care_summaries(ward.family.pk, [person_id], day=day, school_year=school_year)
    return care_links(person_id, found[person_id], school_year)


def care_to_confirm(actor: Actor, child_ids: Collection[int], *, day: date) -> dict[int, list[CareLink]]:
    """By child, of those that the actor sees, what its home reads again before it confirms; one query."""
    if actor.family_id is None or not child_ids:
        return {}
    school_year = asked_years(day)[0]
    found = care_summaries(actor.family_id, child_ids, day=day, school_year=school_year)
    return {child: standing_links(child, summary, school_year) for child, summary in found.items()}
