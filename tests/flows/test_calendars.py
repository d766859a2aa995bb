from __future__ import annotations

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from marelle.activities.models import Activity, Opening
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


def test_a_calendar_read_again_renews_definitions_and_keeps_what_is_booked() -> None:
    world = Scenario()
    durand = world.home("Durand", "Camille")
    zoe = world.child(durand, "Zoé", born=date(2019, 3, 4))
    wednesdays = world.activity("Mercredis", kind="wednesday")
    world.slot(wednesdays, "Matin", "08:00", "12:00", weekdays=[2], capacity=10)
    term, holiday = date(2026, 12, 9), date(2026, 12, 23)
    (kept,) = world.openings(wednesdays, holiday)
    world.enrolment(zoe, wednesdays, durand)
    world.booking(zoe, kept)
    before = wednesdays.revision

    call_command("calendars", "2026")

    assert Activity.objects.get(pk=wednesdays.pk).revision != before
    days = set(Opening.objects.filter(activity=wednesdays).values_list("day", flat=True))
    assert term in days
    assert holiday in days
    assert date(2026, 12, 30) not in days


def test_a_year_that_is_not_published_is_refused() -> None:
    assert Scenario().the_calendar.pk
    with pytest.raises(CommandError, match="pas publiées"):
        call_command("calendars", "2060")
