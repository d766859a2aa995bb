"""What an agent says of a file: where its headings are, which column is which; and what of it is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.core.refusals import NotYours
from marelle.families.imports.choosing import columns_set, heading_set
from marelle.families.imports.kept import ImportNotReady
from marelle.families.imports.services import import_report, import_start
from marelle.families.models import Family, Guardianship, ImportWord
from tests.families.imports.files import GOOD, HEADINGS, changed, csv_of, xlsx_of
from tests.families.imports.test_imports import NOW, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine: Any) -> Office:
    time_machine.move_to(NOW, tick=False)
    return Office()


def excel(*rows: str) -> SimpleUploadedFile:
    """As a French Excel writes it: Windows’s letters, semicolons."""
    return SimpleUploadedFile("export.csv", "\r\n".join(rows).encode("cp1252"))


MESSY = (
    "Mairie d’Arelle – service enfance;;;;;;;;",
    "Export du 12/09/2026 à 10:42;;;;;;;;",
    ";;;;;;;;",
    "Responsable légal 1;;;Enfant;;;Foyer;;",
    "Nom;Prénom;Tél. portable;Nom;Prénom;Né(e) le;Adresse;CP;Ville",
    "HADDAD;Rachid;06.39.98.10.01;HADDAD;Inès;14/05/2018 00:00;3, rue des Lilas;1999;Arelle",
    'PETIT;Anne;;PETIT;Lou;2/3/19;"8 rue du Pré\nBâtiment B";01999;Arelle',
)


def test_an_export_with_titles_above_and_over_its_headings_enters_as_it_is(world):
    row = world.prepares(excel(*MESSY))
    assert (row.headings[0], row.lines, row.heading) == ("Responsable légal 1 Nom", 2, 3)
    found = import_report(row, now=NOW)
    assert found.problems == ()
    assert [
        (draft.adults[0].last_name, draft.children[0].birth_date.isoformat(), draft.address["street"])
        for draft in found.new
    ] == [("HADDAD", "2018-05-14", "3, rue des Lilas"), ("PETIT", "2019-03-02", "8 rue du Pré Bâtiment B")]
    assert [draft.numbers for draft in found.new] == [(6,), (7,)]
    world.imports(excel(*MESSY))
    assert Family.objects.count() == 2


def test_a_spreadsheet_with_a_title_above_its_headings_reads_the_same(world):
    rows = [tuple(row.split(";")) for row in MESSY[1:]]
    sheet = SimpleUploadedFile("export.xlsx", xlsx_of(*rows, headings=MESSY[0].split(";")))
    row = world.prepares(sheet)
    assert (row.headings[0], row.lines) == ("Responsable légal 1 Nom", 2)


def test_the_line_of_the_headings_is_chosen(world):
    row = world.prepares(csv_of(("Export", *[""] * 12), HEADINGS, GOOD, headings=HEADINGS))
    assert (row.heading, row.lines) == (0, 3)
    assert len(import_report(row, now=NOW).problems) > 1
    row = heading_set(actor=world.office, import_id=row.pk, at=2)
    assert (row.heading, row.lines, row.columns["first1"]) == (2, 1, 1)
    assert import_report(row, now=NOW).problems == ()
    for at in (-1, 20, 4):
        with pytest.raises(NotYours):
            heading_set(actor=world.office, import_id=row.pk, at=at)
    with pytest.raises(ImportNotReady, match="no_lines"):
        heading_set(actor=world.office, import_id=row.pk, at=3)
    import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    with pytest.raises(ImportNotReady, match="already_started"):
        heading_set(actor=world.office, import_id=row.pk, at=0)


ODD = ("Qui", "Clan", *HEADINGS[2:])


def test_columns_that_an_agent_chose_are_kept_for_the_next_file(world):
    line = ("Rachid", "Haddad", *GOOD[2:])
    row = world.prepares(csv_of(line, headings=ODD))
    assert "first1" not in row.columns
    chosen = {**row.columns, "first1": 0, "last1": 1}
    del chosen["quotient"]
    columns_set(actor=world.office, import_id=row.pk, columns=chosen)
    assert world.prepares(csv_of(line, headings=ODD)).columns == chosen
    # Other columns beside them change nothing; what is guessed is not kept.
    other = world.prepares(csv_of(("x", *line), headings=("Loisir", *ODD)))
    assert other.columns["first1"] == 1
    assert "quotient" not in other.columns
    assert set(ImportWord.objects.values_list("word", "meaning")) == {
        ("qui", "first1"), ("clan", "last1"), ("nomparent1", ""), ("qf", ""),
    }  # fmt: skip
    columns_set(actor=world.office, import_id=other.pk, columns={**other.columns, "quotient": 13})
    assert world.prepares(csv_of(line, headings=ODD)).columns["quotient"] == 12
    assert not ImportWord.objects.filter(word="qf").exists()


def test_a_heading_that_comes_twice_is_kept_for_no_other_file(world):
    twice = ("X", "Nom parent 1", "Prénom parent 1", "X")
    row = world.prepares(csv_of(("a", "Haddad", "Rachid", "b"), headings=twice))
    columns_set(actor=world.office, import_id=row.pk, columns={"last1": 1, "first1": 2, "city": 3})
    assert not ImportWord.objects.exists()


@pytest.mark.parametrize(
    ("said", "kept"),
    [("1234567", "1234567"), ("1 234 567", "1234567"), ("1234567 K", "1234567"), ("0123456A", "0123456")],
)
def test_the_number_of_the_caf_comes_in(world, said, kept):
    world.imports(csv_of((*GOOD, said), headings=(*HEADINGS, "N° allocataire CAF")))
    assert Family.objects.get().caf_number == kept


def test_a_number_of_the_caf_that_is_none_is_told_and_so_is_another_one_of_the_home(world):
    headings = (*HEADINGS, "N° allocataire")
    ((where, said),) = world.said(csv_of((*GOOD, "oui"), headings=headings))
    assert (where, said.split(" : ")[0]) == ("2", "Numéro d’allocataire")
    second = changed(c6="Sami", c8="2021-02-03")
    ((where, said),) = world.said(csv_of((*GOOD, "1234567"), (*second, "7654321"), headings=headings))
    assert (where, "pas la même valeur qu’à la ligne 2" in said) == ("3", True)
    world.imports(csv_of((*GOOD, ""), (*second, "7654321"), headings=headings))
    assert Family.objects.get().caf_number == "7654321"


def test_a_mother_alone_under_her_own_columns_is_the_first_adult(world):
    titles = "Nom père;Prénom père;Nom mère;Prénom mère;Mail mère;Nom enfant;Prénom enfant;Né(e) le"
    world.imports(
        excel(
            titles,
            ";;Roy;Léa;lea@famille.example;Roy;Max;1/2/2020",
            "Petit;Luc;Petit;Anne;;Petit;Lou;1/2/2020",
        )
    )
    assert set(Guardianship.objects.values_list("adult__first_name", "child__first_name", "link")) == {
        ("Léa", "Max", "mother"), ("Luc", "Lou", "father"), ("Anne", "Lou", "mother"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("civility", "link", "held", "is_to_child"),
    [
        ("Mme", "père", "mrs", "father"),
        ("Mlle", "", "mrs", "mother"),
        ("M.", "tuteur", "mr", "guardian"),
        ("MONSIEUR", "", "mr", "father"),
        ("", "Mme", "mrs", "mother"),
        ("M. et Mme", "père", "", "father"),
        ("", "père", "", "father"),
    ],
)
def test_a_civility_is_kept_and_says_who_an_adult_is_where_nothing_else_does(
    world, civility, link, held, is_to_child
):
    row = world.imports(csv_of((*changed(c5=link), civility), headings=(*HEADINGS, "Civilité parent 1")))
    assert row.counts["created"] == 1
    found = Guardianship.objects.get()
    assert (found.adult.civility, found.link) == (held, is_to_child)


def test_a_civility_with_nobody_beside_it_is_of_nobody(world):
    headings = (*HEADINGS, "Nom parent 2", "Prénom parent 2", "Civilité parent 2")
    row = world.imports(csv_of((*GOOD, "", "", "Mme"), headings=headings))
    assert row.counts["created"] == 1
    assert Guardianship.objects.count() == 1


@pytest.mark.parametrize("said", ["14/05/2018 00:00:00", "14/05/18", "2018-05-14T00:00:00", "14.5.2018"])
def test_the_dates_of_other_software_are_read(world, said):
    (draft,) = import_report(world.prepares(csv_of(changed(c8=said))), now=NOW).new
    assert draft.children[0].birth_date.isoformat() == "2018-05-14"
