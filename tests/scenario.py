"""The cast and the places of a test, told in the words of the domain.

    world = Scenario()
    durand = world.home("Durand", "Camille")
    zoe = world.child(durand, "Zoé", born=date(2019, 3, 4))
    wednesdays = world.activity("Mercredis", kind="wednesday")
    morning = world.slot(wednesdays, "Matin", "08:00", "12:00", weekdays=[2], capacity=10)
    world.rule(wednesdays)
    (opening,) = world.openings(wednesdays, date(2026, 9, 9))
    world.enrolment(zoe, wednesdays, durand)
    world.booking(zoe, opening)

Rows are written straight to the tables, so that a test of a service does not lean on another service.
Counters of places are kept consistent. What is not given has one sensible value, made once and shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from io import BytesIO
from typing import Any

import pikepdf
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone
from PIL import Image

from marelle.accounts.models import User
from marelle.activities.generation import half_hours
from marelle.activities.models import Activity, AgeGroup, Opening, Quota
from marelle.billing.models import Payer, PayerAccess
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING, BookingState
from marelle.core.actor import Actor, Guest, Role
from marelle.core.clock import PARIS, instant_at, local
from marelle.enrolments.models import Enrolment, GroupChoice, TeenAccess, TeenPermission
from marelle.families.finding.index import index_rebuild
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
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.flows.actor.actors import actor_for
from marelle.places.models import (
    Authority,
    Calendar,
    CalendarSpan,
    Commune,
    Post,
    School,
    Structure,
    StructureContact,
)
from marelle.places.rules import SpanKind
from marelle.relay.models import Childminder, ChildminderAccess
from tests.offer import FIRST_DAY, LONG_AGO, Offer

PASSWORD = "Une-phrase-a-retenir-2026"


@dataclass
class Home:
    """A family with its adults, in the order in which they came."""

    family: Family
    adults: list[Person] = field(default_factory=list)

    @property
    def adult(self) -> Person:
        return self.adults[0]

    @property
    def user(self) -> User:
        """The account of the first adult."""
        assert self.adult.account is not None
        return self.adult.account

    @property
    def actor(self) -> Actor:
        return actor_for(self.user)


class Numbers:
    """1, 2, 3… of a world of which copies are made: each goes on by itself."""

    def __init__(self) -> None:
        self._last = 0

    def __next__(self) -> int:
        self._last += 1
        return self._last


class Scenario(Offer):
    def __init__(self) -> None:
        self._numbers = Numbers()

    # Places

    @cached_property
    def the_authority(self) -> Authority:
        return self.authority()

    @cached_property
    def the_commune(self) -> Commune:
        return self.commune("Arelle", self.the_authority)

    @cached_property
    def the_calendar(self) -> Calendar:
        return self.calendar()

    @cached_property
    def the_school(self) -> School:
        return self.school("École des Tilleuls")

    @cached_property
    def the_structure(self) -> Structure:
        return self.structure("Accueil de loisirs d’Arelle")

    def authority(self, name: str = "Communauté de communes du Val d’Arelle") -> Authority:
        return Authority.objects.create(name=name, short_name=name[:40], email="contact@arelle.example")

    def commune(self, name: str, *authorities: Authority, postal_code: str = "21999") -> Commune:
        """Its people are residents for `authorities`; none given: of no authority."""
        commune = Commune.objects.create(name=name, postal_code=postal_code)
        commune.authorities.set(authorities)
        return commune

    def calendar(
        self, name: str = "", *, zone: str = "A", school_weekdays: Sequence[int] = (0, 1, 3, 4)
    ) -> Calendar:
        return Calendar.objects.create(
            name=name or f"Calendrier {next(self._numbers)}",
            zone=zone,
            school_weekdays=list(school_weekdays),
        )

    def span(
        self,
        first_day: date,
        last_day: date | None = None,
        *,
        kind: SpanKind = SpanKind.SCHOOL_HOLIDAY,
        name: str = "Vacances",
        calendar: Calendar | None = None,
    ) -> CalendarSpan:
        return CalendarSpan.objects.create(
            calendar=calendar or self.the_calendar,
            kind=kind,
            name=name,
            first_day=first_day,
            last_day=last_day or first_day,
        )

    def school(self, name: str) -> School:
        return School.objects.create(name=name, commune=self.the_commune, calendar=self.the_calendar)

    def structure(self, name: str, *, kind: str = "leisure", authority: Authority | None = None) -> Structure:
        structure = Structure.objects.create(
            authority=authority or self.the_authority, name=name, kind=kind, commune=self.the_commune
        )
        StructureContact.objects.create(
            structure=structure,
            label=name,
            ages="pour les 3–12 ans",
            email="structure@arelle.example",
            phone="03 00 00 00 01",
        )
        return structure

    def staff(
        self,
        identifier: str,
        role: Role,
        *,
        authority: Authority | None = None,
        structure: Structure | None = None,
    ) -> User:
        """An account with one post; the shared authority or structure when its role asks for one."""
        user = self._user(identifier, identifier.capitalize())
        if role is Role.OFFICE:
            authority = authority or self.the_authority
        elif role in {Role.DIRECTOR, Role.ANIMATOR}:
            structure = structure or self.the_structure
        Post.objects.create(user=user, role=role.value, authority=authority, structure=structure)
        return user

    def guest(self, identifier: str, payer: Payer) -> PayerAccess:
        """Somebody who reads the bills of a payer, by an account of its own."""
        return PayerAccess.objects.create(payer=payer, **self._guest(identifier, Guest.PAYER, "departement"))

    def minder(self, identifier: str, row: Childminder) -> ChildminderAccess:
        """A childminder who comes in by an account of her own."""
        given = self._guest(identifier, Guest.CHILDMINDER, "accueil")
        return ChildminderAccess.objects.create(childminder=row, **given)

    def teen(self, home: Home, child: Person, *activities: Activity, identifier: str = "") -> TeenAccess:
        """A child with an account of its own in a home, who books for itself in these activities."""
        given = self._guest(identifier or _ascii(child.first_name), Guest.TEEN, "jeunes", str(child))
        given["given_by"] = home.user.display_name
        access = TeenAccess.objects.create(family=home.family, child=child, **given)
        for activity in activities:
            dated = {"given_at": access.given_at, "given_by": access.given_by}
            TeenPermission.objects.create(access=access, activity=activity, **dated)
        return access

    def _guest(self, identifier: str, kind: Guest, domain: str, name: str = "") -> dict[str, Any]:
        """Of what a guest is given: whose, since when, by whom."""
        user = self._user(identifier, name or identifier.capitalize())
        user.guest, user.email = kind.value, f"{_ascii(identifier)}@{domain}.example"
        user.save(update_fields=["guest", "email"])
        return {"account": user, "given_at": _noon(LONG_AGO), "given_by": "Line"}

    # Families

    def home(
        self,
        name: str,
        first_name: str = "Camille",
        *,
        identifier: str = "",
        commune: Commune | None = None,
        address: bool = True,
    ) -> Home:
        """A family with one adult, who has an account named after the family, and an address."""
        number = next(self._numbers)
        home = Home(Family.objects.create(number=f"F{number:05}", name=name, created_at=_noon(LONG_AGO)))
        self.adult(home, first_name, identifier=identifier or f"{_ascii(name)}{number}")
        if address:
            Residence.objects.create(
                family=home.family,
                street=f"{number} rue des {name}",
                postal_code="21999",
                city="Arelle",
                commune=commune or self.the_commune,
                since=LONG_AGO,
                source="justificatif",
            )
        return home

    def adult(self, home: Home, first_name: str, *, identifier: str = "", last_name: str = "") -> Person:
        """Another adult of the home; with an account when `identifier` is given."""
        number = next(self._numbers)
        last_name = last_name or home.family.name
        person = Person.objects.create(
            first_name=first_name,
            last_name=last_name,
            email=f"{_ascii(first_name)}.{number}@famille.example",
            phone=f"06 00 00 {number // 100:02} {number % 100:02}",
            account=self._user(identifier, f"{first_name} {last_name}") if identifier else None,
        )
        self._member(home, person, Member.Kind.ADULT)
        home.adults.append(person)
        return person

    def child(
        self,
        home: Home,
        first_name: str,
        *,
        born: date | None = date(2018, 5, 14),
        expected_on: date | None = None,
        last_name: str = "",
        school: School | None = None,
        level: str = "CE1",
    ) -> Person:
        """A child of whom every adult of the home is guardian, with all rights."""
        child = Person.objects.create(
            first_name=first_name,
            last_name=last_name or home.family.name,
            birth_date=born,
            expected_on=expected_on,
        )
        self._member(home, child, Member.Kind.CHILD)
        for adult in home.adults:
            self.guardian(adult, child)
        if school is not None:
            Schooling.objects.create(
                child=child, school=school, school_year=FIRST_DAY.year, level=level, teacher="Mme Aubry"
            )
        return child

    def guardian(self, adult: Person, child: Person, *, link: str = "mother", **rights: Any) -> Guardianship:
        """`rights` are fields of the model: `may_book=False`, `until=…`."""
        return Guardianship.objects.create(
            adult=adult, child=child, link=link, **{"since": LONG_AGO, **rights}
        )

    def shared(
        self,
        child: Person,
        first: Home,
        second: Home,
        *,
        holidays: CustodyHolidays = CustodyHolidays.SAME_AS_WEEKS,
        other_holidays: CustodyHolidays = CustodyHolidays.SAME_AS_WEEKS,
    ) -> None:
        """The child of `first` also lives in `second`: even weeks in the first, odd in the second."""
        member = self._member(second, child, Member.Kind.CHILD)
        for adult in second.adults:
            self.guardian(adult, child, link="father")
        self.custody(Member.objects.get(family=first.family, person=child), CustodyWeeks.EVEN, holidays)
        self.custody(member, CustodyWeeks.ODD, other_holidays)

    def custody(
        self,
        member: Member,
        weeks: CustodyWeeks,
        holidays: CustodyHolidays = CustodyHolidays.SAME_AS_WEEKS,
        *,
        since: date = LONG_AGO,
        until: date | None = None,
    ) -> CustodyPeriod:
        return CustodyPeriod.objects.create(
            member=member, weeks=weeks, holidays=holidays, since=since, until=until
        )

    def searchable(self) -> None:
        """Homes are found by the search: it reads an index that the rows above did not write."""
        index_rebuild(day=local(timezone.now()).date())

    def quotient(self, home: Home, amount: str = "734.00", *, since: date = date(2026, 1, 1)) -> Income:
        return self.income(home, IncomeKind.QUOTIENT, amount, since=since)

    def income(
        self,
        home: Home,
        kind: IncomeKind,
        amount: str | None,
        status: IncomeStatus = IncomeStatus.PROVED,
        *,
        since: date = date(2026, 1, 1),
        source: str = "attestation de la CAF",
        **fields: Any,
    ) -> Income:
        told = sealed_of(Told(status, None if amount is None else Decimal(amount)))
        return Income.objects.create(
            family=home.family, kind=kind, since=since, source=source, **told, **fields
        )

    # Enrolments and bookings

    def enrolment(
        self,
        child: Person,
        activity: Activity,
        home: Home,
        *,
        state: str = Enrolment.State.ACCEPTED,
        group: AgeGroup | None = None,
        **fields: Any,
    ) -> Enrolment:
        enrolment = Enrolment.objects.create(
            **{
                "family": home.family,
                "person": child,
                "activity": activity,
                "state": state,
                "starts_on": activity.first_day,
                "ends_on": activity.last_day,
                "requested_at": _noon(activity.first_day),
                "requested_by": str(home.adult),
                **fields,
            }
        )
        if group is not None:
            GroupChoice.objects.create(enrolment=enrolment, group=group, since=enrolment.starts_on)
        return enrolment

    def booking(
        self,
        child: Person,
        opening: Opening,
        *,
        state: BookingState = BookingState.BOOKED,
        enrolment: Enrolment | None = None,
        hours: tuple[str, str] | None = None,
        **fields: Any,
    ) -> Booking:
        """A booking of the child's live enrolment; takes the places that it lacks, past the capacity if need
        be."""
        if enrolment is None:
            enrolment = Enrolment.objects.get(
                person=child, activity_id=opening.activity_id, state__in=Enrolment.LIVE
            )
        starts_at, ends_at = opening.starts_at, opening.ends_at
        if hours is not None:
            starts_at, ends_at = (instant_at(opening.day, time.fromisoformat(hour)) for hour in hours)
        queued = {"queued_at": _noon(FIRST_DAY)} if state is BookingState.WAITING else {}
        booking = Booking.objects.create(
            **{
                "opening": opening,
                "child": child,
                "family_id": enrolment.family_id,
                "enrolment": enrolment,
                "day": opening.day,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "state": state,
                "created_at": _noon(FIRST_DAY),
                "created_by": enrolment.requested_by,
                **queued,
                **fields,
            }
        )
        if state in HOLDING:
            others = Booking.objects.holding().filter(child=child, day=opening.day).exclude(pk=booking.pk)
            counted = {quota.pk for other in others for quota in _drawn_on(other)}
            for quota in _drawn_on(booking):
                if quota.pk not in counted:
                    quota.taken += 1
                    quota.overdraft = max(quota.overdraft, quota.taken - quota.capacity)
                    quota.save(update_fields=["taken", "overdraft"])
        return booking

    def _user(self, identifier: str, label: str) -> User:
        return User.objects.create_user(identifier, PASSWORD, display_name=label)

    def _member(self, home: Home, person: Person, kind: str) -> Member:
        return Member.objects.create(family=home.family, person=person, kind=kind, since=LONG_AGO)


def _drawn_on(booking: Booking) -> QuerySet[Quota]:
    parts = half_hours(local(booking.starts_at).time(), local(booking.ends_at).time())
    return booking.opening.quotas.filter(part__in=(Quota.WHOLE_DAY, *parts))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=PARIS)


def _ascii(text: str) -> str:
    return text.lower().encode("ascii", "ignore").decode() or "foyer"


def picture(name: str = "photo.png") -> SimpleUploadedFile:
    """A small picture, as a phone sends one."""
    content = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def blank_pdf() -> bytes:
    """Of one page."""
    content = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(content)
    return content.getvalue()


def session_of(user: User) -> str:
    """The key of a session that is open, for `visitor`: opening one costs as much as a page."""
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    assert key
    return key


class Plain(Client):
    """Without a copy of each template's context, which costs as much as a small page; a fault of the server
    is an answer. The middlewares are made once for all: who asks so changes no setting that they read."""

    chain = ClientHandler(enforce_csrf_checks=False)

    def __init__(self) -> None:
        super().__init__()
        self.handler = self.chain

    def request(self, **request: Any) -> Any:
        answer = self.handler(self._base_environ(**request))
        self.cookies.update(answer.cookies)
        return answer


def visitor(session: str | None) -> Plain:
    """Somebody with that session, or nobody."""
    client = Plain()
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client
