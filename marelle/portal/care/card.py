"""The card « Santé et sorties » of a child's page in « Ma famille »."""

from __future__ import annotations

from datetime import date

from marelle.core.actor import Actor
from marelle.families.care.rules import asked_years
from marelle.families.care.scope import find_ward
from marelle.families.care.selectors import care_summary
from marelle.portal.care.words import CareLink, care_links


def care_card(actor: Actor, person_id: int, *, day: date) -> list[CareLink]:
    """The lines of `portal/care/links.html`; none for an adult. Two queries."""
    ward = find_ward(actor, person_id, day=day)
    if ward is None:
        return []
    school_year = asked_years(day)[0]
    return care_links(ward, care_summary(ward, day=day, school_year=school_year), school_year)
