"""Past a deadline, an age or a capacity, an agent books in a family's name by a derogation, shown as such
everywhere."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.journal.models import Entry
from tests.reading import text
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

DAY = date(2026, 9, 16)
BEFORE = datetime(2026, 9, 14, 10, tzinfo=PARIS)
TOO_LATE = datetime(2026, 9, 15, 12, 1, tzinfo=PARIS)
REASON = "Garde refusée au dernier moment"


class Counter(Scenario):
    """Zoé is in the group of the big ones, on a Wednesday with one place for each group."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.rule(self.wednesdays)
        small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.morning = self.slot(self.wednesdays, "Matin", capacity=1)
        self.enrolment(self.zoe, self.wednesdays, self.durand, group=big)
        self.of_big = self.opening(self.morning, DAY, group=big)
        self.of_small = self.opening(self.morning, DAY, group=small)
        self.office, self.directing = (
            self.staff("guichet", Role.OFFICE),
            self.staff("direction", Role.DIRECTOR),
        )
        self.planning = f"/reservations/?enfant={self.zoe.pk}&date=2026-09-14&vue=semaine&activite=toutes"

    def arrive(self) -> None:
        """Each logs in, and the office acts for the family."""
        self.agent, self.director = logged(self.office), logged(self.directing)
        self.parent = logged(self.durand.user)
        self.agent.post(f"/agents/familles/{self.durand.family.pk}/agir/")

    def book(self, client: Client, opening, derogation: str = "", *, past: bool = False) -> str:
        posted = {"seen": "", "c": f"{self.zoe.pk}.{opening.pk}", "derogation": derogation}
        posted |= {"depasse": "1"} if past else {}
        return text(client.post(self.planning, posted, follow=True))


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def counter(time_machine) -> Counter:
    time_machine.move_to(BEFORE)
    return Counter()


@pytest.mark.parametrize("full", [True, False])
def test_what_is_past_the_deadline_and_full_asks_for_both_at_once(counter, time_machine, full):
    """The deadline hides that it is full: what a reason would meet is looked at before it is given."""
    time_machine.move_to(TOO_LATE)
    counter.arrive()
    if full:
        martin = counter.home("Martin")
        ines = counter.child(martin, "Inès", born=date(2019, 3, 4))
        counter.enrolment(ines, counter.wednesdays, martin, group=counter.of_big.group)
        counter.booking(ines, counter.of_big)
    page = counter.book(counter.agent, counter.of_big)
    assert "motif" in page
    assert ("Dépasser la capacité" in page) is full
    assert not Booking.objects.filter(child=counter.zoe).exists()
    counter.book(counter.agent, counter.of_big, REASON, past=full)
    assert Booking.objects.get(child=counter.zoe).derogation == REASON


NAMED = {
    "deadline": ("délai de réservation", "délai de réservation, jusqu’au mardi 15 septembre à 12 h 00"),
    "age": ("groupe d’âge", "groupe d’âge"),
    "capacity": ("capacité", "capacité"),
}
"""The rule passed, as a booking and as an act say it."""


@pytest.mark.parametrize("limit", NAMED)
def test_each_limit_asks_for_a_reason_then_says_it_everywhere(counter, time_machine, limit):
    opening = counter.of_small if limit == "age" else counter.of_big
    if limit == "deadline":
        time_machine.move_to(TOO_LATE)
    counter.arrive()
    if limit == "capacity":
        martin = counter.home("Martin")
        ines = counter.child(martin, "Inès", born=date(2019, 3, 4))
        counter.enrolment(ines, counter.wednesdays, martin, group=opening.group)
        counter.booking(ines, opening)
    assert "dérogation" in counter.book(counter.agent, opening)
    assert not Booking.objects.filter(child=counter.zoe, state="booked").exists()
    assert "par dérogation" not in text(counter.parent.get(counter.planning))
    counter.book(counter.parent, opening, REASON, past=True)
    assert not Booking.objects.filter(child=counter.zoe, state="booked").exists(), "a parent passes nothing"
    Booking.objects.filter(child=counter.zoe).delete()
    if limit == "capacity":
        assert "cochez « Dépasser la capacité »" in counter.book(counter.agent, opening, REASON)
        assert not Booking.objects.filter(child=counter.zoe, state="booked").exists()
    counter.book(counter.agent, opening, REASON, past=limit == "capacity")
    booking = Booking.objects.get(child=counter.zoe)
    assert (booking.state, booking.derogation) == ("booked", REASON)
    entry = Entry.objects.filter(verb="booking.saved").latest("pk")
    assert entry.on_behalf
    assert entry.data["cells"][0]["derogation"] == REASON
    assert "par dérogation" in text(counter.parent.get(counter.planning))
    booked, acted = (f"dérogation ({name}) : {REASON}" for name in NAMED[limit])
    for client, address, told in (
        (counter.parent, "/historique/", acted),
        (counter.director, f"/agents/familles/{counter.durand.family.pk}/", booked),
        (counter.director, f"/agents/places/jour/?jour={DAY}", booked),
    ):
        assert told in text(client.get(address)), address
    if limit == "capacity":
        month = text(counter.director.get("/agents/places/?vue=mois&jour=2026-09-16"))
        assert "au-delà de la capacité" in month
