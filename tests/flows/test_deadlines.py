"""« Pensez à réserver »: who is told, when, and once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from marelle.bookings.models import DeadlineTold
from marelle.core.clock import PARIS
from marelle.flows.messages import deadlines
from marelle.flows.messages.deadlines import deadlines_tell
from marelle.mail.models import Message
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 11, 30, 18, 5, tzinfo=PARIS)
"""Monday: the Wednesday of the 2nd is booked until Tuesday at noon."""


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.wednesdays = self.activity("Mercredis")
        self.slot(self.wednesdays, "Matin", capacity=10)
        self.rule(self.wednesdays)
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.days = self.openings(self.wednesdays, date(2026, 12, 2), date(2026, 12, 16))
        self.asks()

    def asks(self, *, deadline: bool = True) -> None:
        self.durand.user.notices = {"deadline": deadline}
        self.durand.user.save()


@pytest.fixture
def world() -> Village:
    deadlines._done.clear()
    return Village()


def tell(now: datetime = EVENING) -> int:
    """As another process, or the same after a restart, would."""
    deadlines._done.clear()
    return deadlines_tell(now=now)


def test_the_evening_before_a_limit_and_once_for_its_week(world):
    assert tell() == 1
    mail = Message.objects.get()
    assert mail.kind == "bookings/deadline_near"
    assert mail.to == world.durand.adult.email
    assert "jusqu’au mardi 1er décembre à 12 h 00" in mail.text
    assert tell() == tell(EVENING + timedelta(hours=1)) == 0
    assert DeadlineTold.objects.get().week == date(2026, 11, 30)
    assert tell(EVENING + timedelta(days=7)) == 1


def test_nobody_is_told_who_did_not_ask(world):
    world.asks(deadline=False)
    assert tell() == 0
    assert not Message.objects.exists()


@pytest.mark.parametrize("hour", [0, 9, 17, 22, 23])
def test_only_in_the_evening(world, hour):
    assert tell(EVENING.replace(hour=hour)) == 0


def test_not_while_the_limit_is_far(world):
    assert tell(EVENING - timedelta(days=1)) == 0


def test_not_once_something_is_booked_ahead(world):
    world.booking(world.zoe, world.days[2])
    assert tell() == 0


def test_not_by_who_only_looks(world):
    world.zoe.guardians.update(may_book=False)
    assert tell() == 0


def test_a_process_goes_through_an_evening_once(world, count_queries):
    assert deadlines_tell(now=EVENING) == 1
    with count_queries(0):
        assert deadlines_tell(now=EVENING + timedelta(minutes=1)) == 0
