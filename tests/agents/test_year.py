"""« Préparer l’année » on the screen: activities copied with their dates shown, and the day requests open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from marelle.activities.models import Activity
from marelle.core.actor import Role
from tests.flows.test_next_year import NOW, Village
from tests.forms import forms_of

pytestmark = pytest.mark.django_db


def fields_of(answer: Any) -> dict[str, Any]:
    """What the form of the page sends when nobody touches it."""
    return max((form.data() for form in forms_of("/", answer.content.decode())), key=len)


HERE = "/agents/activites/annee/"


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


@pytest.fixture
def director(world, client: Client) -> Client:
    client.force_login(world.staff("direction", Role.DIRECTOR))
    return client


def test_a_date_is_changed_before_the_copy_is_made(world, director):
    page = f"{HERE}copier/?a={world.wednesdays.pk}"
    shown = director.get(page).content.decode()
    assert "Minigolf (9 décembre 2026)" in shown
    assert "les ouvertures ne seront pas faites maintenant" in shown
    prefix = f"a{world.wednesdays.pk}-"
    given = fields_of(director.get(page))
    first = f"{prefix}activity-{world.wednesdays.pk}-first_day"
    assert given[first] == ["2027-09-01"]
    wrong = director.post(page, {**given, first: "2029-09-01"})
    assert "La fin vient avant le début." in wrong.content.decode()
    assert "2029-09-01" in wrong.content.decode()
    wrong = director.post(page, {**given, first: "2027-03-01"})
    assert "Le premier jour doit être dans une année scolaire suivante." in wrong.content.decode()
    done = director.post(page, {**given, first: "2027-09-08"}, follow=True)
    assert "1 activité est copiée." in done.content.decode()
    assert "Le calendrier de cette année n’est pas encore lu" in done.content.decode()
    made = Activity.objects.get(copied_from=world.wednesdays)
    assert made.first_day == date(2027, 9, 8)
    again = director.post(page, given).content.decode()
    assert f"/agents/activites/{made.pk}/" in again
    assert Activity.objects.count() == 2
    assert "déjà copiée" in director.get(f"{HERE}copier/").content.decode()


def test_what_is_out_of_reach_is_not_there_and_nonsense_is_nothing(world, director):
    elsewhere = world.structure("Loin", authority=world.authority("Mairie"))
    theirs = world.activity("Ailleurs", structure=elsewhere)
    assert director.get(f"{HERE}copier/?a={theirs.pk}&a={world.wednesdays.pk}").status_code == 404
    assert director.get(f"{HERE}copier/?a=x&a={'9' * 40}").status_code == 200
    many = "&".join(f"a={pk}" for pk in range(1, 20))
    assert "12 activités au plus" in director.get(f"{HERE}copier/?{many}").content.decode()
    assert "Ailleurs" not in director.get(f"{HERE}copier/").content.decode()


def test_the_steps_of_the_year_lead_on(world, director):
    assert "Activités à copier : 1." in director.get(HERE).content.decode()
    page = f"{HERE}copier/?a={world.wednesdays.pk}"
    director.post(page, fields_of(director.get(page)))
    made = Activity.objects.get(copied_from=world.wednesdays)
    nothing = director.post(f"{HERE}demandes/", {"opens_at": "2027-06-01T09:00"})
    assert "Choisissez au moins une activité." in nothing.content.decode()
    wrong = director.post(f"{HERE}demandes/", {"opens_at": "hier", "a": made.pk}).content.decode()
    assert "Donnez un jour et une heure" in wrong
    done = director.post(f"{HERE}demandes/", {"opens_at": "2027-06-01T09:00", "a": made.pk}, follow=True)
    assert "Les demandes de 1 activité ont leur jour d’ouverture." in done.content.decode()
    assert "demandes à partir du mardi 1<sup>er</sup>" in done.content.decode() or "1er juin 2027" in (
        done.content.decode()
    )
    assert "1 activité copiée sur 1." in done.content.decode()


def test_the_pages_read_a_fixed_number_of_times(world, director, django_assert_max_num_queries):
    def count(path: str) -> int:
        with django_assert_max_num_queries(60) as found:
            assert director.get(path).status_code == 200
        return len(found)

    pages = (HERE, f"{HERE}copier/")
    for path in pages:
        count(path)
    few = [count(path) for path in pages]
    for number in range(6):
        world.activity(f"Activité {number}")
    assert [count(path) for path in pages] == few


def test_the_office_reads_the_holidays(world, client):
    client.force_login(world.staff("guichet", Role.OFFICE))
    assert "Lire les vacances" in client.get(HERE).content.decode()
    done = client.post(f"{HERE}calendrier/{world.the_calendar.pk}/", follow=True).content.decode()
    assert "Le calendrier est lu" in done
    assert "vacances connues" in done
    assert "Refaire nos ouvertures" in done, "as the office does that was told of it by another"
    other = world.calendar()
    assert client.post(f"{HERE}calendrier/{other.pk}/").status_code == 404
