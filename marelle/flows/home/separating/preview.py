"""What an agent reads before a home separates, and what must not have changed until it says yes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from django.db.models import Q

from marelle.accounts.models import User
from marelle.bookings.models import Booking
from marelle.bookings.states import LIVE, BookingState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.families.file.reading import has_left
from marelle.families.models import Family, Guardianship, Member, Person, PickupContact
from marelle.families.scope import keeps_files
from marelle.families.selectors import ELDEST_FIRST, current
from marelle.families.telephones import own_phones
from marelle.flows.actor.acting import acting_agents, own_homes
from marelle.flows.home.erasure import erasure_waiting
from marelle.flows.home.held import held_of
from marelle.flows.home.separating.fates import FATES, Fate, rows_leaving
from marelle.flows.home.separating.plan import Plan, Resident, Where, check_plan
from marelle.flows.home.separating.refusals import AlreadySeparated, SeparationRefused
from marelle.messaging.models import Thread


@dataclass(frozen=True, slots=True)
class Moving:
    """An enrolment that the new home keeps from `since` on, with so many bookings to come.

    `whole`: it has not begun, or waits for its answer; else it ends in the old home the day before.
    """

    enrolment: Enrolment
    since: date
    whole: bool
    bookings: int


@dataclass(frozen=True, slots=True)
class Household:
    """Who lives in the home today: adults, then children from the eldest, and each child's guardianships.

    `enrolments` are those that run or will, of anybody; `contacts` who may fetch each child.
    """

    family: Family
    people: tuple[Member, ...]
    guardians: tuple[Guardianship, ...]
    enrolments: tuple[Enrolment, ...]
    contacts: tuple[PickupContact, ...]

    @property
    def residents(self) -> tuple[Resident, ...]:
        return tuple(
            Resident(
                row.person_id,
                row.person.first_name,
                row.kind == Member.Kind.CHILD,
                frozenset(
                    one.adult_id for one in self.guardians if one.child_id == row.person_id and one.may_see
                ),
            )
            for row in self.people
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """`rows` counts what goes with who leaves, `threads` the exchanges that they began.

    `unseen` are (adult who stays, child who follows) and (adult who leaves, child who stays): guardians who
    keep their rights, and in whose own file the child is no more. `same_reach` are first names of adults on
    both sides who share a mail or a phone.
    """

    household: Household
    plan: Plan
    moving: tuple[Moving, ...]
    rows: dict[str, int]
    threads: int
    unseen: tuple[tuple[str, str], ...]
    same_reach: tuple[str, ...]
    fingerprint: str


def household_of(*, actor: Actor, family_id: int, now: datetime) -> Household:
    """The home, where nothing about it or the actor stands in the way of separating it; a fixed number of
    queries. Raises `NotYours` for who keeps no files or a home that is not there, `SeparationRefused`."""
    family = Family.objects.filter(pk=family_id).first()
    if family is None or not keeps_files(actor):
        raise NotYours
    day = local(now).date()
    if own_homes(actor, day).filter(family=family).exists():
        raise SeparationRefused("own_file")
    if has_left(family, day):
        raise SeparationRefused("home_left")
    if agents := acting_agents([family.pk], now=now):
        raise SeparationRefused("acting", agents=agents)
    if erasure_waiting(family.pk):
        raise SeparationRefused("erasure_waiting")
    return _household(family, day)


def separation_preview(*, actor: Actor, family_id: int, plan: Plan, now: datetime) -> Preview:
    """What the plan would do. Raises as `household_of`, and `AlreadySeparated`."""
    household = household_of(actor=actor, family_id=family_id, now=now)
    check_still_there(household, plan.adults)
    residents = household.residents
    check_plan(plan, residents)
    _check_contacts(household, plan)
    family = household.family
    moving = tuple(_moving(household, plan, local(now).date()))
    _check_requests(moving)
    names = {one.id: one.name for one in residents}
    people = {one.id for one in residents}
    seen = (plan_key(plan), held_of([family.pk], people))
    return Preview(
        household=household,
        plan=plan,
        moving=moving,
        rows={
            model._meta.label: rows_leaving(model, family.pk, plan.leaving).count()
            for model, fate in FATES.items()
            if fate is Fate.WITH_WHO_LEAVES
        },
        threads=len(threads_begun_by(family.pk, plan.adults)),
        unseen=tuple(
            (names[adult], one.name)
            for one in residents
            if one.is_child and plan.where(one.id) is not Where.SHARED
            for adult in sorted(one.guardians & people)
            if (adult in plan.adults) is (plan.where(one.id) is Where.STAYS)
        ),
        same_reach=tuple(_same_reach(household, plan)),
        fingerprint=sha256(repr(seen).encode()).hexdigest(),
    )


def check_still_there(household: Household, adults: Collection[int]) -> None:
    """Raises `AlreadySeparated` where all who were to leave are the adults of one other home."""
    here = {row.person_id for row in household.people}
    if not adults or here & set(adults):
        return
    were = household.family.members.filter(person__in=adults).exclude(until=None)
    homes = Member.objects.filter(person__in=adults, kind=Member.Kind.ADULT, until=None)
    found = list(homes.values_list("person_id", "family_id"))
    gone = set(were.values_list("person_id", flat=True)) & {pk for pk, _home in found}
    if gone == set(adults) and len({home for _pk, home in found}) == 1:
        raise AlreadySeparated(found[0][1])


def plan_key(plan: Plan) -> tuple[object, ...]:
    return (
        plan.name,
        plan.address,
        sorted(plan.adults.items(), key=lambda item: item[0]),
        sorted(plan.children.items()),
        sorted(plan.patterns.items(), key=lambda item: item[0]),
        sorted(plan.enrolments.items()),
        sorted(plan.contacts),
        plan.alone,
    )


def moved_bookings(moving: Moving) -> Q:
    """Bookings that go with an enrolment: all of one that goes whole, else those that live, from its day."""
    if moving.whole:
        return Q(enrolment=moving.enrolment)
    return Q(enrolment=moving.enrolment, day__gte=moving.since, state__in=LIVE)


def threads_begun_by(family_id: int, adults: Collection[int]) -> list[int]:
    """Keys of the home's exchanges of which one of these adults wrote the first message itself."""
    accounts = set(User.objects.filter(person__in=adults).values_list("pk", flat=True))
    first: dict[int, int | None] = {}
    rows = Thread.objects.filter(family=family_id).order_by("messages__at", "messages__pk")
    for pk, account_id, on_behalf in rows.values_list("pk", "messages__account_id", "messages__on_behalf"):
        first.setdefault(pk, None if on_behalf else account_id)
    return sorted(pk for pk, account_id in first.items() if account_id in accounts)


