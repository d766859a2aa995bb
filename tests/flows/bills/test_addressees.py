"""Whom a bill is addressed to is frozen when it is issued."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest
from django.db import IntegrityError

from marelle.billing.models import Addressee
from marelle.billing.runs.addressing import homes_addressed
from marelle.families.fields import Civility
from marelle.families.models import Family, Member, Residence
from tests.flows.bills.billed import FIRST, ISSUED_ON, NOW, Billed
from tests.pricing.sheets import MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db


def home_of(world: Billed, name: str = "Roy"):
    home = world.home(name)
    world.quotient(home, "400")
    child = world.enrols(home, "Zoé")
    world.books(child, FIRST, MORNING)
    return home, child


built = built_once(lambda: Billed("wednesdays"), now=NOW)


@pytest.fixture
def world(built, db) -> Billed:
    return deepcopy(built)


def test_a_bill_keeps_the_words_of_its_day(world):
    home, _zoe = home_of(world)
    home.adult.birth_date = date(1988, 2, 29)
    home.adult.civility = Civility.MRS
    home.adult.save()
    [bill] = world.bills()
    before = bill.addressee.text
    assert (before.name, before.place, before.reference, before.birth_date) == (
        "Mme Camille Roy",
        (f"{Residence.objects.get().street}", "21999 Arelle"),
        home.family.number,
        date(1988, 2, 29),
    )
    Residence.objects.update(street="1 rue d’Ailleurs", city="Loin")
    home.adult.last_name = "Leblanc"
    home.adult.save()
    assert Addressee.objects.get().text == before


def test_it_is_where_the_home_lived_when_the_bill_was_dated(world):
    home, _zoe = home_of(world)
    Residence.objects.create(
        family=home.family, street="2 rue Neuve", postal_code="21999", city="Arelle", since=date(2026, 12, 2),
        source="bail",
    )  # fmt: skip
    assert homes_addressed([home.family.pk], ISSUED_ON)[home.family.pk].street != "2 rue Neuve"
    assert homes_addressed([home.family.pk], date(2026, 12, 2))[home.family.pk].street == "2 rue Neuve"


def test_a_step_parent_who_stands_first_in_the_file_is_not_the_one(world):
    home, child = home_of(world)
    mother = world.adult(home, "Anne", last_name="Colin")
    child.guardians.update(link="step_parent", has_authority=False)
    world.guardian(mother, child)
    assert homes_addressed([home.family.pk], ISSUED_ON)[home.family.pk].name == "Anne Colin"
    child.guardians.filter(adult=mother).update(until=date(2026, 11, 30))
    assert homes_addressed([home.family.pk], ISSUED_ON)[home.family.pk].name == "Camille Roy"


def test_a_child_of_another_home_makes_nobody_answer_for_this_one(world):
    home, child = home_of(world)
    child.guardians.update(has_authority=False)
    other = world.home("Blanc")
    elsewhere = world.child(other, "Léo")
    partner = world.adult(home, "Anne")
    world.guardian(partner, elsewhere)
    assert homes_addressed([home.family.pk], ISSUED_ON)[home.family.pk].name == "Camille Roy"


def test_who_comes_later_is_not_the_one_and_a_home_without_adults_goes_by_its_name(world):
    home, _zoe = home_of(world)
    adults = Member.objects.filter(family=home.family, kind="adult")
    adults.update(since=date(2026, 12, 2))
    found = homes_addressed([home.family.pk], ISSUED_ON)[home.family.pk]
    assert (found.first_name, found.name) == ("", "Roy")


def test_it_takes_as_many_queries_for_many_homes(world, django_assert_num_queries):
    for name in ("Roy", "Blanc", "Noir"):
        home_of(world, name)
        ids = list(Family.objects.values_list("pk", flat=True))
        with django_assert_num_queries(3):
            assert name in {one.last_name for one in homes_addressed(ids, ISSUED_ON).values()}


def test_a_body_has_no_first_name(world):
    home_of(world)
    [bill] = world.bills()
    with pytest.raises(IntegrityError):
        Addressee.objects.filter(invoice=bill).update(kind="ccas")
