from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from marelle.activities.models import Activity, Opening
from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.calendars import calendar_applied
from marelle.mail.models import Message
from marelle.places.models import Authority
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 8, 18, 0, tzinfo=UTC)


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


def test_of_a_calendar_that_is_shared_each_office_touches_its_own_and_tells_the_other() -> None:
    """Read for the other as well, days that it had kept open were closed in its place."""
    world = Scenario()
    village = world.authority("Commune de Bourg-le-Vieux")
    Authority.objects.filter(pk=village.pk).update(email="mairie@bourg.example")
    canteen = world.structure("Cantine", authority=village)
    here, there = (world.activity("Mercredis", kind="wednesday"), world.activity("Midi", structure=canteen))
    holiday = date(2026, 12, 23)
    for activity in (here, there):
        world.slot(activity, "Matin", "08:00", "12:00", weekdays=[2], capacity=10)
        world.openings(activity, holiday)
    office = actor_for(world.staff("guichet", Role.OFFICE))
    other = actor_for(world.staff("mairie", Role.OFFICE, authority=village))
    revisions = dict(Activity.objects.values_list("pk", "revision"))
    read = {"calendar_id": world.the_calendar.pk, "school_year": 2026, "now": NOW}

    def open_days(activity: Activity) -> set[date]:
        return set(Opening.objects.filter(activity=activity).values_list("day", flat=True))

    assert calendar_applied(actor=office, **read) == 1
    assert holiday not in open_days(here)
    assert open_days(there) == {holiday}
    assert all(Activity.objects.get(pk=pk).revision != before for pk, before in revisions.items())
    told = Message.objects.get()
    assert (told.kind, told.to) == ("activities/calendar_read", "mairie@bourg.example")
    assert "2026-2027" in told.text

    assert calendar_applied(actor=other, **read) == 1
    assert holiday not in open_days(there)
    assert Message.objects.count() == 1, "the holidays had not changed since"


def test_an_office_without_an_address_is_told_by_its_agents() -> None:
    world = Scenario()
    village = world.authority("Commune de Bourg-le-Vieux")
    Authority.objects.filter(pk=village.pk).update(email="")
    world.activity("Mercredis")
    world.activity("Midi", structure=world.structure("Cantine", authority=village))
    agent = world.staff("mairie", Role.OFFICE, authority=village)
    agent.email = "agent@bourg.example"
    agent.save()
    office = actor_for(world.staff("guichet", Role.OFFICE))
    calendar_applied(actor=office, calendar_id=world.the_calendar.pk, school_year=2026, now=NOW)
    assert Message.objects.get().to == "agent@bourg.example"
