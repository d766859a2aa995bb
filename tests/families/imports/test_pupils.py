"""School, class and diet of an imported child: understood as files write them, or told by line."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from marelle.families.fields import Diet
from marelle.families.imports.labels import report_rows
from marelle.families.imports.pupils import pupil_read
from marelle.families.imports.services import import_report, import_start, imports_advance, problems_listed
from marelle.families.imports.words import Words
from marelle.families.models import Family, Person, Schooling
from marelle.places.models import School
from tests.families.imports.files import GOOD, HEADINGS, changed, csv_of
from tests.families.imports.test_imports import NOW, Office

pytestmark = pytest.mark.django_db

PUPIL = (*HEADINGS, "École", "Niveau", "Enseignant", "Année scolaire", "Régime alimentaire")


@pytest.fixture
def world(time_machine: Any) -> Office:
    time_machine.move_to(NOW, tick=False)
    office = Office()
    office.tilleuls = office.school("École des Tilleuls")
    return office


def file_of(*more: str, line: tuple[str, ...] = GOOD) -> Any:
    return csv_of((*line, *more), headings=PUPIL)


def test_a_child_comes_with_its_school_class_and_diet(world):
    row = world.imports(file_of("ecole des tilleuls", "CE 2 B", "Mme Pommier", "", "Sans porc"))
    assert row.counts["created"] == 1
    (pupil,) = Schooling.objects.all()
    assert (pupil.school, pupil.level, pupil.teacher) == (world.tilleuls, "CE2", "Mme Pommier")
    assert pupil.school_year == 2026  # of the day it was imported, 25 November 2026
    assert Person.objects.get(first_name="Inès").diet == Diet.NO_PORK


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("CP", "CP"),
        ("cm1", "CM1"),
        ("CM1 A", "CM1"),
        ("Petite section", "PS"),
        ("toute petite section", "TPS"),
        ("6ème", "6e"),
        ("Sixième", "6e"),
        ("2nde", "2de"),
        ("Terminale", "Tle"),
        ("CM1 (A)", "CM1"),
        ("PS-A", "PS"),
    ],
)
def test_the_names_of_a_level(world, said, level):
    world.imports(file_of("École des Tilleuls", said, "", "", ""))
    assert Schooling.objects.get().level == level


@pytest.mark.parametrize(
    ("year", "kept"), [("2026-2027", 2026), ("2027/2028", 2027), ("2025", 2025), ("2026 - 27", 2026)]
)
def test_the_year_that_a_line_names(world, year, kept):
    world.imports(file_of("École des Tilleuls", "CP", "", year, ""))
    assert Schooling.objects.get().school_year == kept


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("École de nulle part", "CP", "", "", ""), "École : « École de nulle part » n’est pas une école"),
        (("École des Tilleuls", "", "", "", ""), "Classe : Cette information est nécessaire"),
        (("", "CP", "", "", ""), "École : Cette information est nécessaire"),
        (("École des Tilleuls", "CE1-CE3", "", "", ""), "Classe : « CE1-CE3 » n’est pas une classe connue"),
        (("École des Tilleuls", "Pommiers", "", "", ""), "Classe : « Pommiers » n’est pas une classe connue"),
        (("École des Tilleuls", "CP", "x" * 81, "", ""), "Enseignant : C’est trop long"),
        (("École des Tilleuls", "CP", "", "1998-1999", ""), "Année scolaire : « 1998-1999 » n’est pas"),
        (("École des Tilleuls", "CP", "", "l’an prochain", ""), "Année scolaire : « l’an prochain »"),
        (("École des Tilleuls", "CP", "", "2026-2031", ""), "Année scolaire : « 2026-2031 » n’est pas"),
        (("École des Tilleuls", "CP", "", "2026-2026", ""), "Année scolaire : « 2026-2026 » n’est pas"),
        (("École des Tilleuls", "CP", "", "2026/29", ""), "Année scolaire : « 2026/29 » n’est pas"),
        (("École des Tilleuls", "CP", "", "2026-027", ""), "Année scolaire : « 2026-027 » n’est pas"),
        (("", "", "", "", "allergie aux noix"), "Repas : ce n’est pas un repas connu"),
    ],
)
def test_what_is_not_understood_is_told_and_the_home_is_not_written(world, cells, said):
    (problem,) = world.said(file_of(*cells))
    assert problem[0] == "2"
    assert said in problem[1]
    world.imports(file_of(*cells))
    assert not Family.objects.exists()


def test_two_schools_of_one_name_are_told_apart_by_their_commune(world):
    brisecombe = world.commune("Brisecombe", world.the_authority)
    there = School.objects.create(name="Jean Moulin", commune=brisecombe, calendar=world.the_calendar)
    world.school("Jean Moulin")
    (problem,) = world.said(file_of("Jean Moulin", "CP", "", "", ""))
    assert "suivi de sa commune" in problem[1]
    world.imports(file_of("Jean Moulin (Brisecombe)", "CP", "", "", ""))
    assert Schooling.objects.get().school == there


def test_a_name_that_means_two_schools_even_with_its_commune_is_told(world):
    for name, code in (("École Pasteur", "21999"), ("Ecole Pasteur", "21998")):
        commune = world.commune("Combe-Haute", world.the_authority, postal_code=code)
        School.objects.create(name=name, commune=commune, calendar=world.the_calendar)
    (problem,) = world.said(file_of("École Pasteur (Combe-Haute)", "CP", "", "", ""))
    assert "École Pasteur" in problem[1]
    world.imports(file_of("École Pasteur (Combe-Haute)", "CP", "", "", ""))
    assert not Schooling.objects.exists()


def test_a_teacher_or_a_year_alone_says_nothing(world):
    assert world.imports(file_of("", "", "Mme Pommier", "2026-2027", "")).counts["created"] == 1
    assert not Schooling.objects.exists()


def test_each_child_of_a_home_has_its_own(world):
    second = changed(c6="Sami", c8="2021-02-03")
    world.imports(
        csv_of(
            (*GOOD, "École des Tilleuls", "CE2", "", "", "végétarien"),
            (*second, "École des Tilleuls", "MS", "", "", ""),
            headings=PUPIL,
        )
    )
    held = {row.child.first_name: (row.level, row.child.diet) for row in Schooling.objects.all()}
    assert held == {"Inès": ("CE2", "vegetarian"), "Sami": ("MS", "")}


def test_a_school_renamed_while_the_worker_writes_changes_no_line(world, monkeypatch):
    """Or the homes left would be counted from another first one: some twice, some never."""
    monkeypatch.setattr("marelle.families.imports.services.BATCH", 1)
    lines = [
        (
            *changed(c0=f"R{n}", c1=f"Parent{n}x", c3=f"p{n}@famille.example", c4="", c6=f"Enfant{n}x"),
            *("École des Tilleuls" if n % 2 else "", "CP" if n % 2 else "", "", "", ""),
        )
        for n in range(6)
    ]
    row = world.prepares(csv_of(*lines, headings=PUPIL))
    import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    School.objects.update(name="École des Marronniers")
    while imports_advance(now=NOW):
        pass
    assert Family.objects.count() == 6
    assert Schooling.objects.filter(school=world.tilleuls).count() == 3


def test_a_school_that_has_gone_meanwhile_leaves_the_child_without_one(world):
    row = world.prepares(file_of("École des Tilleuls", "CP", "", "", ""))
    import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    world.tilleuls.delete()
    while imports_advance(now=NOW):
        pass
    assert Family.objects.count() == 1
    assert not Schooling.objects.exists()


def test_what_is_read_is_shown_before_it_is_written(world):
    row = world.prepares(file_of("École des Tilleuls", "CP", "", "", "sans gluten"))
    (child,) = import_report(row, now=NOW).new[0].children
    assert (child.pupil.level, child.diet) == ("CP", "gluten_free")
    assert not Family.objects.exists()


@pytest.mark.parametrize("said", ["CP/CE1", "PS-MS", "ps ms gs", "CM1 et CM2", "CE1/2", "CM1 - CM2 A"])
def test_a_class_of_several_levels_asks_for_that_of_the_child(world, said):
    (problem,) = world.said(file_of("École des Tilleuls", said, "", "", ""))
    told = f"« {said} » est une classe de plusieurs niveaux : écrivez celui de l’enfant, par exemple CE1."
    assert problem == ("2", f"Classe : {told}")
    world.imports(file_of("École des Tilleuls", said, "", "", ""))
    assert not Family.objects.exists()


@pytest.mark.once
@pytest.mark.parametrize("long", [" -" * 10_000 + "z", "a" * 20_000, "CP/" * 7_000])
def test_a_class_however_long_is_refused_at_once(long):
    told: list[str] = []
    began = time.process_time()
    line = {"school": "Tilleuls", "level": long}
    read = pupil_read(
        lambda code: line.get(code, ""),
        Words(schools={"tilleuls": 1}),
        lambda _code, refusal: told.append(refusal.code),
        day=NOW.date(),
    )
    assert time.process_time() - began < 1
    assert (read, told) == (None, ["unknown_level"])


def test_a_word_of_health_under_the_meals_is_kept_nowhere(world):
    """A PAI is read by few agents and each reading is noted: the report of an import is neither."""
    anne = changed(c0="B2", c1="Anne", c2="Petit", c3="anne@", c4="", c6="Lou")
    lines = (
        (*changed(c3="rachid@"), "École des Tilleuls", "CP", "", "", "PAI arachide"),
        (*anne, "", "", "", "", "sans porc"),
    )
    row = world.prepares(csv_of(*lines, headings=PUPIL))
    before = problems_listed(row, now=NOW)
    import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    row.refresh_from_db()
    assert [code for _line, code, _data, _cells in row.problems].count("unknown_diet") == 1
    kept = json.dumps([row.problems, report_rows(row.headings, row.problems)], ensure_ascii=False)
    assert "arachide" not in kept
    assert "sans porc" in kept
    assert "rachid@" in kept
    assert before == row.problems
    assert all("arachide" not in text for _line, text in world.said(csv_of(*lines, headings=PUPIL)))


def test_a_column_that_is_not_read_is_kept_nowhere(world):
    line = (*changed(c3="rachid@"), "asthme")
    row = world.prepares(csv_of(line, headings=(*HEADINGS, "Allergies")))
    import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    row.refresh_from_db()
    kept = json.dumps(row.problems, ensure_ascii=False)
    assert "rachid@" in kept
    assert "asthme" not in kept
