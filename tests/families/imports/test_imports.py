"""Families enter by a file: what is right is written once, what is wrong is told, what is there is left."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.core.tabular import FileUnreadable, csv_written, lines_of
from marelle.families.finding.selectors import families_matching
from marelle.families.imports.choosing import columns_set
from marelle.families.imports.kept import MOST_BYTES, ImportNotReady, lines_kept
from marelle.families.imports.labels import reason_text, refusal_text, report_rows
from marelle.families.imports.services import (
    import_drop,
    import_prepare,
    import_report,
    import_start,
    imports_advance,
    imports_forget,
)
from marelle.families.models import (
    ExternalReference,
    Family,
    FamilyImport,
    Guardianship,
    Income,
    Member,
    Residence,
)
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from tests.families.imports.files import GOOD, HEADINGS, changed, csv_of, xlsx_of
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TODAY = NOW.date()


class Office(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.authority_first = self.the_authority
        self.office = actor_for(self.staff("guichet", Role.OFFICE))
        self.commune("Arelle", self.the_authority, postal_code="01999")

    def prepares(self, upload: SimpleUploadedFile) -> FamilyImport:
        return import_prepare(actor=self.office, upload=upload, now=NOW)

    def imports(self, upload: SimpleUploadedFile, *, all_or_none: bool = False) -> FamilyImport:
        row = self.prepares(upload)
        import_start(actor=self.office, import_id=row.pk, all_or_none=all_or_none, now=NOW)
        while imports_advance(now=NOW):
            pass
        row.refresh_from_db()
        return row

    def said(self, upload: SimpleUploadedFile) -> list[tuple[str, str]]:
        return [
            (one.where, reason_text(one.code, one.data))
            for one in import_report(self.prepares(upload), now=NOW).problems
        ]


@pytest.fixture
def world(time_machine: Any) -> Office:
    time_machine.move_to(NOW, tick=False)
    return Office()


def refusal_of(call: Any) -> str:
    with pytest.raises(FileUnreadable) as refused:
        call()
    return refused.value.code


def test_a_home_is_written_with_all_that_its_lines_say(world):
    second = changed(
        c1="Amina", c3="", c4="", c5="mère", c6="Sami", c8="2021-02-03", c9="", c10="", c11="", c12=""
    )
    row = world.imports(csv_of(GOOD, second))
    assert (row.state, row.counts) == ("done", {"wrong": 0, "created": 1, "present": 0})
    family = Family.objects.get()
    assert (family.name, family.number) == ("Haddad", f"{family.pk:06}")
    assert set(family.members.values_list("person__first_name", "kind")) == {
        ("Rachid", "adult"), ("Amina", "adult"), ("Inès", "child"), ("Sami", "child"),
    }  # fmt: skip
    rachid = family.members.get(person__first_name="Rachid").person
    assert (rachid.email, rachid.phone) == ("rachid@famille.example", "+33639981001")
    assert set(Guardianship.objects.values_list("adult__first_name", "child__first_name", "link")) == {
        ("Rachid", "Inès", "father"), ("Rachid", "Sami", "father"),
        ("Amina", "Inès", "mother"), ("Amina", "Sami", "mother"),
    }  # fmt: skip
    home = Residence.objects.get()
    assert (home.street, home.postal_code, home.since) == ("3 rue des Lilas", "01999", TODAY)
    assert home.commune is not None
    assert Income.objects.get().told.amount == Decimal("734.50")
    assert ExternalReference.objects.get().reference == "A1"
    for typed in ("haddad", "sami", "a1"):
        assert [found.id for found in families_matching(typed, limit=3)] == [family.pk]
    assert Entry.objects.get(verb="family.created").actor_label == "Guichet"
    assert Entry.objects.get(verb="family.imported").data == row.counts


def test_the_same_file_again_writes_nothing_twice(world):
    other = changed(c0="", c1="Anne", c2="Petit", c3="anne@famille.example", c4="", c6="Lou", c7="Petit")
    assert world.imports(csv_of(GOOD, other)).counts["created"] == 2
    again = world.imports(csv_of(GOOD, other))
    assert (again.counts["created"], again.counts["present"]) == (0, 2)
    assert Family.objects.count() == 2
    assert Member.objects.count() == 4


def test_a_home_that_is_there_is_known_by_a_child_or_by_how_an_adult_is_reached(world):
    haddad = world.home("Haddad", "Rachid")
    world.child(haddad, "Ines", born=date(2018, 5, 14), last_name="HADDAD")
    petit = world.home("Petit", "Anne")
    petit.adult.email = "Anne@famille.example"
    petit.adult.save()
    lines = (
        GOOD,
        changed(c0="B", c1="Anne", c2="Petit", c3="anne@famille.example", c4="", c6="Lou", c8="2/3/2020"),
    )
    report = import_report(world.prepares(csv_of(*lines)), now=NOW)
    assert [(known.family_id, known.by_reference) for known in report.known] == [
        (haddad.family.pk, False),
        (petit.family.pk, False),
    ]
    assert report.new == ()


def test_a_third_of_bad_lines_is_told_and_the_rest_is_written(world):
    lines = [
        changed(
            c0=f"R{n}",
            c1=f"Parent{letter}",
            c3=f"p{n}@famille.example",
            c4="",
            c6=f"Enfant{letter}",
            c8="" if n % 3 == 0 else "14/05/2018",
        )
        for n, letter in enumerate("abcdefghi")
    ]
    row = world.imports(csv_of(*lines))
    assert row.counts == {"wrong": 3, "created": 6, "present": 0}
    assert [where for where, _code, _data, _cells in row.problems] == [2, 5, 8]
    table = lines_of(csv_written(report_rows(row.headings, row.problems)), most=10)
    assert table[0].cells[:3] == ("Ligne", "À corriger", "Référence")
    assert table[1].cells[:3] == (
        "2", "Date de naissance enfant : Cette information est nécessaire : remplissez-la.", "R0",
    )  # fmt: skip


def test_all_or_none_writes_nothing_as_long_as_a_line_is_wrong(world):
    row = world.imports(csv_of(GOOD, changed(c0="B", c3="pas une adresse")), all_or_none=True)
    assert (row.state, row.counts) == ("refused", {"wrong": 1})
    assert not Family.objects.exists()
    assert world.imports(csv_of(GOOD), all_or_none=True).state == "done"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"c1": ""}, "Prénom responsable 1 : Cette information est nécessaire"),
        ({"c3": "rachid@"}, "Mail responsable 1 : Cette adresse n’est pas complète"),
        ({"c4": "06 12"}, "Téléphone responsable 1 : Ce numéro n’est pas complet"),
        ({"c5": "voisin"}, "Lien responsable 1 : « voisin » ne dit pas qui est cette personne"),
        ({"c6": "123"}, "Prénom enfant : Écrivez un nom avec des lettres"),
        ({"c8": "31/02/2018"}, "Date de naissance enfant : Donnez une date qui existe"),
        ({"c8": "14/05/2028"}, "Date de naissance enfant : Cette date est dans l’avenir"),
        ({"c10": "x"}, "Code postal : Écrivez le code postal"),
        ({"c11": ""}, "Ville : "),
        ({"c12": "beaucoup"}, "Quotient familial : Écrivez un montant"),
        ({"c0": "A" * 61}, "Référence du dossier : C’est trop long"),
        ({"c6": "=cmd|' /C calc'!A0"}, ""),
    ],
)
def test_each_wrong_cell_has_its_reason(world, cells, said):
    found = world.said(csv_of(changed(**cells)))
    if said:
        assert [where for where, _text in found] == ["2"]
        assert said in found[0][1]
    else:  # a name with a letter is a name, and is only a text
        assert found == []


def test_what_the_lines_of_one_home_do_not_agree_on(world):
    assert (
        "pas la même valeur qu’à la ligne 2"
        in world.said(csv_of(GOOD, changed(c6="Sami", c9="8 rue du Pré")))[0][1]
    )
    assert "INES est deux fois" in world.said(csv_of(GOOD, changed(c6="INES")))[0][1]


def test_a_child_of_two_homes_of_the_file_is_never_written_twice(world):
    apart = changed(c0="B", c1="Amina", c3="amina@famille.example", c4="")
    found = world.said(csv_of(GOOD, apart))
    assert [where for where, _text in found] == ["3"]
    assert "à la ligne 2" in found[0][1]
    assert world.imports(csv_of(GOOD, apart)).counts["created"] == 1


def test_a_spreadsheet_reads_as_the_same_csv(world):
    lines = import_report(world.prepares(csv_of(GOOD)), now=NOW).new
    sheet = SimpleUploadedFile("familles.xlsx", xlsx_of(GOOD))
    assert import_report(world.prepares(sheet), now=NOW).new == lines


def test_a_formula_is_never_computed(world):
    sheet = SimpleUploadedFile("familles.xlsx", xlsx_of(changed(c6='=HYPERLINK("http://x.example")')))
    problem = import_report(world.prepares(sheet), now=NOW).problems[0]
    assert problem.data["value"] == "42"  # what the spreadsheet had kept of it


def test_a_file_that_swells_is_not_opened(world):
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "a" * 201 * 1024 * 1024)
    assert len(content.getvalue()) < MOST_BYTES
    upload = SimpleUploadedFile("bombe.xlsx", content.getvalue())
    assert refusal_of(lambda: world.prepares(upload)) == "too_big_inside"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"PK\x03\x04rest", "broken_sheet"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet"),
        (b"\0\1\2", "binary"),
        (b"a;b\n", "no_rows"),
        (b"x" * (MOST_BYTES + 1), "too_big"),
        (b"a;b\n" + b"1;2\n" * 20_001, "too_many_rows"),
    ],
)
def test_what_is_no_list_of_families_is_refused_with_its_reason(world, content, code):
    assert refusal_of(lambda: world.prepares(SimpleUploadedFile("x.csv", content))) == code
    assert not FamilyImport.objects.exists()


def test_a_cell_that_is_too_long_is_told_by_its_line(world):
    lines = (GOOD, changed(c9="x" * 2_001))
    for upload in (csv_of(*lines), SimpleUploadedFile("familles.xlsx", xlsx_of(*lines))):
        with pytest.raises(FileUnreadable) as refused:
            world.prepares(upload)
        told = refusal_text(refused.value).replace("\u202f", " ")
        assert told.startswith("À la ligne 3, une case a plus de 2 000 lettres : raccourcissez-la")
    assert not FamilyImport.objects.exists()


def test_columns_are_guessed_and_the_agent_corrects_them(world):
    headings = ("Qui", "Clan", *HEADINGS[6:])
    row = world.prepares(csv_of(("Rachid", "Haddad", *GOOD[6:]), headings=headings))
    assert row.columns["child_first"] == 2
    with pytest.raises(ImportNotReady, match="missing_columns"):
        import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    with pytest.raises(ImportNotReady, match="missing_columns"):
        columns_set(actor=world.office, import_id=row.pk, columns={"first1": 0})
    with pytest.raises(ImportNotReady, match="column_twice"):
        columns_set(actor=world.office, import_id=row.pk, columns={"first1": 0, "last1": 0})
    with pytest.raises(NotYours):
        columns_set(actor=world.office, import_id=row.pk, columns={"first1": 0, "last1": 99})
    columns_set(actor=world.office, import_id=row.pk, columns={**row.columns, "first1": 0, "last1": 1})
    assert import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW).homes == 1


def test_what_only_an_adult_has_is_of_the_first_one_with_nobody_named_beside_it(world):
    """Lists kept by hand say « Téléphone », not « Téléphone parent 1 »: the homes entered without it."""
    headings = ("Référence", "Prénom parent", "Nom parent", "Mail", "Portable", "Lien", *HEADINGS[6:])
    row = world.prepares(csv_of(GOOD, headings=headings))
    assert row.columns == world.prepares(csv_of(GOOD)).columns


def test_started_twice_and_dropped_too_late(world):
    row = world.prepares(csv_of(GOOD))
    for _time in range(2):
        import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    assert not import_drop(actor=world.office, import_id=row.pk)
    imports_advance(now=NOW)
    assert imports_advance(now=NOW) == 0
    assert Family.objects.count() == 1
    assert import_drop(actor=world.office, import_id=world.prepares(csv_of(GOOD)).pk)


def test_a_worker_goes_on_where_another_one_stopped(world, monkeypatch):
    monkeypatch.setattr("marelle.families.imports.services.BATCH", 2)
    monkeypatch.setattr("marelle.families.imports.services.ROUND_SECONDS", 0.0)
    lines = [
        changed(c0=f"R{n}", c1=f"Parent{letter}", c3=f"p{n}@famille.example", c4="", c6=f"Enfant{letter}")
        for n, letter in enumerate("abcde")
    ]
    row = world.prepares(csv_of(*lines))
    import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)
    assert imports_advance(now=NOW) == 0  # no time at all: nothing, and nothing lost
    monkeypatch.setattr("marelle.families.imports.services.ROUND_SECONDS", 10.0)
    monkeypatch.setattr("marelle.families.imports.services.families_create", _dies_at_the_second(2))
    with pytest.raises(RuntimeError):
        imports_advance(now=NOW)
    row.refresh_from_db()
    assert (row.done_homes, Family.objects.count()) == (2, 2)
    monkeypatch.undo()
    while imports_advance(now=NOW):
        pass
    row.refresh_from_db()
    assert (row.state, row.counts["created"], Family.objects.count()) == ("done", 5, 5)


def _dies_at_the_second(fatal: int) -> Any:
    from marelle.families.services import families_create

    calls = iter(range(1, 10))

    def creating(**given: Any) -> Any:
        created = families_create(**given)
        if next(calls) == fatal:
            raise RuntimeError("The machine stops.")
        return created

    return creating


def test_a_number_of_statements_that_does_not_depend_on_the_homes(world, count_queries):
    def of(homes: int, first: int) -> FamilyImport:
        letters = [chr(97 + n // 26) + chr(97 + n % 26) for n in range(first, first + homes)]
        lines = [
            changed(c0=f"R{one}", c1=f"Parent{one}", c3=f"{one}@famille.example", c4="", c6=f"Enfant{one}")
            for one in letters
        ]
        row = world.prepares(csv_of(*lines))
        return import_start(actor=world.office, import_id=row.pk, all_or_none=False, now=NOW)

    of(1, 0)
    with count_queries() as few:
        imports_advance(now=NOW)
    of(60, 1)
    # SQLite cuts the longest statements into a few.
    with count_queries(len(few) + 12):
        imports_advance(now=NOW)
    assert Family.objects.count() == 61


def test_lines_that_no_key_opens_are_to_be_sent_again(world, settings):
    row = world.prepares(csv_of(GOOD))
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    with pytest.raises(FileUnreadable) as refused:
        lines_kept(row)
    assert refused.value.code == "forgotten"


def test_what_was_read_and_never_started_is_forgotten(world, django_capture_on_commit_callbacks):
    row = world.prepares(csv_of(GOOD))
    assert storages["private"].exists(row.key)
    assert imports_forget(now=NOW + timedelta(hours=23)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert imports_forget(now=NOW + timedelta(hours=25)) == 1
    assert not storages["private"].exists(row.key)


def test_lines_that_were_wrong_are_kept_a_month(world):
    world.imports(csv_of(GOOD, changed(c0="B", c3="x")))
    imports_forget(now=NOW + timedelta(days=29))
    assert FamilyImport.objects.get().problems
    imports_forget(now=NOW + timedelta(days=31))
    assert FamilyImport.objects.get().problems == []


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ANIMATOR])
def test_who_keeps_no_files_imports_none(world, role):
    row = world.prepares(csv_of(GOOD))
    other = actor_for(world.staff("autre", role))
    neighbour = actor_for(world.staff("voisin", Role.OFFICE, authority=world.authority("Commune voisine")))
    for actor in (other, neighbour):
        with pytest.raises(NotYours):
            import_prepare(actor=actor, upload=csv_of(GOOD), now=NOW)
        with pytest.raises(NotYours):
            import_start(actor=actor, import_id=row.pk, all_or_none=False, now=NOW)
