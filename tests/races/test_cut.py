"""PostgreSQL's connection is cut in the middle of a save, at every statement and around each COMMIT: what the
parent reads is true, or sends it to look at its planning."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest
from django.db import close_old_connections, connection
from django.test import Client

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from tests.races.crowd import crowd
from tests.races.severed import At, Ender, severable
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

DAY = date(2026, 9, 9)
NOTHING = "Rien de ce que vous venez d’envoyer n’a été enregistré"
LOOK = "vérifiez votre planning"
STATEMENTS_AT_LEAST = 12


class Screen:
    """A parent on its planning, with as many Wednesdays as one wants."""

    def __init__(self) -> None:
        self.world = Scenario()
        activity = self.world.activity()
        self.slot = self.world.slot(activity, capacity=5)
        self.world.rule(activity)
        (self.parent,) = crowd(self.world, 1, [activity])
        self.client = Client(raise_request_exception=False)
        self.client.force_login(self.parent.home.user)
        self.weeks = count()

    def opening(self) -> Opening:
        return self.world.opening(self.slot, DAY + timedelta(weeks=next(self.weeks)))

    def books(self, opening: Opening) -> str:
        """What the parent reads once it has sent the form; "" for the planning itself, by its way."""
        child = self.parent.child.pk
        answer = self.client.post(
            f"/reservations/?enfant={child}&date={opening.day}", {"c": f"{child}.{opening.pk}"}
        )
        close_old_connections()  # as a server does between two requests, and the test's client does not
        if answer.status_code == 302:
            self.led_to = answer["Location"]
            return ""
        assert answer.status_code == 503
        return answer.content.decode()

    def said(self) -> str:
        return self.client.get(self.led_to, follow=True).content.decode()


def is_booked(opening: Opening) -> bool:
    return Booking.objects.holding().filter(opening=opening).exists()


def told_truly(screen: Screen, opening: Opening, page: str) -> None:
    counters_hold()
    if not page:
        assert is_booked(opening)
        assert "Réservé" in screen.said()
    elif NOTHING in page:
        assert not is_booked(opening)
    else:
        assert LOOK in page


@pytest.fixture
def screen(time_machine) -> Screen:
    time_machine.move_to("2026-09-02T09:00:00+02:00")
    screen = Screen()
    screen.books(screen.opening())  # what a process keeps from one request to the next
    return screen


@pytest.mark.parametrize("after", [False, True])
def test_ended_at_any_statement(screen: Screen, after: bool) -> None:
    answers = set()
    for step in count(1):
        opening = screen.opening()
        ender = Ender(step, after=after)
        with connection.execute_wrapper(ender):
            page = screen.books(opening)
        told_truly(screen, opening, page)
        answers.add((NOTHING in page, LOOK in page))
        if not ender.was_reached:
            break
        if NOTHING in page or LOOK in page:
            assert not screen.books(opening), "sent again, it is saved"
            assert is_booked(opening)
    assert step > STATEMENTS_AT_LEAST
    assert answers >= {(True, False), (False, False)}


@pytest.mark.parametrize("at", list(At))
def test_cut_at_any_commit(screen: Screen, at: At) -> None:
    with severable() as line:
        for commit in count(1):
            opening = screen.opening()
            line.arm(at, commit)
            page = screen.books(opening)
            was_cut = line.was_cut
            line.arm(at, 0)
            told_truly(screen, opening, page)
            if not was_cut:
                break
            if commit == 1:
                assert LOOK in page
                assert is_booked(opening) is (at is At.DONE)
            else:
                assert not page, "the session that says what is booked is written again"
    assert commit > 2, "one COMMIT for what is booked, one for the session that says so"
