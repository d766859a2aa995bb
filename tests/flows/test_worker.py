"""The background work goes on whatever happens, and does each thing once."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.clock import PARIS
from marelle.flows.upkeep.worker import one_round, work
from marelle.mail.models import Message, MessageState
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 9, 1, 12, tzinfo=PARIS)
LONG_ENOUGH = 20


FAR_AHEAD = date(2036, 9, 10)
"""Still to come by the real clock, which the loop reads."""


def a_child_waits_for_a_free_place(day: date = date(2026, 9, 9)) -> Booking:
    world = Scenario()
    home = world.home("Durand")
    zoe = world.child(home, "Zoé")
    activity = world.activity()
    world.slot(activity, capacity=1)
    world.rule(activity)
    (opening,) = world.openings(activity, day)
    world.enrolment(zoe, activity, home)
    return world.booking(zoe, opening, state=BookingState.WAITING)


def test_a_round_hands_the_place_on_and_sends_the_mail_that_says_so() -> None:
    booking = a_child_waits_for_a_free_place()
    assert one_round(now=NOW) is True
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED
    assert Message.objects.get().state == MessageState.SENT


def test_a_second_round_finds_nothing_to_do() -> None:
    a_child_waits_for_a_free_place()
    one_round(now=NOW)
    assert one_round(now=NOW + timedelta(days=1)) is True
    assert Message.objects.count() == 1


def test_a_mail_server_that_is_away_does_not_keep_places_from_being_given(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.mail.failing.Down"
    booking = a_child_waits_for_a_free_place()
    assert one_round(now=NOW) is False
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED
    assert Message.objects.get().state == MessageState.QUEUED


def test_a_failing_job_is_logged_and_the_other_is_done(caplog: pytest.LogCaptureFixture) -> None:
    booking = a_child_waits_for_a_free_place()

    def no_mail(execute: Any, sql: str, *rest: Any) -> Any:
        if "mail_message" in sql and sql.startswith("SELECT"):
            raise DatabaseError("the table is away")
        return execute(sql, *rest)

    with connection.execute_wrapper(no_mail):
        assert one_round(now=NOW) is False
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED
    assert "Background work failed" in caplog.text


def test_copies_in_threads_work_until_they_are_stopped(settings: Any) -> None:
    """Two at once, each with its own connections; `stop` ends them."""
    booking = a_child_waits_for_a_free_place(FAR_AHEAD)
    stop = threading.Event()
    copies = [threading.Thread(target=work, kwargs={"stop": stop, "pause": 0.01}) for _copy in range(2)]
    for copy in copies:
        copy.start()
    waited = threading.Event()
    for _try in range(LONG_ENOUGH * 20):
        if Message.objects.filter(state=MessageState.SENT).exists():
            break
        waited.wait(0.05)
    stop.set()
    for copy in copies:
        copy.join(LONG_ENOUGH)
    assert not any(copy.is_alive() for copy in copies)
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED
    assert Message.objects.filter(state=MessageState.SENT).count() == Message.objects.count() == 1


@pytest.mark.usefixtures("files_folder")
def test_once_for_cron_says_when_the_work_failed(settings: Any) -> None:
    a_child_waits_for_a_free_place()
    one_round(now=NOW)
    Message.objects.update(state=MessageState.QUEUED)
    settings.EMAIL_BACKEND = "tests.mail.failing.Down"
    with pytest.raises(CommandError):
        call_command("worker", "--once")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    call_command("worker", "--once")
    assert Message.objects.get().state == MessageState.SENT
