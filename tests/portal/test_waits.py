"""« Mes attentes »: said without a script, refused in words, and nothing of another home on any page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marelle.bookings.models import Booking, Passing
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.journal.models import Entry
from tests.reading import text
from tests.scenario import PASSWORD, Scenario

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=PARIS)
DAY = date(2026, 12, 2)
PAGE = "/reservations/attente/"


class Village(Scenario):
    """Zoé and Léo Durand wait for a Wednesday of which one place is left, Ana Petit behind them."""

    def __init__(self, now: datetime = NOW, day: date = DAY) -> None:
        super().__init__()
        self.durand, self.petit = self.home("Durand", identifier="durand"), self.home("Petit")
        self.zoe, self.leo = self.child(self.durand, "Zoé"), self.child(self.durand, "Léo")
        self.ana = self.child(self.petit, "Ana")
        self.wednesdays = self.activity(
            "Mercredis", first_day=day - timedelta(days=90), last_day=day + timedelta(days=90)
        )
        self.slot(self.wednesdays, "Matin", capacity=1, weekdays=[0, 1, 2, 3, 4, 5, 6])
        self.rule(self.wednesdays)
        for child, home in ((self.zoe, self.durand), (self.leo, self.durand), (self.ana, self.petit)):
            self.enrolment(child, self.wednesdays, home)
        self.opening, self.next = self.openings(self.wednesdays, day, day + timedelta(days=1))
        self.rows = [
            self.booking(
                child, self.opening, state=BookingState.WAITING, queued_at=now - timedelta(days=days)
            )
            for days, child in ((3, self.zoe), (2, self.leo), (1, self.ana))
        ]


@pytest.fixture
def world(db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def sends(client: Client, act: str, *ticked: Booking, **fields: Any) -> str:
    posted = {"act": act, "ticked": [row.pk for row in ticked], **fields}
    return text(client.post(PAGE, posted, follow=True))


def test_they_wait_together_and_read_why_they_were_passed_and_of_whom_nothing(world, parent):
    zoe, leo, _ana = world.rows
    assert "ces places vous seront données ensemble" in sends(parent, "together", zoe, leo)
    Passing.objects.create(booking=zoe, at=NOW, needed=2, left=1)
    page = text(parent.get(PAGE))
    assert "ensemble ou pas du tout" in page
    assert "passé le vendredi 20 novembre : il fallait 2 places, 1 restait" in page
    assert "Ana" not in page
    director = Client()
    director.force_login(world.staff("direction", Role.DIRECTOR))
    seen = text(director.get(f"/agents/places/attente/{world.opening.pk}/"))
    assert (
        "avec d’autres places de son foyer, ensemble ou pas du tout · passé le vendredi 20 novembre" in seen
    )
    assert "Séparer" in page
    sends(parent, "apart", key=leo.pk)
    assert not Booking.objects.exclude(waits_with=None).exists()
    sends(parent, "leave", key=leo.pk)
    assert Booking.objects.get(pk=leo.pk).state == "cancelled"


def test_one_is_enough_in_the_order_that_was_chosen(world, parent):
    zoe = world.rows[0]
    other = world.booking(world.zoe, world.next, state=BookingState.WAITING, queued_at=NOW)
    ranks = {f"rank-{zoe.pk}": 2, f"rank-{other.pk}": 1}
    assert "une seule suffit, dans cet ordre" in sends(parent, "one", zoe, other, **ranks)
    assert [Booking.objects.get(pk=row.pk).preference for row in (zoe, other)] == [2, 1]
    assert "une seule suffit · 1er choix" in text(parent.get(PAGE))


def test_what_is_offered_to_two_is_one_page_that_names_both(world, parent):
    zoe, leo, _ana = world.rows
    sends(parent, "together", zoe, leo)
    Booking.objects.filter(pk__in=[zoe.pk, leo.pk]).update(
        state=BookingState.OFFERED, offered_until=NOW + timedelta(hours=4)
    )
    page = text(parent.get(f"/reservations/proposition/{leo.pk}/"))
    assert "Des places sont proposées à Zoé et Léo" in page
    assert "Zoé · Mercredi 2 décembre" in page
    assert "toutes, ou aucune" in page
    assert "place proposée" in text(parent.get(PAGE))
    parent.post(f"/reservations/proposition/{leo.pk}/", {"answer": "accept"})
    assert {Booking.objects.get(pk=row.pk).state for row in (zoe, leo)} == {"booked"}


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        ({"act": "together"}, "Cochez au moins deux attentes."),
        ({"act": "together", "ticked": ["999999"]}, "vient de changer"),
        ({"act": "burn"}, "n’est pas lisible"),
        ({"act": "one"}, "Cochez au moins deux"),
        ({}, "n’est pas lisible"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(world, parent, posted, told):
    assert told in text(parent.post(PAGE, posted))
    assert not Booking.objects.exclude(waits_with=None, one_of=None).exists()


def test_what_was_ticked_stays_where_it_is_refused(world, parent):
    zoe, leo, _ana = world.rows
    ranks = {f"rank-{zoe.pk}": 2, f"rank-{leo.pk}": 2}
    answer = parent.post(PAGE, {"act": "one", "ticked": [zoe.pk, leo.pk], **ranks})
    assert "chaque choix doit être pour les mêmes enfants" in text(answer)
    assert answer.content.decode().count(" checked") == 2


def test_an_agent_says_it_for_the_home(world, client):
    zoe, leo, _ana = world.rows
    client.force_login(world.staff("guichet", Role.OFFICE))
    client.post(f"/agents/familles/{world.durand.family.pk}/agir/")
    assert "ces places vous seront données ensemble" in sends(client, "together", zoe, leo)
    entry = Entry.objects.filter(verb="booking.waits_together").first()
    assert (entry.family_id, entry.on_behalf) == (world.durand.family.pk, True)


def test_of_another_home_nothing_is_there(world, parent):
    ana = world.rows[2]
    assert "vient de changer" in sends(parent, "together", world.rows[0], ana)
    assert parent.post(PAGE, {"act": "leave", "key": ana.pk}).status_code == 404
    assert Booking.objects.get(pk=ana.pk).state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_a_parent_without_a_script_on_a_phone(open_page: Any) -> None:
    now = timezone.now()
    Village(now, (now + timedelta(days=12)).date())
    page = open_page(width=390, javascript=False)
    page.goto(PAGE)
    page.get_by_label("Identifiant ou adresse de courriel").fill("durand")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Je me connecte").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Attendre ensemble").click()
    page.get_by_text("ces places vous seront données ensemble").wait_for()
    assert Booking.objects.exclude(waits_with=None).count() == 2
    assert page.get_by_text("ensemble ou pas du tout").first.is_visible()
    page.locator("summary").click()
    page.get_by_role("button", name="Séparer").click()
    page.get_by_text("chaque place est attendue pour elle-même").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
