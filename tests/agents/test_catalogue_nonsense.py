"""« Activités » sent what no browser sends: a page that says so, never an error."""

from __future__ import annotations

from datetime import date

import pytest
from django.forms import ModelMultipleChoiceField

from marelle.activities.models import Slot
from marelle.agents.activities.forms import parts, shared
from marelle.agents.activities.forms.conditions import ConditionForm
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import RowsField
from marelle.core.actor import Role
from marelle.places.models import Commune
from tests.agents.village import HERE, NOW, Village, seen, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "2026-13", "hier"])
def test_a_month_without_one_before_or_after_is_the_month_of_today(world, month):
    shown = world.director.get(f"{world.page}ouvertures/", {"mois": month})
    assert shown.status_code == 200
    assert shown.context["after"] == "2026-12"


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("lots/{bundle}/", {"name": "Semaine", "openings": ["{opening}"], "seen": "[1e999]"}),
        ("{activity}/modifier/inscription/", {"requests_open_at": "²026-01-01T08:00"}),
        ("annee/demandes/", {"opens_at": "²026-01-01T08:00"}),
    ],
)
def test_what_no_browser_sends_is_no_error(world, page, sent):
    openings = [world.opening(world.morning, date(2026, 12, day)) for day in (2, 9)]
    ids = {
        "slot": world.morning.pk,
        "activity": world.wednesdays.pk,
        "bundle": world.bundle(world.wednesdays, "Semaine", openings).pk,
        "opening": openings[0].pk,
    }
    typed = {
        name: [one.format(**ids) for one in value] if isinstance(value, list) else value
        for name, value in sent.items()
    }
    assert world.director.post(HERE + page.format(**ids), typed).status_code == 200


@pytest.mark.parametrize("key", ["9" * 20, "-1"])
@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("{activity}/modifier/qui/", "schools"),
        ("creneaux/{slot}/", "excludes"),
        ("creneaux/{slot}/", "requires"),
        ("creneaux/{slot}/", "includes"),
        ("structures/partage/communes/{commune}/", "authorities"),
    ],
)
def test_a_key_that_no_row_can_have_is_not_in_the_list(world, page, name, key):
    meal = world.slot(world.wednesdays, "Repas", "12:00", "13:30")
    assert world.the_school
    ids = {"activity": world.wednesdays.pk, "slot": meal.pk, "commune": world.the_commune.pk}
    office = world.logged("guichet", Role.OFFICE)
    address = HERE + page.format(**ids)
    assert f'name="{name}"' in text(office.get(address))
    refused = office.post(address, {name: [key]})
    assert refused.status_code == 200
    assert refused.context["form"].errors[name] == ["Choisissez dans la liste."]


@pytest.mark.once
def test_no_form_reads_a_list_of_keys_by_itself():
    fields = [
        field
        for form in [*vars(parts).values(), *vars(shared).values(), ConditionForm]
        if isinstance(form, type) and issubclass(form, EditForm)
        for field in form.base_fields.values()
        if isinstance(field, ModelMultipleChoiceField)
    ]
    assert len(fields) == 9
    assert {type(field) for field in fields} == {RowsField}


def test_rows_of_the_list_are_kept(world):
    """Or the refusals above prove nothing."""
    meal = world.slot(world.wednesdays, "Repas", "12:00", "13:30")
    office = world.logged("guichet", Role.OFFICE)
    page = f"{HERE}creneaux/{world.morning.pk}/"
    typed = {"name": "Matin", "starts": "08:00", "ends": "12:00", "weekdays": ["2"], "days": "term"}
    sent = {**typed, "order": "0", "requires": [str(meal.pk)], "seen": seen(office.get(page))}
    office.post(page, sent)
    assert list(Slot.objects.get(pk=world.morning.pk).requires.all()) == [meal]
    page = f"{HERE}structures/partage/communes/{world.the_commune.pk}/"
    both = [world.the_authority.pk, world.authority("Mairie").pk]
    here = {"name": "Arelle", "postal_code": "21999", "authorities": both, "seen": seen(office.get(page))}
    office.post(page, here)
    assert Commune.objects.get(pk=world.the_commune.pk).authorities.count() == 2
