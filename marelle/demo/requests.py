"""What families did lately through the portal: requests that wait, with their case, journal line and mail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from marelle.accounts.models import User
from marelle.core.clock import instant_at
from marelle.core.subject import Subject
from marelle.demo.people_rows import People
from marelle.demo.places import Places
from marelle.demo.plans import StayPlan, WorldPlan
from marelle.demo.stays import REQUESTED, joins_on, may_join
from marelle.demo.year import SchoolYear
from marelle.enrolments.services import Terms, enrolment_request
from marelle.flows.actor.actors import actor_for
from marelle.journal.services import Origin, record
from marelle.journal.verbs import Verb

VISITS = 4
DEVICES = ("Firefox · Android", "Mobile Safari · iOS", "Chrome · Windows")


def ask(
    stays: tuple[StayPlan, ...],
    plan: WorldPlan,
    people: People,
    places: Places,
    year: SchoolYear,
    random: Random,
) -> int:
    """Send the requests that wait for a decision, each on an evening of the last days. Returns how many."""
    sent = 0
    for stay in stays:
        activity = plan.activity(stay.activity)
        starts_on = max(joins_on(activity, stay.child, plan) or plan.first_day, year.today)
        if stay.state != REQUESTED or not may_join(activity, stay.child, starts_on):
            continue
        user = User.objects.get(identifier=stay.home.adults[0].identifier)
        enrolment_request(
            actor=actor_for(user),
            person_id=people.children[stay.child].pk,
            activity_id=places.activities[stay.activity].pk,
            terms=Terms(
                starts_on=starts_on,
                ends_on=plan.last_day,
                wishes={
                    weekday: frozenset(places.slots[stay.activity, key].pk for key in keys)
                    for weekday, keys in stay.week.items()
                },
            ),
            now=_evening(year.today, random.randrange(1, 6), random),
        )
        sent += 1
    return sent


def visit(year: SchoolYear, random: Random) -> None:
    """The last connections of the accounts that the demo lists."""
    for user in User.objects.filter(identifier__in=("durand", "martin", "petit")).order_by("pk"):
        actor = actor_for(user)
        for days_before in sorted(random.sample(range(1, 25), VISITS), reverse=True):
            record(
                actor=actor,
                verb=Verb.CONNECTION_OPENED,
                subject=Subject("account", user.pk, user.display_name),
                origin=Origin(device=random.choice(DEVICES)),
                now=_evening(year.today, days_before, random),
            )


def _evening(today: date, days_before: int, random: Random) -> datetime:
    hour = time(random.randrange(19, 23), random.randrange(60))
    return instant_at(today - timedelta(days=days_before), hour)
