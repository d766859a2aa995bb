"""A Wednesday of one structure, told on the eve: what its lists must say of each child."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.test import Client

from marelle.bookings.models import Absence, Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import Consent
from marelle.flows.actor.actors import actor_for
from marelle.flows.door.evening import evening_set
from marelle.flows.models import Evening
from tests.care import asked, ban, contact, permission, sheet
from tests.scenario import Scenario

NOW = datetime(2026, 12, 1, 17, 30, tzinfo=PARIS)
TODAY, DAY = date(2026, 12, 1), date(2026, 12, 2)


class Village(Scenario):
    """A Wednesday: Zoé has everything to be known, Noé is absent, Ana waits for an answer, Ugo comes."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.slot(self.wednesdays, "Matin", weekdays=range(7))
        self.slot(self.wednesdays, "Repas", "12:00", "13:30", weekdays=range(7), has_meal=True)
        self.places = {
            group.pk: self.openings(self.wednesdays, DAY, group=group) for group in (self.small, self.big)
        }
        self.durand = self.home("Durand")
        self.zoe = self.comes("Zoé", self.big)
        self.noe = self.comes("Noé", self.small)
        self.ugo = self.comes("Ugo", self.small)
        self.ana = self.comes("Ana", self.big, BookingState.REQUESTED)
        for booking in Booking.objects.filter(child=self.noe):
            Absence.objects.create(booking=booking, declared_at=NOW, declared_by="Camille Durand")
        self.zoe.diet = "no_pork"
        self.zoe.save()
        sheet(
            self.zoe,
            allergies="arachide <crue>",
            is_severe=True,
            pai=True,
            pai_meal="family",
            treatments="Ventoline",
            remarks="Dort mal",
            doctor_name="Dr Sow",
            doctor_phone="+33353012999",
        )
        contact(self.durand, self.zoe, "Line Roche")
        contact(self.durand, self.zoe, "Max Perrin", may_fetch=True, order=2)
        ban(self.zoe, "Max Perrin")
        permission(self.durand, self.zoe, DAY)
        leaves = asked(self.the_authority, "Rentrer seul", needs_hour=True)
        Consent.objects.create(
            child=self.zoe,
            family=self.durand.family,
            type=leaves,
            school_year=2026,
            given=True,
            from_hour=time(17),
            answered_by="Camille",
            answered_at=NOW,
        )

    def comes(self, name, group, state=BookingState.BOOKED):
        child = self.child(self.durand, name, born=date(2020, 3, 4))
        enrolment = self.enrolment(child, self.wednesdays, self.durand, group=group)
        for opening in self.places[group.pk]:
            self.booking(child, opening, enrolment=enrolment, state=state)
        return child

    def as_role(self, role: Role, **where) -> Client:
        client = Client()
        client.force_login(self.staff(f"{role}{len(where)}", role, **where))
        return client


EVENING = datetime(2026, 12, 1, 18, 0, tzinfo=PARIS)
TO = "mairie@arelle.example"


class Eve(Village):
    """The same, whose structure sends its list at six."""

    def __init__(self) -> None:
        super().__init__()
        self.office = actor_for(self.staff("guichet", Role.OFFICE))
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))
        self.sends(NOW - timedelta(days=3))

    @property
    def site(self) -> int:
        return int(self.wednesdays.structure_id)

    def sends(self, now: datetime, **where: Any) -> None:
        chosen = {"hour": time(18), "to": TO, "in_folder": False, **where}
        evening_set(actor=self.office, structure_id=self.site, now=now, **chosen)

    @property
    def password(self) -> str:
        return str(Evening.objects.get().password)
