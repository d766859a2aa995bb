"""Incomes that enter by a spreadsheet: read, matched to homes, shown, written whole, and sealed all along."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from cryptography.fernet import Fernet
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.core.sealed import seal
from marelle.core.tabular import Line, csv_written
from marelle.families.imports.headings import titles_found
from marelle.families.imports.income_labels import reason_text
from marelle.families.imports.income_lines import COLUMNS, Defaults, line_read
from marelle.families.imports.incomes import (
    IncomesMoved,
    incomes_drop,
    incomes_forget,
    incomes_plan,
    incomes_prepare,
    incomes_write,
)
from marelle.families.imports.kept import ImportNotReady
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, Told, WrongIncome
from marelle.families.models import Family, FormerFile, Income, IncomeImport
from marelle.families.refusals import NotAllowed
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.models import Post
from tests.scenario import Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
NOBODY = "personne de ce nom et de cette date de naissance n’est dans un foyer"
DEFAULTS = Defaults(IncomeStatus.PROVED, date(2027, 1, 1), "CDAP")
HEAD = [
    "Dossier",
    "QF",
    "Ressources",
    "Enfants à charge",
    "AEEH",
    "Statut",
    "Depuis le",
    "Jusqu’au",
    "Source",
]


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand, self.martin = self.home("Durand", "Camille"), self.home("Martin", "Sacha")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.user = self.staff("guichet", Role.OFFICE)
        self.office = actor_for(self.user)

    def number(self, home: Any) -> str:
        return str(home.family.number)

    def read(self, *rows: list[Any], head: list[str] = HEAD, actor: Actor | None = None) -> IncomeImport:
        upload = SimpleUploadedFile("qf.csv", csv_written([head, *rows]))
        return incomes_prepare(actor=actor or self.office, upload=upload, defaults=DEFAULTS, now=NOW)

    def wrong(self, row: IncomeImport) -> list[tuple[str, str]]:
        plan = incomes_plan(self.office, row, now=NOW)
        return [(one.where, reason_text(one.code, one.data)) for one in plan.problems]

    def write(self, row: IncomeImport, actor: Actor | None = None) -> IncomeImport:
        mark = incomes_plan(actor or self.office, row, now=NOW).mark
        return incomes_write(actor=actor or self.office, import_id=row.pk, seen=mark, now=NOW)


@pytest.fixture
def world(db: None, time_machine: Any) -> Village:
    time_machine.move_to(NOW, tick=False)
    return Village()


def held(home: Any) -> dict[str, tuple[Told, date, date | None, str]]:
    rows = home.family.incomes.all()
    return {row.kind: (row.told, row.since, row.until, row.source) for row in rows}


def proved(amount: str) -> Told:
    return Told(IncomeStatus.PROVED, Decimal(amount))


def test_a_line_writes_all_that_it_says_of_a_home(world: Village) -> None:
    row = world.read(
        [world.number(world.durand), "734,50 €", "2 345,67", "3", "1", "", "01/02/2027", "2027-12-31", "CAF"],
        [world.number(world.martin), "", "", "", "", "non communiqué", "", "", ""],
    )
    assert not Income.objects.exists()
    done = world.write(row)
    assert done.counts == {"new": 5, "replaced": 0, "same": 0, "wrong": 0}
    since, until = date(2027, 2, 1), date(2027, 12, 31)
    assert held(world.durand) == {
        "quotient": (proved("734.50"), since, until, "CAF"),
        "resources": (proved("2345.67"), since, until, "CAF"),
        "dependants": (proved("3.00"), since, until, "CAF"),
        "aeeh": (proved("1.00"), since, until, "CAF"),
    }
    assert held(world.martin) == {"quotient": (Told(IncomeStatus.REFUSED), date(2027, 1, 1), None, "CDAP")}
    acts = Entry.objects.filter(verb="income.noted")
    assert acts.count() == 5
    assert not [act for act in acts if "734" in f"{act.data}{act.subject_label}" or "345" in f"{act.data}"]


def test_the_same_file_again_writes_nothing_and_another_amount_replaces(world: Village) -> None:
    line = [world.number(world.durand), "734,50", "", "", "", "", "", "", ""]
    world.write(world.read(line))
    again = world.write(world.read(line))
    assert again.counts == {"new": 0, "replaced": 0, "same": 1, "wrong": 0}
    assert world.write(world.read([*line[:1], "690", *line[2:]])).counts["replaced"] == 1
    assert held(world.durand)["quotient"][0] == proved("690.00")
    assert Entry.objects.filter(verb="income.corrected").count() == 1


def test_a_spreadsheet_with_its_dates_and_numbers(world: Village) -> None:
    held_in = BytesIO()
    book = xlsxwriter.Workbook(held_in, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, ["Quotients de janvier"])
    sheet.write_row(2, 0, ["Nom", "Prénom", "Né(e) le", "Quotient familial", "À partir du"])
    sheet.write_row(3, 0, ["DURAND", "zoe"])
    sheet.write_datetime(3, 2, datetime(2019, 3, 4), day)
    sheet.write_number(3, 3, 734.5)
    sheet.write_datetime(3, 4, datetime(2027, 2, 1), day)
    book.close()
    upload = SimpleUploadedFile("qf.xlsx", held_in.getvalue())
    row = incomes_prepare(actor=world.office, upload=upload, defaults=DEFAULTS, now=NOW)
    world.write(row)
    assert held(world.durand)["quotient"] == (proved("734.50"), date(2027, 2, 1), None, "CDAP")


def test_a_number_without_its_zeros_and_that_of_a_merged_file(world: Village) -> None:
    Family.objects.filter(pk=world.durand.family.pk).update(number="000012")
    FormerFile.objects.create(
        family=world.martin.family, old_id=99, number="000034", name="M", merged_at=NOW, merged_by="G"
    )
    world.write(world.read(["12", "1", *[""] * 7], ["34", "2", *[""] * 7]))
    assert held(world.durand)["quotient"][0].amount == 1
    assert held(world.martin)["quotient"][0].amount == 2


BY_NAME = ["Nom", "Prénom", "Date de naissance", "QF"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["999", "734"], "Numéro de dossier\u00a0: aucun dossier n’a le numéro 999."),
        (["", "734"], "donnez le numéro de dossier, ou le nom"),
        (["{n}", "-3"], "Quotient familial\u00a0: Un montant n’est jamais négatif."),
        (["{n}", "beaucoup"], "Quotient familial\u00a0: Écrivez un montant"),
        (["{n}", "1000000"], "Quotient familial\u00a0: C’est trop élevé"),
        (["{n}", "734,505"], "Quotient familial\u00a0: Écrivez un montant"),
        (["{n}", "", "", "2,5"], "Enfants à charge\u00a0: Donnez un nombre entier"),
        (
            ["{n}", "734", "", "", "", "peut-être"],
            "Connu comme\u00a0: «\u00a0peut-être\u00a0»",
        ),
        (["{n}", "734", "", "", "", "refusé"], "Connu comme\u00a0: Laissez le montant vide"),
        (["{n}", "734", "", "", "", "", "hier"], "À partir du\u00a0: Donnez une date qui existe"),
        (["{n}", "734", "", "", "", "", "1850-01-01"], "À partir du\u00a0: Cette date est trop lointaine"),
        (["{n}", "734", "", "", "", "", "", "2026-01-01"], "Jusqu’au\u00a0: Le dernier jour vient après"),
        (["{n}", "", "", "", "", "", "", ""], "cette ligne ne dit aucun revenu"),
    ],
)
def test_what_is_wrong_is_told_at_its_cell_and_the_line_is_left_whole(
    world: Village, line: list[str], told: str
) -> None:
    number = world.number(world.durand)
    cells = [cell.format(n=number) for cell in line]
    good = [world.number(world.martin), "500", *[""] * 7]
    row = world.read([*cells, *[""] * (9 - len(cells))], good)
    ((where, said),) = world.wrong(row)
    assert (where, told in said) == ("2", True), said
    assert world.write(row).counts["wrong"] == 1
    assert not world.durand.family.incomes.exists()
    assert held(world.martin)["quotient"][0] == proved("500.00")


def test_one_wrong_cell_leaves_its_whole_line_and_says_them_all(world: Village) -> None:
    row = world.read([world.number(world.durand), "-1", "beaucoup", "3", "", "", "", "", ""])
    assert [said.partition("\u00a0:")[0] for _where, said in world.wrong(row)] == [
        "Ressources mensuelles",
        "Quotient familial",
    ]
    world.write(row)
    assert not Income.objects.exists()


def test_who_lives_in_two_homes_or_is_named_otherwise_is_asked(world: Village) -> None:
    world.shared(world.zoe, world.durand, world.martin)
    row = world.read(["Durand", "Zoé", "04/03/2019", "1"], ["Durand", "Léo", "04/03/2019", "1"], head=BY_NAME)
    assert [said for _where, said in world.wrong(row)] == [
        "Nom\u00a0: Zoé Durand vit dans plusieurs foyers\u00a0: donnez le numéro de dossier.",
        "Nom\u00a0: personne de ce nom et de cette date de naissance n’est dans un foyer\u00a0: Léo Durand.",
    ]
    head = ["Dossier", "Nom", "QF"]
    other = world.read(
        [world.number(world.durand), "Petit", "1"], [world.number(world.martin), "MARTIN", "2"], head=head
    )
    assert ["à un autre nom" in said for _where, said in world.wrong(other)] == [True]
    assert world.write(other).counts["new"] == 1


def test_a_home_twice_at_one_date_is_told(world: Village) -> None:
    number = world.number(world.durand)
    row = world.read([number, "1", *[""] * 7], [number, "2", *[""] * 7])
    assert world.wrong(row) == [("3", "la ligne 2 dit déjà un revenu de ce foyer à cette date.")]
    world.write(row)
    assert held(world.durand)["quotient"][0].amount == 1


def test_nobody_writes_by_a_file_in_its_own_home(world: Village) -> None:
    Post.objects.create(user=world.durand.user, role=Role.OFFICE.value, authority=world.the_authority)
    camille = actor_for(type(world.durand.user).objects.get(pk=world.durand.user.pk))
    row = world.read([world.number(world.durand), "1", *[""] * 7], actor=camille)
    (problem,) = incomes_plan(camille, row, now=NOW).problems
    assert problem.code == "own_home"
    world.write(row, camille)
    assert not Income.objects.exists()


def test_what_moved_since_it_was_shown_is_not_written(world: Village) -> None:
    row = world.read(
        [world.number(world.durand), "700", *[""] * 7], [world.number(world.martin), "1", *[""] * 7]
    )
    mark = incomes_plan(world.office, row, now=NOW).mark
    world.quotient(world.durand, "650", since=date(2027, 1, 1))
    with pytest.raises(IncomesMoved):
        incomes_write(actor=world.office, import_id=row.pk, seen=mark, now=NOW)
    assert held(world.durand)["quotient"][0] == proved("650.00")
    assert not world.martin.family.incomes.exists()
    assert world.write(row).counts == {"new": 1, "replaced": 1, "same": 0, "wrong": 0}
    done = incomes_write(actor=world.office, import_id=row.pk, seen="x", now=NOW)
    assert done.state == IncomeImport.State.DONE


def test_what_is_replaced_is_what_was_shown(world: Village) -> None:
    """Another replaced it meanwhile: the line would do the same, but not over what the agent read."""
    row = world.read([world.number(world.durand), "700", *[""] * 7])
    world.quotient(world.durand, "650", since=date(2027, 1, 1))
    mark = incomes_plan(world.office, row, now=NOW).mark
    Income.objects.update(amount=seal("660.00"))
    with pytest.raises(IncomesMoved):
        incomes_write(actor=world.office, import_id=row.pk, seen=mark, now=NOW)


@pytest.mark.parametrize(("until", "source"), [("2027-12-31", ""), ("", "avis")])
def test_the_same_amount_with_another_end_or_source_replaces(world: Village, until: str, source: str) -> None:
    world.income(world.durand, IncomeKind.QUOTIENT, "734.00", since=date(2027, 1, 1), source="CDAP")
    row = world.read([world.number(world.durand), "734", *[""] * 5, until, source])
    assert world.write(row).counts["replaced"] == 1


def test_a_home_that_was_erased_is_none(world: Village) -> None:
    Family.objects.filter(pk=world.durand.family.pk).update(erased_at=NOW)
    by_number = world.read([world.number(world.durand), "1", *[""] * 7])
    by_name = world.read(["Durand", "Zoé", "04/03/2019", "1"], head=BY_NAME)
    for row in (by_number, by_name):
        assert len(world.wrong(row)) == 1


def test_nothing_of_the_file_is_in_the_clear_nor_kept(world: Village, settings: Any) -> None:
    row = world.read([world.number(world.durand), "734,56", *[""] * 7])
    with connection.cursor() as cursor:
        cursor.execute("select * from families_incomeimport")
        kept = str(cursor.fetchall())
    words = ("734,56", "734.56", "Ressources", world.number(world.durand))
    assert not [word for word in words if word in kept]
    world.write(row)
    row.refresh_from_db()
    assert row.lines is None
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    client = Client()
    client.force_login(world.user)
    settings.SEALING_KEYS = ()
    upload = SimpleUploadedFile("qf.csv", csv_written([HEAD, ["1", "2", *[""] * 7]]))
    sent = {"file": upload, "since": "2027-01-01", "status": "proved", "source": "CAF"}
    answer = client.post("/agents/familles/revenus/", sent)
    assert "ne peuvent pas être enregistrés pour le moment" in unescape(answer.content.decode())
    assert IncomeImport.objects.count() == 1


def test_one_that_nobody_confirms_is_forgotten_after_a_day(world: Village) -> None:
    world.read([world.number(world.durand), "1", *[""] * 7])
    assert incomes_forget(now=NOW + timedelta(hours=23)) == 0
    assert incomes_forget(now=NOW + timedelta(days=1)) == 1
    assert not IncomeImport.objects.exists()


def test_only_who_sent_it_opens_it_and_only_an_office_sends(world: Village) -> None:
    row = world.read([world.number(world.durand), "1", *[""] * 7])
    colleague = actor_for(world.staff("nadege", Role.OFFICE))
    for act in (
        lambda: incomes_write(actor=colleague, import_id=row.pk, seen="", now=NOW),
        lambda: incomes_drop(actor=colleague, import_id=row.pk),
    ):
        with pytest.raises(NotYours):
            act()
    with pytest.raises(NotAllowed):
        world.read(["1"], actor=actor_for(world.staff("direction", Role.DIRECTOR)))
    other = world.authority("Syndicat")
    for_another = Defaults(IncomeStatus.PROVED, date(2027, 1, 1), "CAF", authority_id=other.pk)
    upload = SimpleUploadedFile("qf.csv", csv_written([HEAD, ["1", "2", *[""] * 7]]))
    with pytest.raises(WrongIncome):
        incomes_prepare(actor=world.office, upload=upload, defaults=for_another, now=NOW)
    incomes_drop(actor=world.office, import_id=row.pk)
    assert not IncomeImport.objects.exists()


@pytest.mark.parametrize(
    ("head", "missing"),
    [(["Nom", "QF"], "Numéro de dossier"), (["Dossier", "Ville"], "Quotient familial")],
)
def test_titles_that_say_too_little_are_told(world: Village, head: list[str], missing: str) -> None:
    with pytest.raises(ImportNotReady) as refused:
        world.read(["1", "2"], head=head)
    assert refused.value.data["columns"] == (missing,)


def test_as_many_queries_for_one_line_as_for_many(world: Village, count_queries: Any) -> None:
    one = world.read([world.number(world.durand), "1", *[""] * 7])
    homes = [world.home(f"Foyer {number}") for number in range(6)]
    many = world.read(*([world.number(home), "1", "2", "3", *[""] * 6] for home in homes))
    with count_queries() as few:
        incomes_plan(world.office, one, now=NOW)
    with count_queries(len(few)):
        incomes_plan(world.office, many, now=NOW)


def test_the_page_shows_then_writes(world: Village) -> None:
    client = Client()
    client.force_login(world.user)
    content = csv_written([HEAD, [world.number(world.durand), "734,5", *[""] * 7], ["9", "1", *[""] * 7]])
    sent = {"since": "2027-01-01", "status": "declared", "source": "CDAP"}
    assert "Choisissez un fichier." in unescape(
        client.post("/agents/familles/revenus/", sent).content.decode()
    )
    sent["file"] = SimpleUploadedFile("qf.csv", content)
    answer = client.post("/agents/familles/revenus/", sent, follow=True)
    page = unescape(answer.content.decode())
    for text in (
        "Ligne 3",
        "aucun dossier n’a le numéro 9",
        "Durand",
        "734,50\u00a0€",
        "nouveau",
        "1 revenu à noter.",
    ):
        assert text in page, text
    path = answer.request["PATH_INFO"]
    assert "vient de changer" in unescape(client.post(path, {"seen": "x"}, follow=True).content.decode())
    mark = client.get(path).context["mark"]
    done = unescape(client.post(path, {"seen": mark}, follow=True).content.decode())
    assert "1 revenu noté, 1 ligne laissée." in done
    assert Income.objects.get().told == Told(IncomeStatus.DECLARED, Decimal("734.50"))


CELLS = st.text(max_size=12) | st.sampled_from(
    ["734", "12,5", "2027-01-01", "justifié", "non communiqué", "3"]
)


@given(cells=st.lists(CELLS, min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_whatever_a_line_holds_it_is_read_whole_or_told(cells: list[str]) -> None:
    lines = [Line(1, tuple(column.title for column in COLUMNS)), Line(2, tuple(cells))]
    at, columns = titles_found(lines, COLUMNS)
    assert at == 0
    found, problems = line_read(lines[1], columns, DEFAULTS, NOW.date())
    assert (found is None) is bool(problems)
    assert all(reason_text(one.code, one.data) for one in problems)
    assert found is None or all(income.kind in IncomeKind for income in found.incomes)
