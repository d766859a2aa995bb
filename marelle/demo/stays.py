"""Which child is in which activity, and how its weeks look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from random import Random

from marelle.activities.models import EnrolmentMode
from marelle.demo.plans import ActivityPlan, ChildPlan, HomePlan, StayPlan, WorldPlan
from marelle.enrolments.models import Enrolment
from marelle.families.rules import age_in_months, fits_age

ACCEPTED, REQUESTED, REFUSED = (
    Enrolment.State.ACCEPTED.value,
    Enrolment.State.REQUESTED.value,
    Enrolment.State.REFUSED.value,
)
HALF_DAYS = (("matin", "repas"), ("matin", "repas", "apres-midi"), ("apres-midi",), ("matin",))
SCHOOL_WEEKDAYS = (0, 1, 3, 4)
FULL = ("matin", "repas", "apres-midi")
CRECHE_HOURS = ((time(8), time(17)), (time(7, 30), time(16, 30)), (time(8, 30), time(12)), (time(9), time(18)))
MERCREDIS, VACANCES = ("mercredis-brisecombe", "mercredis-arelle"), ("vacances-brisecombe", "vacances-arelle")
PENDING_AT_LEAST = 3


def stays(
    plan: WorldPlan, homes: tuple[HomePlan, ...], today: date, random: Random
) -> tuple[StayPlan, ...]:
    """Enrolments of all homes: those of the told families first, so that their days find a place."""
    told = [stay for home in homes for stay in _told(plan, home, today)]
    keys = {"durand", "martin", "petit", "bernard"}
    drawn = [stay for home in homes if home.key not in keys for stay in _drawn(plan, home, random)]
    return (*told, *drawn)


def may_join(activity: ActivityPlan, child: ChildPlan, day: date) -> bool:
    if activity.schools and child.school not in activity.schools:
        return False
    return fits_age(child.birth_date, *activity.ages, day)


def joins_on(activity: ActivityPlan, child: ChildPlan, plan: WorldPlan) -> date | None:
    """The day from which the child has the age: the first of the year, or of a later month; None for never."""
    day = plan.first_day
    while day <= plan.last_day:
        if may_join(activity, child, day):
            return day
        day = (day + timedelta(days=32)).replace(day=1)
    return None


def _told(plan: WorldPlan, home: HomePlan, today: date) -> Iterator[StayPlan]:
    if home.key == "durand":
        zoe, leo, noe = home.children
        yield StayPlan(home, zoe, "restauration", ACCEPTED, {0: ("repas",), 1: ("repas",), 3: ("repas",)}, regularity=1)
        yield StayPlan(home, zoe, "periscolaire", ACCEPTED, {0: ("soir",), 1: ("soir",), 3: ("soir",)}, regularity=1)
        yield StayPlan(home, zoe, "mercredis-brisecombe", ACCEPTED, {2: ("matin", "repas")}, until=today)
        yield StayPlan(home, leo, "mercredis-brisecombe", ACCEPTED)
        hours = (time(8), time(17))
        yield StayPlan(home, noe, "creche", ACCEPTED, {0: ("accueil",), 3: ("accueil",)}, hours, regularity=1)
    elif home.key == "martin":
        (ines,) = home.children
        meals = {weekday: ("repas",) for weekday in SCHOOL_WEEKDAYS}
        yield StayPlan(home, ines, "restauration", ACCEPTED, meals)
        yield StayPlan(home, ines, "mercredis-arelle", ACCEPTED, {2: ("journee",)})
    elif home.key == "petit":
        ines, milo = home.children
        yield StayPlan(home, ines, "restauration", ACCEPTED, {0: ("repas",), 4: ("repas",)})
        yield StayPlan(home, ines, "mercredis-arelle", ACCEPTED, {2: ("matin",)})
        yield StayPlan(home, milo, "mercredis-brisecombe", ACCEPTED, {2: FULL})
        yield StayPlan(home, milo, "vacances-brisecombe", REQUESTED)


def _drawn(plan: WorldPlan, home: HomePlan, random: Random) -> Iterator[StayPlan]:
    wednesdays = MERCREDIS[home.commune == "Arelle" or random.random() < 0.2]
    holidays = VACANCES[home.commune == "Arelle"]
    for child in home.children:
        for key in ("restauration", "periscolaire", wednesdays, holidays, "creche", "relais", "jeunes", "sorties"):
            activity = plan.activity(key)
            wanted = random.random() < WANTED[key]
            if not wanted or joins_on(activity, child, plan) is None:
                continue
            week, hours = _week(activity, child, plan, random)
            yield StayPlan(
                home, child, key, _state(activity, random), week, hours,
                regularity=random.choice((0.6, 0.85, 0.95)), reason=random.choice(REASONS),
            )  # fmt: skip


WANTED = {
    "restauration": 0.9,
    "periscolaire": 0.6,
    "mercredis-brisecombe": 0.75,
    "mercredis-arelle": 0.75,
    "vacances-brisecombe": 0.5,
    "vacances-arelle": 0.5,
    "creche": 0.8,
    "relais": 0.3,
    "jeunes": 0.8,
    "sorties": 0.7,
}
REASONS = (
    "Le dossier n’a pas encore été complété : appelez-nous, nous le ferons ensemble.",
    "Le groupe est complet jusqu’aux vacances ; nous vous rappelons dès qu’une place se libère.",
)


def _state(activity: ActivityPlan, random: Random) -> str:
    if activity.enrolment_mode is EnrolmentMode.BY_STRUCTURE:
        return ACCEPTED
    return random.choices((ACCEPTED, REQUESTED, REFUSED), weights=(92, 5, 3))[0]


def _week(
    activity: ActivityPlan, child: ChildPlan, plan: WorldPlan, random: Random
) -> tuple[dict[int, tuple[str, ...]], tuple[time, time] | None]:
    key = activity.key
    if key in {"restauration", "periscolaire"}:
        offered: tuple[tuple[str, ...], ...] = (
            (("repas",),) if key == "restauration" else (("soir",), ("matin",), ("matin", "soir"))
        )
        weekdays = random.sample(SCHOOL_WEEKDAYS, random.choice((2, 3, 4, 4)))
        return {weekday: random.choice(offered) for weekday in weekdays}, None
    if key == "mercredis-arelle":
        return {2: random.choice((("journee",), ("matin",), ("matin", "repas"), ("journee",)))}, None
    if key == "mercredis-brisecombe":
        return {2: random.choice(HALF_DAYS)}, None
    if key == "vacances-brisecombe":
        days = random.sample(range(5), random.choice((1, 2, 3)))
        return {weekday: random.choice(HALF_DAYS[:2]) for weekday in days}, None
    if key == "vacances-arelle":
        return {weekday: ("journee",) for weekday in range(5)}, None
    if key == "creche":
        days = random.sample(range(5), 2 if age_in_months(child.birth_date, plan.first_day) < 12 else 3)
        return {weekday: ("accueil",) for weekday in days}, random.choice(CRECHE_HOURS)
    if key == "relais":
        return {3: ("matinee",)}, None
    if key == "sorties":
        return {2: random.choice((("repas", "sortie"), ("repas",)))}, None
    return {}, None
