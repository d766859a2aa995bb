"""The six spans that close in one action: whom each touches, who is told, and that it is undone."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.mail.models import Message
from marelle.places.models import Closure
from tests.agents.test_closings import mark
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)
DAY, NEXT, AFTER = date(2026, 12, 2), date(2026, 12, 3), date(2026, 12, 9)


class Village(Scenario):
    """Wednesdays and Thursdays in two groups, and a canteen of one school: homes of one child."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.morning = self.slot(self.wednesdays, "Matin", capacity=9, weekdays=[2, 3])
        self.noon = self.slot(self.wednesdays, "Repas", "12:00", "13:30", capacity=9, weekdays=[2, 3])
        self.canteen = self.activity("Cantine", kind="canteen")
        self.les_tilleuls = self.school("Les Tilleuls")
        self.canteen.schools.set([self.les_tilleuls])
        self.lunch = self.slot(self.canteen, "Déjeuner", "12:00", "13:30", capacity=9, weekdays=[2])
        for activity in (self.wednesdays, self.canteen):
            self.rule(activity)
        self.books("Durand", "Zoé", self.big, self.morning, DAY)
        self.books("Petit", "Lou", self.small, self.morning, DAY)
        self.books("Kaya", "Noé", self.big, self.noon, DAY)
        self.books("Royer", "Paul", None, self.lunch, DAY)
        self.books("Pons", "Jade", self.big, self.morning, NEXT)
        self.books("Roy", "Max", self.big, self.morning, AFTER)
        self.director = Client()
        self.director.force_login(self.staff("direction", Role.DIRECTOR))

    def books(self, name: str, child: str, group, slot, day: date) -> Home:
        home = self.home(name, "Camille", identifier=name.lower())
        row = self.child(home, child)
        self.enrolment(row, slot.activity, home, group=group)
        self.booking(row, self.opening(slot, day, group=group))
        return home


SPANS = {
    "day": ("jour={DAY}", {"Zoé", "Lou", "Noé", "Paul"}),
    "week": ("jour={DAY}&fin=2026-12-04", {"Zoé", "Lou", "Noé", "Paul", "Jade"}),
    "activity": ("jour={DAY}&quoi=activity-{wednesdays}", {"Zoé", "Lou", "Noé"}),
    "group": ("jour={DAY}&quoi=group-{big}", {"Zoé", "Noé"}),
    "slot": ("jour={DAY}&quoi=slot-{morning}", {"Zoé", "Lou"}),
    "school": ("jour={DAY}&quoi=school-{les_tilleuls}", {"Paul"}),
}
CHILDREN = {"Zoé", "Lou", "Noé", "Paul", "Jade", "Max"}


@pytest.mark.parametrize("span", SPANS)
def test_whom_it_touches_who_is_told_and_undone(span, time_machine):
    time_machine.move_to(NOW)
    world = Village()
    query, touched = SPANS[span]
    ids = {name: getattr(world, name).pk for name in ("wednesdays", "big", "morning", "les_tilleuls")}
    page = f"/agents/fermetures/jour/?structure={world.the_structure.pk}&" + query.format(DAY=DAY, **ids)

    seen = world.director.get(page)
    shown = seen.content.decode()
    assert {child for child in CHILDREN if child in shown} == touched
    world.director.post(page, {"vu": mark(seen), "reason": "Sortie scolaire", "words": "À jeudi."})

    live = set(Booking.objects.live().values_list("child__first_name", flat=True))
    assert live == CHILDREN - touched
    mails = Message.objects.filter(kind="bookings/day_closed")
    assert mails.count() == len(touched)
    assert all("Sortie scolaire" in mail.text and "À jeudi." in mail.text for mail in mails)

    closure = Closure.objects.get()
    listed = world.director.get("/agents/fermetures/").content.decode()
    assert f"/agents/fermetures/{closure.pk}/" in listed
    world.director.post(f"/agents/fermetures/{closure.pk}/annuler/")
    assert set(Booking.objects.live().values_list("child__first_name", flat=True)) == CHILDREN
    assert Message.objects.exclude(kind="bookings/day_closed").count() == len(touched)


def test_what_is_over_or_undone_is_still_found(time_machine):
    time_machine.move_to(NOW)
    world = Village()
    page = f"/agents/fermetures/jour/?structure={world.the_structure.pk}&jour={DAY}"
    world.director.post(page, {"vu": mark(world.director.get(page)), "reason": "Neige"})
    address = f"/agents/fermetures/{Closure.objects.get().pk}/"
    assert address in world.director.get("/agents/fermetures/").content.decode()
    assert address not in world.director.get("/agents/fermetures/?voir=passees").content.decode()
    world.director.post(f"{address}annuler/")
    assert address not in world.director.get("/agents/fermetures/").content.decode()
    over = world.director.get("/agents/fermetures/?voir=passees").content.decode()
    assert address in over
    assert "annulée" in over
    Closure.objects.update(undone_at=None, first_day=date(2026, 11, 18), last_day=date(2026, 11, 18))
    assert address in world.director.get("/agents/fermetures/?voir=passees").content.decode()
