"""« Chiffres » as agents see them: what is counted, for whom, and the same rows as a file."""

from __future__ import annotations

import csv
import io
import re
from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from marelle.bookings.models import Attendance
from marelle.cases.models import Case, CaseState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.files.sheets import lines as sheet_lines
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=PARIS)
ROW = re.compile(r"<tr[^>]*><th scope=\"?row\"?>(.*?)</th>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"</span>(.*?)</td>", re.DOTALL)


class Village(Scenario):
    """Two children of six and nine on a Wednesday of November; a third of another authority."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        slot = self.slot(self.wednesdays, "Matin", "08:00", "12:30", capacity=8)
        durand = self.home("=Durand")
        far = self.home("Petit", commune=self.commune("=Montreuil", self.the_authority))
        self.elsewhere = self.structure("Ailleurs", authority=self.authority("Commune d’Ailleurs"))
        self.other_activity = self.activity("Ailleurs aussi", structure=self.elsewhere)
        other_slot = self.slot(self.other_activity, "Matin")
        for home, where, born in (
            (durand, slot, date(2020, 11, 5)),
            (far, slot, date(2017, 3, 4)),
            (far, other_slot, date(2017, 3, 4)),
        ):
            child = self.child(home, "Noé", born=born)
            self.enrolment(child, where.activity, home)
            for day in (date(2026, 11, 4), date(2026, 11, 11)):
                opening = self.opening(where, day) if home is durand or where is other_slot else None
                opening = opening or where.openings.get(day=day)
                self.booking(child, opening)
                Attendance.objects.create(
                    opening=opening, child=child, day=day, present=day.day == 4 or home is far,
                    noted_at=opening.ends_at, noted_by="Samir",
                )  # fmt: skip

        Case.objects.create(
            kind="enrolment", subject_kind="enrolment", subject_id=1, label="Noé", opened_by="Camille",
            state=CaseState.ACCEPTED, opened_at=datetime(2026, 11, 2, tzinfo=PARIS),
            decided_at=datetime(2026, 11, 4, tzinfo=PARIS), structure_id=self.the_structure.pk,
            authority_id=self.the_authority.pk,
        )  # fmt: skip

    def as_role(self, role: Role, **where) -> Client:
        client = Client()
        client.force_login(self.staff(f"{role}{len(where)}", role, **where))
        return client


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


def rows(answer) -> dict[str, list[str]]:
    """The lines of the first table, the total included, by what they are of."""
    first = answer.content.decode().split("</table>")[0]
    return {label: [text.strip() for text in CELL.findall(cells)] for label, cells in ROW.findall(first)}


def test_hours_and_days_are_told_by_age_and_by_commune(world):
    client = world.as_role(Role.DIRECTOR)
    by_age = client.get("/agents/chiffres/?par=age")
    assert rows(by_age) == {
        "Moins de 6 ans": ["4,5", "4,5", "1", "1"],
        "6–13 ans": ["9,0", "13,5", "2", "3"],
        "Total": ["13,5", "18,0", "3", "4"],
    }
    assert "Ailleurs" not in by_age.content.decode()
    by_commune = rows(client.get("/agents/chiffres/?par=commune"))
    assert by_commune["=Montreuil"] == ["9,0", "9,0", "2", "2"]
    assert by_commune["Arelle"] == ["4,5", "9,0", "1", "2"]


def test_the_chart_has_a_title_and_its_table_beside_it_without_style(world):
    page = world.as_role(Role.DIRECTOR).get("/agents/chiffres/").content.decode()
    charts = re.findall(r'<div class="chart" role="img" aria-label="(.*?), novembre 2026"', page)
    assert charts == [
        "Heures réalisées",
        "Réservés et venus",
        "Occupation des places",
        "Demandes reçues",
        "Usage du portail",
    ]
    assert "style=" not in page
    assert page.count("<table") == 4


def test_a_month_without_anything_says_so(world):
    client = world.as_role(Role.DIRECTOR)
    page = client.get("/agents/chiffres/?annee=2025&de=10&a=10").content.decode()
    assert "Rien à compter sur cette période" in page
    assert "octobre 2025" in page
    (headings,) = csv.reader(
        io.StringIO(client.get("/agents/chiffres/csv/?annee=2025&de=10").content.decode("utf-8-sig")),
        delimiter=";",
    )
    assert headings[0] == "Activité"


def test_what_is_asked_for_nonsense_counts_the_present_month(world):
    page = world.as_role(Role.DIRECTOR).get("/agents/chiffres/?annee=x&de=13&a=-1&par=lune&activite=z")
    assert rows(page)["Mercredis"] == ["13,5", "18,0", "3", "4"]
    assert "novembre 2026" in page.content.decode()


def test_months_asked_for_in_the_wrong_order_are_put_right(world):
    page = world.as_role(Role.DIRECTOR).get("/agents/chiffres/?de=12&a=10&par=mois").content.decode()
    assert "octobre 2026 à décembre 2026" in page


def test_the_files_have_the_rows_of_the_page_and_nothing_that_computes(world):
    client = world.as_role(Role.OFFICE)
    shown = rows(client.get("/agents/chiffres/?par=commune"))
    as_csv = client.get("/agents/chiffres/csv/?par=commune")
    assert "chiffres-202611.csv" in as_csv["Content-Disposition"]
    told = list(csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig")), delimiter=";"))
    assert {row[0].lstrip("'"): row[1:5] for row in told[1:]} == shown
    assert ["'=Montreuil", "9,0"] in [row[:2] for row in told]
    as_xlsx = client.get("/agents/chiffres/xlsx/?par=commune")
    sheet = [cells for _number, cells in sheet_lines(as_xlsx.content, most=9)]
    assert [row[0] for row in sheet] == ["Commune", *shown]
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx.content))
    assert [len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names] == [4, 2, 2, 6, 3]


def test_each_table_of_the_page_is_a_file(world):
    client = world.as_role(Role.OFFICE)

    def told(what: str, by: str = "age") -> list[list[str]]:
        answer = client.get(f"/agents/chiffres/csv/?quoi={what}&par={by}")
        assert f"chiffres-{what}-202611.csv" in answer["Content-Disposition"]
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))[1:]

    ((gauge, *places),) = told("places")
    assert told("places", "mois") == [["novembre 2026", *places]]
    assert told("places", "structure") == [[world.the_structure.name, *places]]
    assert (gauge, places) == ("Mercredis · Matin", ["2", "4", "16", "25"])
    assert [row[1:] for row in told("demandes")] == [["1", "1", "2,0"]]
    assert told("usage")[1] == ["Foyers avec un accès au portail", "2", "100"]


def test_each_counts_what_it_answers_for(world):
    there = f"?structure={world.elsewhere.pk}"
    assert world.as_role(Role.DIRECTOR).get(f"/agents/chiffres/{there}").status_code == 404
    assert world.as_role(Role.OFFICE).get(f"/agents/chiffres/csv/{there}").status_code == 404
    assert world.as_role(Role.ANIMATOR).get("/agents/chiffres/").status_code == 403
    other = world.as_role(Role.DIRECTOR, structure=world.elsewhere)
    assert [*rows(other.get("/agents/chiffres/"))] == ["Ailleurs aussi", "Total"]
    assert other.get(f"/agents/chiffres/?activite={world.wednesdays.pk}").status_code == 404
    office = rows(world.as_role(Role.OFFICE, authority=world.the_authority).get("/agents/chiffres/?par=mois"))
    assert office == {"novembre 2026": ["13,5", "18,0", "3", "4"], "Total": ["13,5", "18,0", "3", "4"]}
    chief = world.as_role(Role.ADMINISTRATOR).get("/agents/chiffres/?structure=toutes&par=structure")
    assert [*rows(chief)] == [world.the_structure.name, "Ailleurs", "Total"]


def test_an_office_without_structures_is_told_so(world):
    authority = world.authority("Commune sans structure")
    client = world.as_role(Role.OFFICE, authority=authority)
    assert "Vos postes ne couvrent aucune structure" in client.get("/agents/chiffres/").content.decode()
    assert client.get("/agents/chiffres/csv/").status_code == 404


def test_a_section_and_its_table_are_not_told_under_one_name_twice(world):
    page = world.as_role(Role.DIRECTOR).get("/agents/chiffres/").content.decode()
    told = re.findall(r'aria-labelledby="([\w-]+)"', page)
    assert len(told) == len(set(told))
