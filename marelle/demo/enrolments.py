"""« Mes inscriptions » over time: last year's, an end that a home asks for, a call after a refusal."""

from __future__ import annotations

from datetime import date, time, timedelta

from marelle.accounts.models import User
from marelle.activities.models import Activity, Slot, new_revision
from marelle.cases.models import Case
from marelle.core.clock import instant_at
from marelle.demo.people_rows import People
from marelle.demo.places import Places
from marelle.demo.stays import ACCEPTED
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import KIND, end_ask, enrolment_refuse
from marelle.flows.actor.actors import actor_for
from marelle.places.rules import school_year_days

LAST_YEAR: dict[str, dict[str, tuple[str, ...]]] = {
    "mercredis-brisecombe": {"durand": ("Zoé", "Léo"), "petit": ("Milo",)},
    "vacances-brisecombe": {"durand": ("Zoé",)},
    "mercredis-arelle": {"martin": ("Inès",)},
}
"""Who was in what the year before, by activity and home: what « Reprendre l’an dernier » goes on from."""


def write_last_year(people: People, places: Places, year: SchoolYear) -> None:
    """Last year's editions of some activities, with their slots, and who was enrolled in them."""
    first_day, last_day = school_year_days(year.year - 1)
    for key, by_home in LAST_YEAR.items():
        slots = list(Slot.objects.filter(activity=places.activities[key]).order_by("order"))
        past = _past_edition(places.activities[key], first_day, last_day)
        past_slots = [_copied(slot, past) for slot in slots]
        Slot.objects.bulk_create(past_slots)
        weekday = str(slots[0].weekdays[0])
        Enrolment.objects.bulk_create(
            Enrolment(
                family=family,
                person=child,
                activity=past,
                state=ACCEPTED,
                starts_on=first_day,
                ends_on=last_day,
                wishes={weekday: [past_slots[0].pk]},
                requested_at=instant_at(first_day - timedelta(days=40), time(20, 30)),
                requested_by=home.speaker,
                decided_at=instant_at(first_day - timedelta(days=33), time(10)),
                decided_by="Nadège Courtin",
            )
            for home, family in people.families.items()
            for plan, child in people.children.items()
            if plan in home.children and plan.first_name in by_home.get(home.key, ())
        )


def follow_up(year: SchoolYear) -> None:
    """What waits after a decision: the end that the Petit home asks for, and a call after a refusal."""
    evening = instant_at(year.today - timedelta(days=1), time(20, 15))
    petit = actor_for(User.objects.get(identifier="petit"))
    enrolment = Enrolment.objects.filter(
        family_id=petit.home_id, person__first_name="Milo", state=ACCEPTED, ends_on__gte=year.today
    ).first()
    last_day = min(year.today + timedelta(weeks=6), year.last_day - timedelta(days=1))
    if enrolment is not None and year.today <= last_day < enrolment.ends_on:
        end_ask(
            actor=petit,
            enrolment_id=enrolment.pk,
            last_day=last_day,
            comment="Nous déménageons.",
            now=evening,
        )
    waiting = Case.objects.open().filter(kind=KIND, opened_at__lt=evening).exclude(family_id=petit.home_id)
    for case in waiting.order_by("opened_at")[:1]:
        enrolment_refuse(
            actor=actor_for(User.objects.get(identifier="guichet")),
            enrolment_id=case.subject_id,
            reason="Il manque l’attestation d’assurance : appelez-nous, nous ferons le point ensemble.",
            now=evening,
        )


def _past_edition(activity: Activity, first_day: date, last_day: date) -> Activity:
    return Activity.objects.create(
        structure_id=activity.structure_id,
        calendar_id=activity.calendar_id,
        name=activity.name,
        kind=activity.kind,
        first_day=first_day,
        last_day=last_day,
        min_age_months=activity.min_age_months,
        max_age_months=activity.max_age_months,
        enrolment_mode=activity.enrolment_mode,
        booking_mode=activity.booking_mode,
        order=activity.order,
        revision=new_revision(),
    )


def _copied(slot: Slot, activity: Activity) -> Slot:
    return Slot(
        activity=activity,
        name=slot.name,
        starts=slot.starts,
        ends=slot.ends,
        weekdays=slot.weekdays,
        days=slot.days,
        has_meal=slot.has_meal,
        order=slot.order,
    )
