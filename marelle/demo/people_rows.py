"""Writes the homes, their accounts, the staff and the enrolments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.contrib.auth.hashers import make_password

from marelle.accounts.models import User
from marelle.activities.kinds import EnrolmentMode
from marelle.core.actor import Role
from marelle.core.clock import instant_at
from marelle.demo.accounts import GUESTS, PASSWORD, STAFF
from marelle.demo.places import Places
from marelle.demo.plans import ChildPlan, HomePlan, StayPlan, WorldPlan
from marelle.demo.stays import ACCEPTED, REFUSED, REQUESTED, joins_on
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, Told
from marelle.families.models import (
    CustodyPeriod,
    Family,
    Guardianship,
    Income,
    Member,
    Person,
    Residence,
    Schooling,
)
from marelle.families.models.incomes import sealed_of
from marelle.families.rules import CYCLES, Custody, fits_age
from marelle.places.models import Post
from marelle.places.posts.employments import employments_follow

LEVELS = CYCLES[0]
TEACHERS = ("Mme Pommier", "M. Roche", "Mme Sauvage", "M. Tilleul")
MOVED_IN_BEFORE = timedelta(days=500)


@dataclass
class Joined:
    """An accepted enrolment as the filling of the year needs it."""

    plan: StayPlan
    row: Enrolment
    group_id: int | None
    custody: tuple[Custody, ...]


@dataclass
class People:
    """The rows written, by the objects of the plan."""

    families: dict[HomePlan, Family] = field(default_factory=dict)
    children: dict[ChildPlan, Person] = field(default_factory=dict)


def write_staff(places: Places, year: SchoolYear, password: str) -> None:
    for account in STAFF:
        user = User.objects.create(
            identifier=account.identifier,
            display_name=account.display_name,
            email=f"{account.identifier}@val-arelle.example",
            password=password,
            is_demo=True,
            is_staff=account.role is Role.ADMINISTRATOR,
            is_superuser=account.role is Role.ADMINISTRATOR,
        )
        if account.role is Role.ADMINISTRATOR:
            Post.objects.create(user=user, role=account.role.value)
        for key in account.authorities:
            Post.objects.create(user=user, role=account.role.value, authority=places.authorities[key])
        for key in account.structures:
            Post.objects.create(user=user, role=account.role.value, structure=places.structures[key])
        employments_follow(user_id=user.pk, day=year.first_day)


def write_guests(password: str) -> None:
    """Their accounts: what each opens is given with the bills, and with the relais."""
    for account in GUESTS:
        User.objects.create(
            identifier=account.identifier,
            display_name=account.display_name,
            email=f"{account.identifier}@invites.example",
            password=password,
            is_demo=True,
            guest=account.guest.value,
        )


def hashed_password() -> str:
    """The demo's password, hashed once for all its accounts."""
    return make_password(PASSWORD)


def write_people(
    homes: tuple[HomePlan, ...], places: Places, year: SchoolYear, password: str, random: Random
) -> People:
    people = People()
    arrived = year.first_day - MOVED_IN_BEFORE
    for number, home in enumerate(homes, start=1):
        people.families[home] = Family(
            number=f"F{number:05}", name=home.name, created_at=instant_at(arrived, year.morning.time())
        )
    Family.objects.bulk_create(people.families.values())
    _write_accounts_and_adults(homes, people, year, password, arrived)
    _write_children(homes, people, places, year, arrived, random)
    Residence.objects.bulk_create(
        Residence(
            family=people.families[home],
            street=home.street,
            postal_code=places.communes[home.commune].postal_code,
            city=home.commune,
            commune=places.communes[home.commune],
            since=arrived,
            source="facture d’électricité",
        )
        for home in homes
    )
    Income.objects.bulk_create(
        Income(
            family=people.families[home],
            kind=kind,
            since=year.first_day,
            source="attestation CAF",
            **sealed_of(Told(IncomeStatus.PROVED, Decimal(amount))),
        )
        for home in homes
        for kind, amount in _incomes(home)
    )
    return people


def _incomes(home: HomePlan) -> Iterator[tuple[IncomeKind, int]]:
    """What the CAF tells of a home that has shown its certificate: resources count in the crèche, for who
    goes to no school yet."""
    if home.quotient is None:
        return
    yield IncomeKind.QUOTIENT, home.quotient
    if any(child.school is None for child in home.children):
        yield IncomeKind.RESOURCES, 3 * home.quotient
        yield IncomeKind.DEPENDANTS, len(home.children)


