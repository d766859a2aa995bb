"""A rehearsal: what a file says, with families that nobody is, so that agents may try all of it.

The families are made by the services that agents use: created at the desk, enrolled, booked in their name.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from django.db import transaction
from django.db.models import Q

from marelle.accounts.models import User
from marelle.activities.kinds import BookingMode, EnrolmentMode
from marelle.activities.models import Activity, Opening
from marelle.bookings.saving.ledger import Change, Result
from marelle.bookings.saving.services import bookings_save
from marelle.core.clock import local
from marelle.core.refusals import No, Refusal
from marelle.core.rehearsal import is_rehearsal, rehearsal_mark
from marelle.definitions.names import CHILDREN, FATHERS, MOTHERS, STREETS, SURNAMES
from marelle.definitions.services import FROM_A_FILE, Written, definitions_write
from marelle.enrolments.facts import group_facts
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.enrolments.rules import default_group
from marelle.enrolments.services import Terms
from marelle.families.models import Family, Member
from marelle.families.rules import CYCLES, fits_age
from marelle.families.services import NewAdult, NewChild, NewGuardian, schooling_set
from marelle.flows.actor.acting import on_behalf_of
from marelle.flows.enrolling.asking import Wanted, child_enrol
from marelle.flows.office.opening import Address, NewHome, Opened, home_open
from marelle.places.models import Commune, School
from marelle.places.rules import school_year_of

HOMES: Final = 24
SEED: Final = 2026
BOOKED: Final = timedelta(days=28)
"""How far ahead they book."""

MOST_ENROLMENTS: Final = 3
"""Of one child."""

INVITED: Final = 3
"""Homes whose parents are: each link opens once, and is told to who makes the rehearsal."""

TWO_PARENTS: Final = 0.7
AT_SCHOOL: Final = 3
PRIMARY: Final = CYCLES[0][1:]
AGES: Final = (0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 12, 13, 14, 15)
BOOKED_BY_HOMES: Final = (BookingMode.PARENT, BookingMode.VALIDATED)


class NotEmpty(Refusal):
    """Somebody is here already: a home, or an account."""

    def __init__(self) -> None:
        super().__init__("not_empty")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What was written (None: that was done before), and how much was invented; `invited`: the homes whose
    parents may come in."""

    written: Written | None
    homes: int
    enrolments: int
    bookings: int
    invited: tuple[Opened, ...]


def rehearsal_write(*, text: str, now: datetime) -> Rehearsed:
    """The definitions, all of them or none; then home after home. Stopped in between, it goes on from the
    next home. Raises NotEmpty, DefinitionsRefused.
    """
    written = None if is_rehearsal() else _begun(text, now)
    random = Random(SEED)  # noqa: S311 - names and weekdays, no secret
    day = local(now).date()
    communes, schools = list(Commune.objects.order_by("pk")), list(School.objects.order_by("pk"))
    there = Family.objects.count()
    homes = [_home(number, random, communes, now) for number in range(there, HOMES if communes else 0)]
    children = [child for home in homes for child in _children(home.family_id)]
    for child in children:
        _to_school(child, random, schools, day, now)
    enrolments = sum(_enrolled(child, random, day, now) for child in children)
    bookings = sum(_booked(home.family_id, random, day, now) for home in homes)
    invited = tuple(home for home in homes if home.invitations)
    return Rehearsed(written, len(homes), enrolments, bookings, invited)


@transaction.atomic
def _begun(text: str, now: datetime) -> Written:
    if Family.objects.exists() or User.objects.exists():
        raise NotEmpty
    rehearsal_mark(now=now)
    return definitions_write(text=text, now=now)