def _household(family: Family, day: date) -> Household:
    rows = family.members.filter(current(day), until=None).select_related("person")
    people = tuple(rows.order_by("kind", ELDEST_FIRST, "person_id"))
    ids = [row.person_id for row in people]
    guardians = Guardianship.objects.filter(current(day), child__in=ids, adult__in=ids)
    enrolments = Enrolment.objects.filter(
        family=family, state__in=Enrolment.LIVE, ends_on__gte=day
    ).select_related("activity__structure", "person")
    contacts = PickupContact.objects.filter(family=family).select_related("child")
    return Household(
        family,
        people,
        tuple(guardians.select_related("adult", "child").order_by("child", "pk")),
        tuple(enrolments.order_by("person", "starts_on", "pk")),
        tuple(contacts.order_by("child", "order", "pk")),
    )


def _check_contacts(household: Household, plan: Plan) -> None:
    theirs = {row.pk for row in household.contacts if row.child_id in plan.shared}
    if not plan.contacts <= theirs:
        raise SeparationRefused("not_theirs")


def _moving(household: Household, plan: Plan, day: date) -> Iterator[Moving]:
    rows = {row.pk: row for row in household.enrolments}
    of_shared = {pk for pk, row in rows.items() if row.person_id in plan.shared}
    if not set(plan.enrolments) <= of_shared:
        raise SeparationRefused("not_theirs")
    for pk, row in rows.items():
        since = day if row.person_id in plan.leaving else plan.enrolments.get(pk)
        if since is None:
            continue
        if not day <= since <= row.ends_on:
            raise SeparationRefused("wrong_date", name=row.person.first_name, activity=row.activity.name)
        whole = row.state == Enrolment.State.REQUESTED or row.starts_on >= since
        to_come = Booking.objects.live().filter(enrolment=row, day__gte=since).count()
        yield Moving(row, since, whole, to_come)


def _check_requests(moving: tuple[Moving, ...]) -> None:
    """Bookings asked for in one go are answered in one go: one home has all of them."""
    if not moving:
        return
    moved = Q()
    for one in moving:
        moved |= moved_bookings(one)
    waiting = Booking.objects.filter(state=BookingState.REQUESTED)
    asked = set(waiting.filter(moved).exclude(request=None).values_list("request_id", flat=True))
    if waiting.filter(request__in=asked).exclude(pk__in=Booking.objects.filter(moved).values("pk")).exists():
        raise SeparationRefused("request_of_both")


def _same_reach(household: Household, plan: Plan) -> Iterator[str]:
    staying: list[Person] = [
        row.person
        for row in household.people
        if row.kind == Member.Kind.ADULT and row.person_id not in plan.adults
    ]
    mails = {one.email.lower() for one in staying if one.email}
    phones = {phone for one in staying for phone in own_phones(one)}
    for row in household.people:
        reach = plan.adults.get(row.person_id)
        if reach is not None and (reach.email.lower() in mails or not phones.isdisjoint(own_phones(reach))):
            yield row.person.first_name
