"""« Écoles et calendriers »: a portal is set up from its screens, and what is used there stays."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from html import unescape

import pytest
from django.test import Client

from marelle.activities.models import Activity
from marelle.activities.services import openings_generate
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.flows.catalogue.calendars import calendar_applied
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, School, Structure
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
HERE = "/agents/activites/structures/partage/"


def text(answer) -> str:
    return unescape(answer.content.decode()).replace("\xa0", " ")


def seen(answer) -> str:
    return unescape(answer.content.decode().split('name="seen" value="')[1].split('"', maxsplit=1)[0])


def logged(world: Scenario, name: str, role: Role, **post) -> Client:
    client = Client()
    client.force_login(world.staff(name, role, **post))
    return client


built = built_once(Scenario, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Scenario:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def test_from_an_empty_portal_to_an_activity(world):
    """Whoever installs it has a post, and nothing else."""
    admin = logged(world, "admin", Role.ADMINISTRATOR)
    assert f'href="{HERE}"' in text(admin.get("/agents/activites/structures/"))
    names = {"name": "Communauté du Val", "short_name": "Le Val"}
    assert "C’est ajouté" in text(admin.post(f"{HERE}collectivites/ajouter/", names, follow=True))
    authority = Authority.objects.get()
    commune = {"name": "Arelle", "postal_code": "21999", "authorities": [authority.pk]}
    admin.post(f"{HERE}communes/ajouter/", commune)
    week = {"name": "Zone A", "zone": "A", "school_weekdays": ["0", "1", "3", "4"]}
    admin.post(f"{HERE}calendriers/ajouter/", week)
    calendar = Calendar.objects.get()
    assert CalendarSpan.objects.filter(calendar=calendar, first_day__year=2026).exists()
    place = Commune.objects.get()
    school = {"name": "Les Tilleuls", "commune": place.pk, "calendar": calendar.pk}
    admin.post(f"{HERE}ecoles/ajouter/", school)
    shown = text(admin.get(HERE))
    for told in (
        "Communauté du Val",
        "habitants de : Le Val",
        "Les Tilleuls",
        "lundi, mardi, jeudi et vendredi",
    ):
        assert told in shown
    sheet = {"name": "Accueil", "kind": "leisure", "commune": place.pk, "order": "0"}
    admin.post(f"/agents/activites/structures/ajouter/{authority.pk}/", sheet)
    offered = {
        "name": "Mercredis",
        "kind": "wednesday",
        "first_day": "2026-09-01",
        "last_day": "2027-08-31",
        "calendar": calendar.pk,
        "min_age_months_0": "3",
        "min_age_months_1": "years",
        "enrolment_mode": "asked",
        "booking_mode": "parent",
    }
    page = f"/agents/activites/nouvelle/{Structure.objects.get().pk}/"
    admin.post(page, offered)
    assert Activity.objects.get().calendar == calendar


def test_what_is_used_says_where(world):
    office = logged(world, "guichet", Role.OFFICE)
    assert world.the_structure  # in the commune
    activity = world.activity()
    activity.schools.add(world.the_school)
    calendar = activity.calendar
    for path, told in (
        (f"ecoles/{world.the_school.pk}/", "1 activité"),
        (f"communes/{world.the_commune.pk}/", "1 structure"),
        (f"calendriers/{calendar.pk}/", "1 activité"),
    ):
        assert told in text(office.post(f"{HERE}{path}supprimer/", follow=True)), path
    assert School.objects.exists()
    assert activity.schools.exists()
    activity.schools.clear()
    unused = world.school("Fermée")
    assert "C’est supprimé" in text(office.post(f"{HERE}ecoles/{unused.pk}/supprimer/", follow=True))
    assert not School.objects.filter(pk=unused.pk).exists()


def test_a_bridge_typed_by_hand_closes_the_day_and_survives_the_state(world):
    office = logged(world, "guichet", Role.OFFICE)
    activity = world.activity()
    world.slot(activity, weekdays=[4])
    calendar_applied(actor=SYSTEM, calendar_id=activity.calendar_id, school_year=2026, now=NOW)
    friday = date(2027, 6, 11)
    assert activity.openings.filter(day=friday).exists()
    bridge = {
        "calendar": activity.calendar_id,
        "name": "Pont",
        "kind": "school_holiday",
        "first_day": friday,
        "last_day": friday,
    }
    revision = Activity.objects.get().revision
    office.post(f"{HERE}periodes/ajouter/", bridge)
    assert Activity.objects.get().revision != revision
    openings_generate(
        actor=SYSTEM, activity_id=activity.pk, booked=frozenset(), from_day=date(2026, 11, 26), now=NOW
    )
    assert not activity.openings.filter(day=friday).exists()
    calendar_applied(actor=SYSTEM, calendar_id=activity.calendar_id, school_year=2026, now=NOW)
    span = CalendarSpan.objects.get(name="Pont")
    assert (span.corrected, span.typed) == (True, True)
    page = f"{HERE}periodes/{span.pk}/"
    wrong = {**bridge, "last_day": "2027-06-01", "seen": seen(office.get(page))}
    assert "Le dernier jour vient avant le premier." in text(office.post(page, wrong))
    assert "C’est supprimé" in text(office.post(f"{page}supprimer/", follow=True))
    assert "Pont" not in text(office.get(HERE))
    assert office.get(page).status_code == 404


def test_two_agents_on_one_school_the_second_reads_what_the_first_did(world):
    first, second = (logged(world, name, Role.OFFICE) for name in ("nadege", "omar"))
    page = f"{HERE}ecoles/{world.the_school.pk}/"
    values = {"commune": world.the_commune.pk, "calendar": world.the_calendar.pk}
    shown = seen(first.get(page))
    first.post(page, {**values, "name": "Les Tilleuls", "seen": shown})
    late = text(second.post(page, {**values, "name": "Les Lilas", "seen": shown}))
    assert "Nadege a modifié ceci" in late
    assert "Les Tilleuls" in late
    assert 'value="Les Lilas"' in late
    assert School.objects.get(pk=world.the_school.pk).name == "Les Tilleuls"


def test_a_span_of_the_state_that_is_changed_is_not_one_that_was_typed(world):
    office = logged(world, "guichet", Role.OFFICE)
    span = world.span(date(2026, 12, 19), date(2027, 1, 3), name="Vacances de Noël")
    page = f"{HERE}periodes/{span.pk}/"
    values = {"calendar": span.calendar_id, "name": span.name, "kind": span.kind, "first_day": "2026-12-18"}
    shown = {**values, "last_day": "2027-01-03", "seen": seen(office.get(page))}
    assert "C’est enregistré" in text(office.post(page, shown, follow=True))
    span.refresh_from_db()
    assert (span.first_day, span.corrected, span.typed) == (date(2026, 12, 18), True, False)


def test_what_followed_is_told(world):
    office = logged(world, "guichet", Role.OFFICE)
    week = {"name": "Zone B", "zone": "B", "school_weekdays": ["0", "1", "3", "4"]}
    assert "Les vacances de 2026-2027" in text(office.post(f"{HERE}calendriers/ajouter/", week, follow=True))
    calendar = Calendar.objects.get(name="Zone B")
    page = f"{HERE}calendriers/{calendar.pk}/"
    moved = {**week, "zone": "C", "seen": seen(office.get(page))}
    told = text(office.post(page, moved, follow=True))
    assert "C’est enregistré. Les vacances de 2026-2027" in told
    assert CalendarSpan.objects.filter(calendar=calendar, first_day=date(2027, 2, 6)).exists()
    residence = world.home("Durand").family.residences.get()
    residence.commune, residence.city, residence.postal_code = None, "Brisecombe", "21998"
    residence.save()
    new = {"name": "Brisecombe", "postal_code": "21998"}
    told = text(office.post(f"{HERE}communes/ajouter/", new, follow=True))
    assert "C’est ajouté. 1 adresse de famille y est maintenant rattachée." in told


def test_a_calendar_whose_holidays_nobody_publishes_says_so(world, time_machine):
    time_machine.move_to(NOW.replace(year=2060), tick=False)
    office = logged(world, "guichet", Role.OFFICE)
    week = {"name": "Zone B", "zone": "B", "school_weekdays": ["0", "1", "3", "4"]}
    told = text(office.post(f"{HERE}calendriers/ajouter/", week, follow=True))
    assert "Ses vacances ne sont pas encore publiées" in told


def test_two_schools_of_one_name_in_one_commune_are_refused(world):
    office = logged(world, "guichet", Role.OFFICE)
    elsewhere = world.commune("Brisecombe", world.the_authority)
    page = f"{HERE}ecoles/ajouter/"
    again = {
        "name": world.the_school.name,
        "commune": world.the_commune.pk,
        "calendar": world.the_calendar.pk,
    }
    assert "Une école de cette commune porte déjà ce nom." in text(office.post(page, again))
    assert School.objects.count() == 1
    office.post(page, {**again, "commune": elsewhere.pk})
    assert School.objects.count() == 2


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        ("communes", {"name": "Arelle", "postal_code": "abc"}, "les cinq chiffres"),
        ("communes", {"name": "", "postal_code": "21999"}, "obligatoire"),
        ("ecoles", {"name": "Les Lilas", "commune": "9999", "calendar": "x"}, "corriger"),
        ("calendriers", {"name": "Zone Z", "zone": "Z", "school_weekdays": ["0"]}, "corriger"),
        ("periodes", {"calendar": "", "kind": "guerre", "first_day": "hier"}, "corriger"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(world, kind, values, told):
    office = logged(world, "guichet", Role.OFFICE)
    model = {"communes": Commune, "ecoles": School, "calendriers": Calendar, "periodes": CalendarSpan}[kind]
    before = model.objects.count()
    assert told in text(office.post(f"{HERE}{kind}/ajouter/", values))
    assert model.objects.count() == before


def test_authorities_are_an_administrators_and_nonsense_is_nothing(world):
    office = logged(world, "guichet", Role.OFFICE)
    authority = world.the_authority
    assert "Collectivités" not in text(office.get(HERE))
    for path in (
        "collectivites/ajouter/",
        f"collectivites/{authority.pk}/",
        "autre/ajouter/",
        "ecoles/9999/",
    ):
        assert office.get(HERE + path).status_code == 404, path
    admin = logged(world, "admin", Role.ADMINISTRATOR)
    assert admin.post(f"{HERE}collectivites/{authority.pk}/supprimer/").status_code == 404
    neighbour = logged(world, "mairie", Role.OFFICE, authority=world.authority("Mairie"))
    assert neighbour.get(HERE).status_code == 404
    assert HERE not in text(neighbour.get("/agents/activites/structures/"))


def test_an_authority_is_not_made_twice(world):
    """None is ever removed: a form sent again must not leave a second one."""
    admin = logged(world, "admin", Role.ADMINISTRATOR)
    names = {"name": "Mairie de Brisecombe", "short_name": "Brisecombe"}
    admin.post(f"{HERE}collectivites/ajouter/", names)
    again = text(admin.post(f"{HERE}collectivites/ajouter/", names))
    assert "Une collectivité porte déjà ce nom." in again
    assert Authority.objects.filter(name="Mairie de Brisecombe").count() == 1
