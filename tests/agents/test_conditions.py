"""« Qui peut réserver »: conditions by the day, made on the screen of an activity, told and taken away."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from marelle.activities.catalogue import activity_facts
from marelle.activities.models import Activity, BookingCondition
from marelle.agents.activities.words import nobody_texts
from marelle.core.actor import SYSTEM
from marelle.flows.year.next_year import Wanted, activities_copy, copies_preview
from marelle.journal.edits import InUse
from marelle.papers.models import PaperType
from marelle.papers.services import paper_type_remove, paper_type_save
from marelle.papers.services.asking import TypeFields
from tests.agents.village import HERE, NOW, Village, seen, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    with time_machine.travel(NOW, tick=False):
        yield Village()


def certificate(world: Village, **fields) -> PaperType:
    values = {"title": "Aisance aquatique", "why": "Pour nager.", "about": "child", **fields}
    return PaperType.objects.create(authority=world.the_authority, **values)


def typed(**fields) -> dict[str, object]:
    empty = {
        "min_age_months_0": "",
        "min_age_months_1": "years",
        "max_age_months_0": "",
        "max_age_months_1": "years",
    }
    return {**empty, "since": "2026-11-01", "until": "", "paper_type": "", **fields}


def new(world: Village, **fields):
    return world.director.post(f"{HERE}{world.wednesdays.pk}/conditions/ajouter/", typed(**fields))


def test_each_kind_is_made_from_nothing_and_said_on_the_page(world):
    kind = certificate(world)
    water = world.slot(world.wednesdays, "Piscine", "14:00", "16:00")
    school = world.the_school
    answer = new(
        world, slots=[water.pk], min_age_months_0="6", max_age_months_0="11", levels=["CM1"],
        schools=[school.pk], paper_type=str(kind.pk), until="2027-06-30",
    )  # fmt: skip
    assert answer.status_code == 302
    row = BookingCondition.objects.get()
    assert (row.min_age_months, row.max_age_months, row.levels) == (72, 143, ["CM1"])
    assert (row.paper_type, row.paper_title, row.until) == (kind.pk, "Aisance aquatique", date(2027, 6, 30))
    assert (list(row.slots.all()), list(row.schools.all())) == ([water], [school])
    page = text(world.director.get(world.page))
    assert "De 6 ans à 11 ans le jour même, en CM1" in page
    assert "« Aisance aquatique » valable ce jour-là (« Piscine »)" in page
    told = activity_facts({world.wednesdays.pk: Activity.objects.get(pk=world.wednesdays.pk).revision})
    assert told[world.wednesdays.pk].conditions[0].paper == kind.pk


@pytest.mark.parametrize(
    ("fields", "name", "said"),
    [
        ({}, "__all__", "Donnez au moins une condition"),
        ({"min_age_months_0": "9", "max_age_months_0": "6"}, "max_age_months", "plus petit"),
        ({"min_age_months_0": "1000"}, "min_age_months", "âge possible"),
        ({"min_age_months_0": "six"}, "min_age_months", "nombre"),
        ({"min_age_months_0": "6", "until": "2026-10-01"}, "until", "La fin vient avant le début"),
        ({"min_age_months_0": "6", "since": "demain"}, "since", "Donnez une date"),
        ({"levels": ["CM9"]}, "levels", "Choisissez dans la liste"),
        ({"schools": ["999999"]}, "schools", "Choisissez dans la liste"),
        ({"slots": ["99999999999999999999"], "min_age_months_0": "6"}, "slots", "Choisissez dans la liste"),
        ({"paper_type": "999999"}, "paper_type", "Choisissez dans la liste"),
        ({"paper_type": "x"}, "paper_type", "Choisissez dans la liste"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_nothing_is_written(world, fields, name, said):
    refused = new(world, **fields)
    assert refused.status_code == 200
    assert said in " ".join(refused.context["form"].errors[name])
    assert not BookingCondition.objects.exists()


def test_the_rule_of_before_stays_in_force_until_another_is_right(world):
    new(world, min_age_months_0="6")
    row = BookingCondition.objects.get()
    address = f"{HERE}conditions/{row.pk}/"
    page = world.director.get(address)
    world.director.post(address, typed(seen=seen(page)))
    assert BookingCondition.objects.get().min_age_months == 72
    world.director.post(address, typed(seen=seen(page), min_age_months_0="30", min_age_months_1="months"))
    assert BookingCondition.objects.get().min_age_months == 30
    stale = world.director.post(address, typed(seen=seen(page), min_age_months_0="8"))
    assert stale.status_code == 200
    assert BookingCondition.objects.get().min_age_months == 30
    world.director.post(f"{address}supprimer/")
    assert not BookingCondition.objects.exists()


def test_of_the_papers_of_other_authorities_of_adults_and_stopped_ones_none_is_offered(world):
    others = [
        certificate(world, title="Permis", about="adult"),
        certificate(world, title="Ancien", active=False),
        PaperType.objects.create(authority=world.authority("Mairie"), title="Autre", why="…", about="child"),
    ]
    page = text(world.director.get(f"{HERE}{world.wednesdays.pk}/conditions/ajouter/"))
    for kind in others:
        assert kind.title not in page
        assert new(world, paper_type=str(kind.pk)).status_code == 200


def test_ages_that_nobody_has_and_two_that_nobody_has_both_are_told_when_saved(world):
    Activity.objects.filter(pk=world.wednesdays.pk).update(min_age_months=36, max_age_months=143)
    where = f"{HERE}{world.wednesdays.pk}/conditions/ajouter/"
    told = text(world.director.post(where, typed(min_age_months_0="16"), follow=True))
    assert "Aucun enfant de l’activité n’a cet âge : à partir de 16 ans" in told
    BookingCondition.objects.all().delete()
    new(world, min_age_months_0="9")
    told = text(world.director.post(where, typed(max_age_months_0="6"), follow=True))
    assert "Aucun enfant n’a les deux âges demandés les mêmes jours" in told
    BookingCondition.objects.filter(max_age_months=83).update(since=date(2027, 1, 1), until=date(2027, 2, 1))
    BookingCondition.objects.filter(min_age_months=108).update(until=date(2026, 12, 31))
    world.director.post(where, typed(min_age_months_0="4"))
    assert nobody_texts(Activity.objects.get(pk=world.wednesdays.pk)) == []


def test_a_paper_that_is_asked_for_so_keeps_its_name_and_stays(world):
    kind = certificate(world)
    new(world, paper_type=str(kind.pk))
    names = [name for name in TypeFields.__dataclass_fields__ if name != "title"]
    fields = TypeFields(**{name: getattr(kind, name) for name in names}, title="Certificat de natation")
    what = {"authority_id": world.the_authority.pk, "type_id": kind.pk, "fields": fields}
    paper_type_save(actor=SYSTEM, **what, now=NOW)
    assert "« Certificat de natation » valable" in text(world.director.get(world.page))
    with pytest.raises(InUse):
        paper_type_remove(actor=SYSTEM, type_id=kind.pk, now=NOW)


def test_it_is_copied_to_the_next_year_with_its_slots(world):
    new(world, slots=[world.morning.pk], min_age_months_0="6", schools=[world.the_school.pk])
    (preview,) = copies_preview(SYSTEM, [world.wednesdays.pk])
    (line,) = [one for one in preview.dates if one.owner == "condition" and one.field == "since"]
    assert line.of == "À partir de 6 ans le jour même, pour École des Tilleuls («\u00a0Matin\u00a0»)"
    given = {one.key: one.after for one in preview.dates}
    activities_copy(actor=SYSTEM, wanted=[Wanted(world.wednesdays.pk, preview.name, given)], now=NOW)
    copied = BookingCondition.objects.exclude(activity=world.wednesdays).get()
    assert (copied.since, copied.min_age_months) == (line.after, 72)
    assert [slot.activity_id for slot in copied.slots.all()] == [copied.activity_id]
    assert list(copied.schools.all()) == [world.the_school]
