"""What the authorities share, and what follows from writing it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from marelle.activities.models import Activity, Opening
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.families.file.writing import residence_put
from marelle.families.models import Residence
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.calendars import calendar_applied
from marelle.flows.catalogue.shared import Followed, shared_begin, shared_edit
from marelle.journal.models import Entry
from marelle.places.models import Calendar, CalendarSpan, Commune
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
WEEK = {"name": "Quatre jours", "zone": "B", "school_weekdays": [0, 1, 3, 4]}


@pytest.fixture
def world() -> Scenario:
    world = Scenario()
    world.office = actor_for(world.staff("guichet", Role.OFFICE))  # type: ignore[attr-defined]
    return world


def winter(calendar_id: int) -> date:
    row = CalendarSpan.objects.get(calendar=calendar_id, name="Vacances d’hiver", first_day__year=2027)
    return row.first_day


def test_a_new_calendar_says_which_years_it_has_read(world):
    done = shared_begin(actor=world.office, model=Calendar, values=WEEK, now=NOW)
    calendar = Calendar.objects.get(name="Quatre jours")
    held = {row.first_day.year for row in CalendarSpan.objects.filter(calendar=calendar)}
    assert done.years
    assert done.years[0] == 2026
    assert {2026, 2027} <= held
    far = NOW.replace(year=2060)
    assert (
        shared_begin(actor=world.office, model=Calendar, values={**WEEK, "name": "Loin"}, now=far).years == ()
    )


def test_another_zone_brings_its_holidays_and_the_openings_follow(world):
    activity = world.activity("Vacances")
    world.slot(activity, "Journée", weekdays=[0], days="holidays")
    calendar = activity.calendar
    calendar_applied(actor=SYSTEM, calendar_id=calendar.pk, school_year=2026, now=NOW)
    in_a, in_b = date(2027, 2, 15), date(2027, 3, 1)
    assert winter(calendar.pk) == date(2027, 2, 13)
    assert set(Opening.objects.filter(day__in=(in_a, in_b)).values_list("day", flat=True)) == {in_a}
    typed = world.span(date(2027, 6, 11), name="Pont", calendar=calendar)
    CalendarSpan.objects.filter(pk=typed.pk).update(corrected=True, typed=True)
    before = Activity.objects.get().revision

    seen = {"name": calendar.name, "zone": "A"}
    changes = {"name": calendar.name, "zone": "B"}
    done = shared_edit(
        actor=world.office, model=Calendar, pk=calendar.pk, changes=changes, seen=seen, now=NOW
    )

    assert done.changed == ("zone",)
    assert done.years
    assert done.years[0] == 2026
    assert winter(calendar.pk) == date(2027, 2, 20)
    assert set(Opening.objects.filter(day__in=(in_a, in_b)).values_list("day", flat=True)) == {in_b}
    assert CalendarSpan.objects.filter(pk=typed.pk).exists()
    assert Activity.objects.get().revision != before
    name = {"name": "Autre nom"}
    again = {"actor": world.office, "model": Calendar, "pk": calendar.pk, "now": NOW}
    assert shared_edit(**again, changes=name, seen={"name": calendar.name}) == Followed(("name",))


def test_who_lived_in_a_commune_before_it_was_known_becomes_a_resident(world):
    homes = [world.home(name).family for name in ("Durand", "Martin", "Petit")]
    for family, city, code in zip(
        homes, ("brise combe", "Brise-Combe", "Brise-Combe"), ("21998", "21998", "75000"), strict=True
    ):
        place = {"street": "1 rue Haute", "postal_code": code, "city": city}
        residence_put(family, place, since=date(2026, 9, 2), source="facture")
    values = {"name": "Brise-Combe", "postal_code": "21998", "authorities": [world.the_authority]}
    done = shared_begin(actor=world.office, model=Commune, values=values, now=NOW)
    commune = Commune.objects.get(name="Brise-Combe")
    found = Residence.objects.filter(commune=commune).values_list("family_id", flat=True)
    assert done.residences == 2
    assert set(found) == {homes[0].pk, homes[1].pk}
    entry = Entry.objects.get(verb="commune.residents_found")
    assert (entry.subject_id, entry.data) == (commune.pk, {"count": 2})


def test_a_commune_that_was_misspelt_finds_its_people_once_it_is_renamed(world):
    misspelt = world.commune("Brisecombes", world.the_authority, postal_code="21998")
    place = {"street": "1 rue Haute", "postal_code": "21998", "city": "Brisecombe"}
    residence_put(world.home("Durand").family, place, since=date(2026, 9, 2), source="facture")
    asked = {"actor": world.office, "model": Commune, "pk": misspelt.pk, "now": NOW}
    done = shared_edit(**asked, changes={"name": "Brisecombe"}, seen={"name": "Brisecombes"})
    assert done == Followed(("name",), residences=1, authorities=frozenset({world.the_authority.pk}))
    assert misspelt.residents.count() == 1
    again = shared_edit(**asked, changes={"name": "Brisecombe"}, seen={"name": "Brisecombe"})
    assert again == Followed()
    assert Entry.objects.filter(verb="commune.residents_found").count() == 1


def test_who_does_not_keep_the_portal_writes_nothing(world):
    neighbour = actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    with pytest.raises(NotYours):
        shared_begin(actor=neighbour, model=Calendar, values=WEEK, now=NOW)
    assert not Calendar.objects.filter(name="Quatre jours").exists()
