"""Which child is in which activity, and how its weeks look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from random import Random

from marelle.activities.kinds import ActivityKind, EnrolmentMode
from marelle.demo.plans import ActivityPlan, ChildPlan, HomePlan, StayPlan, WorldPlan
from marelle.enrolments.models import Enrolment
from marelle.families.rules import age_in_months, fits_age

ACCEPTED, REQUESTED, REFUSED = (
    Enrolment.State.ACCEPTED.value,
    Enrolment.State.REQUESTED.value,
    Enrolment.State.REFUSED.value,
)
Week = dict[int, tuple[str, ...]]

FULL = ("matin", "repas", "apres-midi")
HALF_DAYS = (("matin", "repas"), FULL, FULL, ("apres-midi",), ("matin",))
SCHOOL_WEEKDAYS = (0, 1, 3, 4)
CRECHE_HOURS = (
    (time(8), time(17)),
    (time(7, 30), time(16, 30)),
    (time(8, 30), time(12)),
    (time(9), time(18)),
)
SCHOOL_SLOTS = {"restauration": (("repas",),), "periscolaire": (("soir",), ("matin",), ("matin", "soir"))}
ONE_DAY: dict[str, dict[int, tuple[tuple[str, ...], ...]]] = {
    "mercredis-arelle": {2: (("journee",), ("matin",), ("matin", "repas"), ("journee",))},
    "mercredis-brisecombe": {2: HALF_DAYS},
    "sorties": {2: (("repas", "sortie"), ("repas",))},
}
FULL_WEEKS: dict[str, Week] = {
    "restauration": dict.fromkeys(SCHOOL_WEEKDAYS, ("repas",)),
    "periscolaire": dict.fromkeys(SCHOOL_WEEKDAYS, ("matin", "soir")),
    "mercredis-brisecombe": {2: FULL},
    "mercredis-arelle": {2: FULL},
    "vacances-brisecombe": dict.fromkeys(range(5), FULL),
    "creche": dict.fromkeys(range(5), ("accueil",)),
}
MERCREDIS, VACANCES = ("mercredis-brisecombe", "mercredis-arelle"), ("vacances-brisecombe", "vacances-arelle")


def stays(
    plan: WorldPlan, homes: tuple[HomePlan, ...], today: date, random: Random, *, full: bool = False
) -> tuple[StayPlan, ...]:
    """Enrolments of all homes: those of the told families first, so that their days find a place.

    `full`: every child is everywhere that its age lets it be, all the week long.
    """
    told = [stay for home in homes for stay in _told(home, today)]
    keys = {"durand", "martin", "petit", "bernard"}
    drawn = [stay for home in homes if home.key not in keys for stay in _drawn(plan, home, random, full=full)]
    return (*told, *drawn)


def may_join(activity: ActivityPlan, child: ChildPlan, day: date) -> bool:
    if activity.schools and child.school not in activity.schools:
        return False
    return fits_age(child.birth_date, *activity.ages, day)


def joins_on(activity: ActivityPlan, child: ChildPlan, plan: WorldPlan) -> date | None:
    """The day from which the child has the age, the first of the year or of a month; None for never."""
    day = plan.first_day
    while day <= plan.last_day:
        if may_join(activity, child, day):
            return day
        day = (day + timedelta(days=32)).replace(day=1)
    return None


def _told(home: HomePlan, today: date) -> Iterator[StayPlan]:
    if home.key == "durand":
        zoe, leo, noe = home.children
        meals, evenings = _week_of((0, 1, 3), "repas"), _week_of((0, 1, 3), "soir")
        yield _kept(home, zoe, "restauration", meals)
        yield _kept(home, zoe, "periscolaire", evenings)
        yield _kept(home, zoe, "mercredis-brisecombe", {2: ("matin", "repas")}, until=today)
        yield _kept(home, leo, "mercredis-brisecombe", {})
        yield _kept(home, noe, "creche", _week_of((0, 3), "accueil"), hours=(time(8), time(17)))
    elif home.key == "martin":
        (ines,) = home.children
        yield _kept(home, ines, "restauration", _week_of(SCHOOL_WEEKDAYS, "repas"))
        yield _kept(home, ines, "mercredis-arelle", _week_of((2,), "journee"))
    elif home.key == "petit":
        ines, milo = home.children
        yield _kept(home, ines, "restauration", _week_of((0, 4), "repas"))
        yield _kept(home, ines, "mercredis-arelle", _week_of((2,), "matin"))
        yield _kept(home, milo, "mercredis-brisecombe", {2: FULL})
        yield StayPlan(home, milo, "vacances-brisecombe", REQUESTED, is_told=True)


def _kept(
    home: HomePlan,
    child: ChildPlan,
    activity: str,
    week: Week,
    *,
    hours: tuple[time, time] | None = None,
    until: date | None = None,
) -> StayPlan:
    """A stay that keeps to its week, as the told families do."""
    return StayPlan(home, child, activity, ACCEPTED, week, hours, until=until, regularity=1, is_told=True)


def _week_of(weekdays: Iterable[int], *slots: str) -> Week:
    return dict.fromkeys(weekdays, slots)


def _drawn(plan: WorldPlan, home: HomePlan, random: Random, *, full: bool) -> Iterator[StayPlan]:
    wednesdays = MERCREDIS[home.commune == "Arelle" or random.random() < 0.2]
    holidays = VACANCES[home.commune == "Arelle"]
    for child in home.children:
        for key in (
            "restauration",
            "periscolaire",
            wednesdays,
            holidays,
            "creche",
            "jeunes",
            "sorties",
        ):
            activity = plan.activity(key)
            too_big = child.school is not None and activity.kind is ActivityKind.CHILDCARE
            wanted = (full or random.random() < WANTED[key]) and not too_big
            if not wanted or joins_on(activity, child, plan) is None:
                continue
            week, hours = _week(activity, child, plan, random)
            week = FULL_WEEKS.get(key, week) if full else week
            yield StayPlan(
                home, child, key, _state(activity, random), week, hours,
                regularity=0.97 if full else random.choice((0.6, 0.85, 0.95)), reason=random.choice(REASONS),
            )  # fmt: skip


WANTED = {
    "restauration": 0.9,
    "periscolaire": 0.6,
    "mercredis-brisecombe": 0.9,
    "mercredis-arelle": 0.75,
    "vacances-brisecombe": 0.5,
    "vacances-arelle": 0.5,
    "creche": 0.8,
    "jeunes": 0.8,
    "sorties": 0.7,
}
REASONS = (
    "Le dossier n’a pas encore été complété : appelez-nous, nous le ferons ensemble.",
    "Le groupe est complet jusqu’aux vacances ; nous vous rappelons dès qu’une place se libère.",
)


def _state(activity: ActivityPlan, random: Random) -> str:
    if activity.enrolment_mode is EnrolmentMode.BY_STRUCTURE:
        return ACCEPTED
    return random.choices((ACCEPTED, REQUESTED, REFUSED), weights=(92, 5, 3))[0]


def _week(
    activity: ActivityPlan, child: ChildPlan, plan: WorldPlan, random: Random
) -> tuple[Week, tuple[time, time] | None]:
    key = activity.key
    if key in SCHOOL_SLOTS:
        weekdays = random.sample(SCHOOL_WEEKDAYS, random.choice((2, 3, 4, 4)))
        return {weekday: random.choice(SCHOOL_SLOTS[key]) for weekday in weekdays}, None
    if key == "vacances-brisecombe":
        days = random.sample(range(5), random.choice((1, 2, 3)))
        return {weekday: random.choice(HALF_DAYS[:2]) for weekday in days}, None
    if key == "vacances-arelle":
        return _week_of(range(5), "journee"), None
    if key == "creche":
        is_baby = age_in_months(child.birth_date, plan.first_day) < 12
        return _week_of(random.sample(range(5), 2 if is_baby else 3), "accueil"), random.choice(CRECHE_HOURS)
    return {weekday: random.choice(choices) for weekday, choices in ONE_DAY.get(key, {}).items()}, None
