"""A home that a judge keeps away from one child: written by one agent, confirmed by another."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Final

from marelle.accounts.models import User
from marelle.core.clock import instant_at
from marelle.core.french import day_plain
from marelle.demo.accounts import STAFF
from marelle.demo.apart import joined
from marelle.demo.places import Places
from marelle.demo.year import TUESDAY, SchoolYear
from marelle.families.models import Member
from marelle.families.restrictions import Judgment, restriction_confirm, restriction_write
from marelle.flows.actor.actors import actor_for

SEEN_AT_A_DOOR: Final = ("mercredis-brisecombe", "periscolaire", "restauration")
SINCE: Final = timedelta(days=20)
"""Before today: what the home had booked until then is billed to it. The judge sits on a Tuesday."""


def keep_a_home_away(places: Places, year: SchoolYear) -> None:
    """The last home to come of a child with two: the other one has it looked after."""
    office, administrator = (
        actor_for(User.objects.get(identifier=STAFF[number].identifier)) for number in (0, -1)
    )
    for key in SEEN_AT_A_DOOR:
        for stay in joined(places, key):
            away = Member.objects.filter(person=stay.person).exclude(family=stay.family).first()
            if away is None or away.family_id < stay.family_id:
                continue
            since = year.today - SINCE
            since = max(since - timedelta(days=(since.weekday() - TUESDAY) % 7), year.first_day)
            adults = Member.objects.filter(family=away.family_id, kind=Member.Kind.ADULT)
            at = instant_at(since, time(9, 40))
            rows = restriction_write(
                actor=office,
                child_id=stay.person_id,
                adult_ids=list(adults.values_list("person_id", flat=True)),
                judgment=Judgment(
                    since,
                    None,
                    f"Juge aux affaires familiales, ordonnance de protection du {day_plain(since)}\u00a0: ni "
                    "visite, ni hébergement, ni contact.",
                ),
                now=at,
            )
            for row in rows:
                restriction_confirm(actor=administrator, restriction_id=row.pk, now=at + timedelta(hours=2))
            return