def _home(number: int, random: Random, communes: Sequence[Commune], now: datetime) -> Opened:
    """One of a name of its own. Who is invited reads no mail: nothing leaves."""
    name, commune = SURNAMES[number % len(SURNAMES)], random.choice(communes)
    adults = [
        NewAdult(
            "first", random.choice(MOTHERS), name, f"famille{number + 1}@repetition.example",
            f"06 39 98 {number:02} {random.randrange(100):02}",
        )
    ]  # fmt: skip
    if random.random() < TWO_PARENTS:
        adults.append(NewAdult("second", random.choice(FATHERS), name))
    guardians = [NewGuardian(one.key, "mother" if one.key == "first" else "father") for one in adults]
    ages = random.sample(AGES, random.choice((1, 2, 2, 3)))
    day = local(now).date()
    children = [
        NewChild(
            first_name, name, day - timedelta(days=age * 365 + random.randrange(20, 340)), guardians=guardians
        )
        for first_name, age in zip(random.sample(CHILDREN, len(ages)), ages, strict=True)
    ]
    street = f"{random.randrange(1, 40)} {random.choice(STREETS)}"
    address = Address(street, commune.postal_code, commune.name, "invention")
    home = NewHome(name, adults, children, {}, address, invite=number < INVITED)
    return home_open(actor=FROM_A_FILE, home=home, now=now)


def _children(family_id: int) -> list[Member]:
    rows = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD).select_related("person")
    return list(rows.order_by("person_id"))


def _to_school(child: Member, random: Random, schools: Sequence[School], day: date, now: datetime) -> None:
    """As many years after three as its level has before it."""
    year = school_year_of(day)
    years = year - child.person.birth_date.year - AT_SCHOOL if child.person.birth_date else -1
    if schools and 0 <= years < len(PRIMARY):
        schooling_set(
            actor=FROM_A_FILE, child_id=child.person_id, school_id=random.choice(schools).pk,
            school_year=year, level=PRIMARY[years], now=now,
        )  # fmt: skip


def _enrolled(child: Member, random: Random, day: date, now: datetime) -> int:
    """In how many of the activities that take it; what an activity refuses it is refused."""
    rows = Activity.objects.filter(last_day__gte=day).exclude(enrolment_mode=EnrolmentMode.NONE)
    activities = [one for one in rows.order_by("pk") if _is_for(one, child, day)]
    random.shuffle(activities)
    done = 0
    for activity in activities[:MOST_ENROLMENTS]:
        first = max(day, activity.first_day)
        group_id = default_group(group_facts(activity.groups.all()), child.person.birth_date, first)
        wanted = Wanted(child.person_id, activity.pk, Terms(first, activity.last_day, {}))
        with suppress(No), transaction.atomic():
            child_enrol(
                actor=FROM_A_FILE, family_id=child.family_id, wanted=wanted, group_id=group_id, now=now
            )
            done += 1
    return done


def _is_for(activity: Activity, child: Member, day: date) -> bool:
    birth = child.person.birth_date
    first = max(day, activity.first_day)
    return birth is not None and fits_age(birth, activity.min_age_months, activity.max_age_months, first)


def _booked(family_id: int, random: Random, day: date, now: datetime) -> int:
    """Some weekdays of the four weeks to come, where homes book themselves."""
    changes = [
        Change(enrolment.person_id, opening_id, seen=False, wanted=True)
        for enrolment in Enrolment.objects.filter(
            family_id=family_id, state=Enrolment.State.ACCEPTED, activity__booking_mode__in=BOOKED_BY_HOMES
        ).order_by("pk")
        for opening_id in _wanted(enrolment, random, day)
    ]
    outcomes = bookings_save(actor=on_behalf_of(FROM_A_FILE, family_id), changes=changes, now=now)
    return sum(one.result in {Result.BOOKED, Result.REQUESTED} for one in outcomes)


def _wanted(enrolment: Enrolment, random: Random, day: date) -> list[int]:
    chosen = GroupChoice.objects.filter(enrolment=enrolment).values("group")
    rows = Opening.objects.filter(
        Q(group=None) | Q(group__in=chosen), activity=enrolment.activity_id, state=Opening.State.OPEN,
        day__gt=day, day__lte=day + BOOKED, slot__by_hour=False,
    )  # fmt: skip
    weekdays = random.sample(range(7), random.randrange(3, 7))
    return [pk for pk, on in rows.order_by("day", "pk").values_list("pk", "day") if on.weekday() in weekdays]
