"""Calendars that follow the libraries, and structures as cards."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.core.actor import SYSTEM
from marelle.core.refusals import NotYours
from marelle.journal.models import Entry
from marelle.places.models import CalendarSpan, StructureContact
from marelle.places.selectors import structures_to_reach
from marelle.places.services import calendar_refresh
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)


def refresh(calendar_id: int):
    return calendar_refresh(actor=SYSTEM, calendar_id=calendar_id, school_year=2025, now=NOW)


def test_a_calendar_takes_the_holidays_of_its_zone_once():
    calendar = Scenario().calendar(zone="B")
    first = refresh(calendar.pk)
    assert CalendarSpan.objects.filter(calendar=calendar).count() == len(first.add) > 10
    again = refresh(calendar.pk)
    assert (again.add, again.remove) == ((), ())
    assert Entry.objects.filter(verb="calendar.refreshed").count() == 2


def test_a_row_corrected_by_an_agent_stays():
    calendar = Scenario().calendar()
    refresh(calendar.pk)
    row = CalendarSpan.objects.filter(calendar=calendar, name__contains="Noël").first()
    assert row is not None
    row.last_day, row.corrected = date(2026, 1, 9), True
    row.save()
    refresh(calendar.pk)
    row.refresh_from_db()
    assert row.last_day == date(2026, 1, 9)


def test_a_parent_changes_no_calendar():
    world = Scenario()
    with pytest.raises(NotYours):
        calendar_refresh(
            actor=world.home("Durand").actor, calendar_id=world.the_calendar.pk, school_year=2025, now=NOW
        )


def test_an_unknown_calendar_is_refused():
    with pytest.raises(NotYours):
        refresh(0)


def test_a_structure_shows_its_contacts_in_order_or_none(count_queries):
    world = Scenario()
    silent = world.structure("Silencieuse")
    silent.contacts.all().delete()
    talking = world.structure("Bavarde")
    StructureContact.objects.create(structure=talking, label="Second", order=2)
    with count_queries(1):
        cards = {card.name: card for card in structures_to_reach()}
    assert cards["Silencieuse"].contacts == ()
    assert [line.label for line in cards["Bavarde"].contacts] == ["Bavarde", "Second"]
