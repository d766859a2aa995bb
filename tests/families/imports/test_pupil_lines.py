"""The list of a school: its columns found by their headings, its lines read or told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from marelle.core.tabular import Line
from marelle.families.imports.labels import reason_text
from marelle.families.imports.pupil_lines import (
    Listed,
    columns_missing,
    places_guessed,
    pupils_listed,
    words_unknown,
)
from marelle.families.imports.words import LEFT_OUT, Kind, Words

DAY = date(2027, 9, 3)
ONDE = (
    "Nom élève", "Nom d'usage élève", "Prénom élève", "Date naissance", "Sexe", "INE", "Adresse1", "Cp1",
    "Commune1", "Cycle", "Niveau", "Libellé classe", "Nom enseignant", "Régime",
)  # fmt: skip
ZOE = (
    "DURAND", "", "ZOE", "14/05/2018", "F", "123456789AB", "3 rue des Lilas", "21990",
    "ARELLE", "CYCLE II", "CE2", "CE2 A", "Mme POMMIER", "DEMI-PENSIONNAIRE",
)  # fmt: skip
WORDS = Words({"tilleuls": 7, "chenes": 8})


def read(*rows: tuple[str, ...], headings: tuple[str, ...] = ONDE, **given: Any) -> Any:
    lines = [Line(number, row) for number, row in enumerate(rows, 2)]
    asked = {"school_id": 7, "school_year": 2027, "in_charge": {7}, "day": DAY, "words": WORDS} | given
    return pupils_listed(lines, places_guessed(headings), **asked)


def cells(headings: tuple[str, ...], row: tuple[str, ...], **changed: str) -> tuple[str, ...]:
    told = dict(zip(headings, row, strict=True)) | {
        key.replace("_", " "): text for key, text in changed.items()
    }
    return tuple(told[heading] for heading in headings)


def test_the_national_export_is_understood_by_its_headings():
    found = {code: ONDE[place] for code, place in places_guessed(ONDE).items()}
    assert found == {
        "child_last": "Nom élève",
        "child_usage": "Nom d'usage élève",
        "child_first": "Prénom élève",
        "child_birth": "Date naissance",
        "level": "Niveau",
        "class": "Libellé classe",
        "teacher": "Nom enseignant",
    }


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("Nom Elève", "child_last"),
        ("NOM DE L’ÉLÈVE", "child_last"),
        ("Nom", "child_last"),
        ("Nom de famille", "child_last"),
        ("Nom de naissance", "child_last"),
        ("Prénom(s)", "child_first"),
        ("Né(e) le", "child_birth"),
        ("Date de naissance", "child_birth"),
        ("Niveau scolaire", "level"),
        ("Classe", "class"),
        ("Nom de la classe", "class"),
        ("Enseignante", "teacher"),
        ("Nom de l’école", "school"),
        ("Établissement", "school"),
        ("Année scolaire", "school_year"),
        ("Nom responsable 1", ""),
        ("Prénom 2", ""),
        ("Régime", ""),
        ("Commune naissance", ""),
        ("Sexe", ""),
    ],
)
def test_headings_of_other_lists_are_too(heading, code):
    assert places_guessed((heading,)) == ({code: 0} if code else {})


def test_a_line_is_a_pupil():
    assert read(ZOE) == (
        (Listed(2, "ZOE", "DURAND", "", date(2018, 5, 14), 7, "CE2", "Mme POMMIER"),),
        (),
    )


def test_a_class_stands_for_the_teacher_then_for_the_level():
    (one,), _none = read(cells(ONDE, ZOE, Nom_enseignant=""))
    assert (one.level, one.teacher) == ("CE2", "CE2 A")
    headings = ("Nom", "Prénom", "Né le", "Classe")
    (one,), _none = read(("Durand", "Zoé", "14/05/2018", "CE 2 B"), headings=headings)
    assert (one.level, one.teacher) == ("CE2", "CE 2 B")
    (one,), _none = read(("Durand", "Zoé", "14/05/2018", "ce2"), headings=headings)
    assert (one.level, one.teacher) == ("CE2", "")


def test_without_a_level_nor_a_class_no_list_is_read():
    assert columns_missing(places_guessed(("Nom", "Prénom", "Né le"))) == ("Niveau",)
    assert columns_missing(places_guessed(("Nom", "Né le", "Classe"))) == ("Prénom enfant",)
    assert columns_missing(places_guessed(ONDE)) == ()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"Nom_élève": ""}, "Nom enfant"),
        ({"Date_naissance": "31/02/2018"}, "Date de naissance enfant"),
        ({"Niveau": "ULIS"}, "Classe : « ULIS » n’est pas une classe connue"),
        ({"Niveau": "CP/CE1"}, "Classe : « CP/CE1 » est une classe de plusieurs niveaux"),
        ({"Niveau": ""}, "Classe"),
    ],
)
def test_what_cannot_be_read_is_told_and_nobody_is_listed(changed, told):
    listed, (problem, *_more) = read(cells(ONDE, ZOE, **changed))
    assert listed == ()
    assert problem.where == "2"
    assert reason_text(problem.code, problem.data).replace("\u00a0", " ").startswith(told)


def test_a_school_is_that_of_the_line_and_one_of_the_agents():
    headings = ("Nom", "Prénom", "Né le", "Niveau", "École", "Année scolaire")
    row = ("Durand", "Zoé", "14/05/2018", "CE2", "Tilleuls", "2027-2028")
    (one,), _none = read(row, headings=headings, school_id=None)
    assert one.school_id == 7
    codes = [
        problem.code
        for changed in (
            {"École": "Chênes"},
            {"École": "Ormes"},
            {"École": ""},
            {"Année_scolaire": "2026-2027"},
        )
        for problem in read(cells(headings, row, **changed), headings=headings, school_id=None)[1]
    ]
    assert codes == ["other_school", "unknown_school", "required", "other_year"]


def test_one_line_twice_is_told_once():
    listed, (problem,) = read(ZOE, ZOE)
    assert [one.line for one in listed] == [2]
    assert (problem.where, problem.code, problem.data) == ("3", "listed_twice", {"line": 2})


def test_a_word_that_nobody_understands_is_asked_once_and_may_be_left_out():
    lines = [Line(number, cells(ONDE, ZOE, Niveau="ULIS")) for number in (2, 3)]
    asked = words_unknown(lines, places_guessed(ONDE), WORDS)
    assert [(one.kind, one.shown, one.lines) for one in asked] == [(Kind.LEVEL, "ULIS", 2)]
    said = Words(WORDS.schools, {Kind.LEVEL: {"ulis": "CE1"}})
    (one,), _none = read(lines[0].cells, words=said)
    assert one.level == "CE1"
    assert read(lines[0].cells, words=Words({}, {Kind.LEVEL: {"ulis": LEFT_OUT}})) == ((), ())
