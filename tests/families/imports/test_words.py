"""A word that nobody but the agent understands is asked about once, for all the lines that have it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marelle.core.refusals import NotYours
from marelle.families.fields import Diet
from marelle.families.imports.choosing import words_asked, words_open, words_set
from marelle.families.imports.kept import ImportNotReady
from marelle.families.imports.services import import_report, import_start, imports_advance
from marelle.families.imports.words import LEFT_OUT, Kind
from marelle.families.models import Family, FamilyImport, Guardianship, ImportWord, Person, Schooling
from marelle.places.models import School
from tests.families.imports.files import GOOD, HEADINGS, changed, csv_of
from tests.families.imports.test_imports import NOW, Office

pytestmark = pytest.mark.django_db

PUPIL = (*HEADINGS, "École", "Niveau", "Régime alimentaire")
MANY = 557


@pytest.fixture
def world(time_machine: Any) -> Office:
    time_machine.move_to(NOW, tick=False)
    office = Office()
    office.tilleuls = office.school("École des Tilleuls")
    return office


def line(number: int, school: str = "", level: str = "", diet: str = "", **cells: str) -> tuple[str, ...]:
    name = "".join("abcdefghij"[int(digit)] for digit in str(number))
    mail = f"{name}@famille.example"
    own = {"c0": f"R{number}", "c1": f"Parent{name}", "c3": mail, "c4": "", "c6": f"Enfant{name}", **cells}
    return (*changed(**own), school, level, diet)


def file_of(*lines: tuple[str, ...]) -> Any:
    return csv_of(*lines, headings=PUPIL)


def says(world: Office, row: FamilyImport, **said: str) -> FamilyImport:
    """By kind and word: `school_jferry="12"`."""
    told = {(Kind(name.split("_")[0]), name.split("_")[1]): meaning for name, meaning in said.items()}
    return words_set(actor=world.office, import_id=row.pk, said=told)


def test_one_unknown_school_is_asked_about_once_for_557_lines(world):
    upload = file_of(*(line(n, "Ec. élém. Tilleuls", "CP") for n in range(MANY)))
    row = world.prepares(upload)
    (asked,) = words_asked(row)
    assert (asked.kind, asked.word, asked.shown, asked.lines) == (
        Kind.SCHOOL, "ecelemtilleuls", "Ec. élém. Tilleuls", MANY,
    )  # fmt: skip
    assert len(import_report(row, now=NOW).problems) == MANY
    row = says(world, row, school_ecelemtilleuls=str(world.tilleuls.pk))
    report = import_report(row, now=NOW)
    assert (len(report.new), report.problems) == (MANY, ())
    assert words_open(row, report.asked) == ()
    import_start(actor=world.office, import_id=row.pk, all_or_none=True, now=NOW)
    while imports_advance(now=NOW):
        pass
    assert Schooling.objects.filter(school=world.tilleuls, level="CP").count() == MANY
    # The next file needs no word about it; what was said of this one goes with its lines.
    again = world.prepares(file_of(line(900, "EC ELEM TILLEULS", "CP")))
    assert import_report(again, now=NOW).problems == ()
    assert FamilyImport.objects.get(pk=row.pk).words == {}


def test_each_kind_of_word_is_asked_about_and_written_as_it_was_said(world):
    rows = (
        line(1, "École des Tilleuls", "Les Dauphins", "Halal", c5="grand-mère"),
        line(2, "Les Pins", "CP", "halal", c5="Mme"),
    )
    row = world.prepares(file_of(*rows))
    assert [(one.kind, one.word, one.lines) for one in words_asked(row)] == [
        ("school", "lespins", 1), ("level", "lesdauphins", 1), ("diet", "halal", 2), ("link", "grandmere", 1),
    ]  # fmt: skip
    row = says(
        world, row, school_lespins=str(world.tilleuls.pk), level_lesdauphins="GS", diet_halal="no_pork",
        link_grandmere="guardian",
    )  # fmt: skip
    import_start(actor=world.office, import_id=row.pk, all_or_none=True, now=NOW)
    imports_advance(now=NOW)
    assert sorted(Schooling.objects.values_list("level", flat=True)) == ["CP", "GS"]
    assert Person.objects.filter(diet=Diet.NO_PORK).count() == 2
    assert sorted(Guardianship.objects.values_list("link", flat=True)) == ["guardian", "mother"]
    assert set(ImportWord.objects.values_list("kind", "word", "meaning")) == {
        ("school", "lespins", str(world.tilleuls.pk)), ("level", "lesdauphins", "GS"),
        ("diet", "halal", "no_pork"), ("link", "grandmere", "guardian"),
    }  # fmt: skip


def test_what_is_left_out_enters_without_it_and_is_asked_about_again(world):
    lines = (line(1, "Ailleurs", "CP", "PAI arachide"), line(2, "École des Tilleuls", "CP/CE1"))
    row = world.prepares(file_of(*lines))
    row = says(world, row, school_ailleurs="-", diet_paiarachide="-", level_cpce1="-")
    assert import_report(row, now=NOW).problems == ()
    import_start(actor=world.office, import_id=row.pk, all_or_none=True, now=NOW)
    imports_advance(now=NOW)
    assert Family.objects.count() == 2
    assert not Schooling.objects.exists()
    assert not Person.objects.exclude(diet="").exists()
    # A word of health is kept nowhere once the file is imported.
    row.refresh_from_db()
    assert not ImportWord.objects.exists()
    assert "arachide" not in json.dumps([row.problems, row.words, row.counts])
    again = world.prepares(file_of(*lines))
    assert len(words_open(again, words_asked(again))) == 3


def test_a_class_without_a_school_is_one_question_for_all_its_lines(world):
    """A village has one school, and its list does not name it."""
    headings = (*HEADINGS, "Classe")
    row = world.prepares(csv_of(*(line(n, "CP")[: len(headings)] for n in range(3)), headings=headings))
    (asked,) = words_asked(row)
    assert (asked.kind, asked.word, asked.lines) == (Kind.SCHOOL, "", 3)
    row = words_set(actor=world.office, import_id=row.pk, said={(Kind.SCHOOL, ""): str(world.tilleuls.pk)})
    assert import_report(row, now=NOW).problems == ()
    assert not ImportWord.objects.exists()  # of another file it says nothing


def test_a_school_without_a_class_may_only_be_left_out(world):
    row = world.prepares(file_of(line(1, "École des Tilleuls")))
    with pytest.raises(NotYours):
        words_set(actor=world.office, import_id=row.pk, said={(Kind.LEVEL, ""): "CP"})
    row = words_set(actor=world.office, import_id=row.pk, said={(Kind.LEVEL, ""): LEFT_OUT})
    assert import_report(row, now=NOW).problems == ()


def test_a_cell_of_signs_alone_says_nothing(world):
    row = world.prepares(file_of(line(1, "-", "?", "—", c5="/")))
    report = import_report(row, now=NOW)
    assert (report.asked, report.problems, len(report.new)) == ((), (), 1)


def test_what_is_said_no_more_is_asked_about_again(world):
    row = world.prepares(file_of(line(1, "Les Pins", "CP")))
    row = says(world, row, school_lespins=str(world.tilleuls.pk))
    row = says(world, row, school_lespins="")
    assert len(import_report(row, now=NOW).problems) == 1
    assert not ImportWord.objects.exists()


@pytest.mark.parametrize(
    ("kind", "word", "meaning"),
    [
        (Kind.SCHOOL, "lespins", "999999"),
        (Kind.SCHOOL, "lespins", "CP"),
        (Kind.SCHOOL, "ailleurs", "-"),
        (Kind.LEVEL, "cpce1", "CP"),
        (Kind.LEVEL, "lespins", "CP"),
        (Kind.LINK, "voisin", "-"),
        (Kind.LINK, "voisin", "uncle"),
        (Kind.DIET, "halal", "halal"),
    ],
)
def test_what_a_word_may_not_mean_is_refused(world, kind, word, meaning):
    row = world.prepares(file_of(line(1, "Les Pins", "CP/CE1", "Halal", c5="voisin")))
    with pytest.raises(NotYours):
        words_set(actor=world.office, import_id=row.pk, said={(kind, word): meaning})
    row.refresh_from_db()
    assert not any(row.words.values())
    assert not ImportWord.objects.exists()


def test_a_school_that_has_gone_is_asked_about_again(world):
    gone = world.school("École fermée")
    row = says(world, world.prepares(file_of(line(1, "Les Pins", "CP"))), school_lespins=str(gone.pk))
    gone.delete()
    again = world.prepares(file_of(line(1, "Les Pins", "CP")))
    assert len(words_open(again, words_asked(again))) == 1
    started = import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    assert [code for _line, code, _data, _cells in started.problems] == ["unknown_school"]


def test_words_are_those_of_the_start_until_the_last_home(world):
    row = says(
        world, world.prepares(file_of(line(1, "Les Pins", "CP"))), school_lespins=str(world.tilleuls.pk)
    )
    import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    with pytest.raises(ImportNotReady, match="already_started"):
        says(world, row, school_lespins="-")
    ImportWord.objects.all().delete()
    imports_advance(now=NOW)
    assert Schooling.objects.get().school == world.tilleuls


def test_a_school_of_that_name_comes_before_what_was_said_of_the_word(world):
    row = says(
        world, world.prepares(file_of(line(1, "Les Pins", "CP"))), school_lespins=str(world.tilleuls.pk)
    )
    pins = world.school("Les Pins")
    assert import_report(row, now=NOW).new[0].children[0].pupil.school_id == pins.pk
    assert School.objects.count() == 2


def test_a_word_longer_than_any_is_not_asked_about(world):
    row = world.prepares(file_of(line(1, "x" * 81, "CP"), (*GOOD, "", "", "")))
    report = import_report(row, now=NOW)
    assert (report.asked, len(report.problems), len(report.new)) == ((), 1, 1)


def test_one_query_more_for_no_number_of_words(world, count_queries):
    row = world.prepares(file_of(*(line(n, f"École {n}", "CP") for n in range(40))))
    with count_queries(1):
        assert len(words_asked(row)) == 40