def _write_accounts_and_adults(
    homes: tuple[HomePlan, ...], people: People, year: SchoolYear, password: str, arrived: date
) -> None:
    pairs = [(home, adult) for home in homes for adult in home.adults]
    users = {
        adult: User(
            identifier=adult.identifier,
            display_name=f"{adult.first_name} {adult.last_name}",
            email=adult.email,
            password=password,
            is_demo=True,
            created_at=instant_at(year.first_day - timedelta(days=80), year.morning.time()),
        )
        for _home, adult in pairs
        if adult.identifier
    }
    User.objects.bulk_create(users.values())
    adults = [
        Person(
            first_name=adult.first_name,
            last_name=adult.last_name,
            email=adult.email,
            phone=adult.phone,
            account=users.get(adult),
        )
        for _home, adult in pairs
    ]
    Person.objects.bulk_create(adults)
    children = {child: None for home in homes for child in home.children}
    people.children = {
        child: Person(first_name=child.first_name, last_name=child.last_name, birth_date=child.birth_date)
        for child in children
    }
    Person.objects.bulk_create(people.children.values())
    Member.objects.bulk_create(
        Member(
            family=people.families[home],
            person=person,
            kind=Member.Kind.ADULT,
            since=arrived,
        )
        for (home, _adult), person in zip(pairs, adults, strict=True)
    )
    Guardianship.objects.bulk_create(
        Guardianship(
            adult=person,
            child=people.children[child],
            link=adult.link,
            since=child.birth_date,
        )
        for (home, adult), person in zip(pairs, adults, strict=True)
        for child in home.children
    )


def _write_children(
    homes: tuple[HomePlan, ...],
    people: People,
    places: Places,
    year: SchoolYear,
    arrived: date,
    random: Random,
) -> None:
    members = {
        (home, child): Member(
            family=people.families[home],
            person=people.children[child],
            kind=Member.Kind.CHILD,
            since=max(arrived, child.birth_date),
        )
        for home in homes
        for child in home.children
    }
    Member.objects.bulk_create(members.values())
    CustodyPeriod.objects.bulk_create(
        CustodyPeriod(
            member=member,
            weeks=home.custody[child].weeks.value,
            holidays=home.custody[child].holidays.value,
            since=arrived,
        )
        for (home, child), member in members.items()
        if child in home.custody
    )
    Schooling.objects.bulk_create(
        Schooling(
            child=row,
            school=places.schools[child.school],
            school_year=year.year,
            level=LEVELS[min(max(year.year - child.birth_date.year - 2, 0), len(LEVELS) - 1)],
            teacher=random.choice(TEACHERS),
        )
        for child, row in people.children.items()
        if child.school
    )


def write_enrolments(
    stays: tuple[StayPlan, ...],
    plan: WorldPlan,
    people: People,
    places: Places,
    year: SchoolYear,
    random: Random,
) -> list[Joined]:
    """Store the enrolments that were decided, and return the accepted ones."""
    stays = tuple(stay for stay in stays if stay.state != REQUESTED)
    rows = [_enrolment(stay, plan, people, places, year, random) for stay in stays]
    Enrolment.objects.bulk_create(rows)
    joined: list[Joined] = []
    choices: list[GroupChoice] = []
    for stay, row in zip(stays, rows, strict=True):
        if stay.state != ACCEPTED:
            continue
        group_id = _group(stay, plan, places, row.starts_on)
        if group_id is not None:
            choices.append(GroupChoice(enrolment=row, group_id=group_id, since=row.starts_on))
        joined.append(Joined(stay, row, group_id, _custody(stay)))
    GroupChoice.objects.bulk_create(choices)
    return joined


def _enrolment(
    stay: StayPlan, plan: WorldPlan, people: People, places: Places, year: SchoolYear, random: Random
) -> Enrolment:
    activity = plan.activity(stay.activity)
    starts_on = joins_on(activity, stay.child, plan) or plan.first_day
    asked_on = year.first_day - timedelta(days=random.randrange(30, 75))
    asked = instant_at(asked_on, year.morning.time().replace(hour=21, minute=random.randrange(60)))
    decided = asked + timedelta(days=random.randrange(1, 9), hours=-7)
    by_structure = activity.enrolment_mode is EnrolmentMode.BY_STRUCTURE
    return Enrolment(
        family=people.families[stay.home],
        person=people.children[stay.child],
        activity=places.activities[stay.activity],
        state=stay.state,
        starts_on=starts_on,
        ends_on=plan.last_day,
        wishes={
            str(weekday): [places.slots[stay.activity, key].pk for key in keys]
            for weekday, keys in stay.week.items()
        },
        requested_at=asked,
        requested_by="Nadège Courtin" if by_structure else stay.home.speaker,
        decided_at=decided,
        decided_by="Nadège Courtin",
        reason=stay.reason if stay.state == REFUSED else "",
    )


def _group(stay: StayPlan, plan: WorldPlan, places: Places, day: date) -> int | None:
    for group in plan.activity(stay.activity).groups:
        if fits_age(stay.child.birth_date, *group.months, day):
            return places.groups[stay.activity, group.key].pk
    return None


def _custody(stay: StayPlan) -> tuple[Custody, ...]:
    pattern = stay.home.custody.get(stay.child)
    return (Custody(pattern.weeks, pattern.holidays, since=date.min),) if pattern else ()
