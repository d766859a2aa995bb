"""The relais: demands of childcare at each step, childminders, and who comes to the next mornings."""

from __future__ import annotations

from datetime import date, time, timedelta

from marelle.accounts.models import User
from marelle.core.actor import Actor, Guest
from marelle.core.clock import instant_at
from marelle.demo.commission import commission_prepared, commission_sat
from marelle.demo.people import birth
from marelle.demo.year import SchoolYear
from marelle.families.models import Member
from marelle.flows.actor.actors import actor_for
from marelle.places.models import Structure, StructureKind
from marelle.relay.models import Childminder, ChildminderAccess
from marelle.relay.rules import Care, Means
from marelle.relay.scope import mornings
from marelle.relay.services import Demand, care_ask, care_contact
from marelle.relay.visits import Brought, visit_book, visit_enter

OUTSIDE = Actor(user_id=None, label="Futurs parents")
FULL_DAYS = {day: (time(8), time(17, 30)) for day in (0, 1, 3)}
CHILDMINDERS = (("Odile Fontaine", "06 39 98 21 01"), ("Samira Haddad", "06 39 98 21 02"))


def write_relay(year: SchoolYear) -> None:
    relay = Structure.objects.get(kind=StructureKind.RELAY)
    _write_demands(year.today)
    kept = [
        Childminder.objects.create(authority_id=relay.authority_id, name=name, phone=phone)
        for name, phone in CHILDMINDERS
    ]
    _let_in(year.today, kept[0])
    _write_visits(year, kept)


def _write_demands(today: date) -> None:
    office = actor_for(User.objects.get(identifier="guichet"))
    at = instant_at(today - timedelta(days=12), time(21, 5))
    waiting = care_ask(
        actor=OUTSIDE,
        demand=_demand("Clara Weiss", expected=today + timedelta(days=90), start=today + timedelta(days=180)),
        now=at,
    )
    care_contact(
        actor=office,
        request_id=waiting.pk,
        on=today - timedelta(days=9),
        means=Means.PHONE,
        note="Rappeler après la naissance ; horaires décalés un jour sur deux.",
        now=instant_at(today - timedelta(days=9), time(10, 20)),
    )
    care_ask(
        actor=OUTSIDE,
        demand=_demand("Youssef Amrani", birth=today - timedelta(days=300), start=today + timedelta(days=40)),
        now=instant_at(today - timedelta(days=2), time(7, 40)),
    )
    durand = actor_for(User.objects.get(identifier="durand"))
    answered = care_ask(
        actor=durand,
        demand=_demand("Camille Durand", birth=birth(today, 1, 2), start=today + timedelta(days=20)),
        now=instant_at(today - timedelta(days=60), time(20, 15)),
    )
    care_contact(
        actor=office,
        request_id=answered.pk,
        on=today - timedelta(days=57),
        means=Means.PHONE,
        note="Deux jours par semaine suffiraient.",
        now=instant_at(today - timedelta(days=57), time(9, 30)),
    )
    commission_sat(office, durand, answered, today)
    commission_prepared(office, today)


def _demand(name: str, *, birth: date | None = None, expected: date | None = None, start: date) -> Demand:
    first_name, _last_name = name.split()
    return Demand(
        asker_name=name,
        email=f"{first_name.lower()}@familles.example",
        phone="",
        commune_id=None,
        child_first_name="" if expected else "Noé",
        birth_date=birth,
        expected_on=expected,
        care=Care.ANY,
        starts_on=start,
        weekly=FULL_DAYS,
        remarks="",
    )


def _let_in(today: date, childminder: Childminder) -> None:
    """She comes in by herself since last month."""
    for user in User.objects.filter(guest=Guest.CHILDMINDER):
        at = instant_at(today - timedelta(days=30), time(9, 10))
        ChildminderAccess.objects.create(
            childminder=childminder, account=user, given_at=at, given_by="Nadège Courtin"
        )
        Childminder.objects.filter(pk=childminder.pk).update(email=user.email)


def _write_visits(year: SchoolYear, childminders: list[Childminder]) -> None:
    """The next two mornings that may be booked."""
    now = instant_at(year.today, time(7))
    ahead = mornings().filter(day__gt=year.today + timedelta(days=1), state="open").order_by("day")[:2]
    durand = actor_for(User.objects.get(identifier="durand"))
    office = actor_for(User.objects.get(identifier="guichet"))
    youngest = (
        Member.objects.filter(family_id=durand.home_id, kind=Member.Kind.CHILD)
        .order_by("-person__birth_date")
        .values_list("person_id", flat=True)[0]
    )
    for opening in ahead:
        visit_enter(
            actor=office,
            opening_id=opening.pk,
            childminder_id=childminders[0].pk,
            brought=[Brought("Lou"), Brought("Sacha"), Brought("Nino")],
            now=now,
        )
    for opening in ahead[:1]:
        visit_book(
            actor=durand, opening_id=opening.pk, adult_name="Hugo Durand", child_ids=[youngest], now=now
        )
