"""Each file of rows that the agents' side gives: no cell of it is computed by a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import marelle
from marelle.billing.imports.services import import_prepare
from marelle.billing.models import ImportRun
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.families.models import FamilyImport, PupilList
from marelle.flows.actor.actors import actor_for
from marelle.flows.models import MovingImport
from marelle.flows.moving.labels import model_rows
from marelle.flows.moving.subjects import Kind
from marelle.journal.services import record
from tests.billing.files import csv_of as month_of
from tests.billing.files import upload
from tests.families.imports.files import GOOD, changed, csv_of
from tests.scenario import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
HERE = Path(marelle.__file__).parent
STARTS = ("=", "+", "-", "@", "\t", "\r")
WRITES_ROWS = re.compile(
    r"csv\.(?:Dict)?[Ww]riter\(|\b(?:openpyxl|xlsxwriter|xlwt|odf|ezodf|pandas|tablib)\b"
)
GIVES_ROWS = re.compile(r"content_type=.?.?text/csv|\.(?:csv|xlsx|ods)\"(?:[,)]|$)", re.MULTILINE)


def _files(wanted: re.Pattern[str], within: str = "") -> set[str]:
    found = (HERE / within).rglob("*.py")
    return {str(file.relative_to(HERE)) for file in found if wanted.search(file.read_text())}


def _cells(content: bytes) -> list[str]:
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    return [cell for row in rows for cell in row]


def _written_in_the_journal(client: Client, world: Scenario, start: str) -> bytes:
    """A name that another screen let in."""
    user = world.staff(f"direction{ord(start)}", Role.DIRECTOR)
    user.display_name = f"{start}agent"
    user.save()
    record(
        actor=actor_for(user),
        verb="health.read",
        subject=Subject("person", 1, f"{start}1+1"),
        now=NOW,
    )
    answer: Any = client.post("/agents/reglages/journal/export/", {"kind": "sante"})
    content: bytes = answer.content
    assert f"'{start}agent" in _cells(content)
    return content


def _lines_to_correct(client: Client, world: Scenario, start: str) -> bytes:
    """A file of families gives its own cells back: quoted, a tab or a return outlives the reading."""
    client.post(
        "/agents/familles/importer/",
        {
            "file": csv_of(
                GOOD, changed(c0="C", c1=f'"{start}Max"', c2=f"{start}Roy", c3="max@", c4="", c6="Léo")
            )
        },
    )
    row = FamilyImport.objects.latest("pk")
    client.post(
        f"/agents/familles/importer/{row.pk}/colonnes/",
        {code: str(place) for code, place in row.columns.items()},
    )
    answer: Any = client.get(f"/agents/familles/importer/{row.pk}/rapport/")
    content: bytes = answer.content
    assert "max@" in _cells(content)
    return content


def _lines_left_out(client: Client, world: Scenario, start: str) -> bytes:
    """A file of another software gives its own cells back."""
    head, line = ([str(cell) for cell in row] for row in model_rows(Kind.CARDS))
    line[1] = f'"{start}Roy"'
    client.post("/agents/familles/reprise/cartes/", {"file": csv_of(line, headings=head)})
    row = MovingImport.objects.latest("pk")
    answer: Any = client.get(f"/agents/familles/reprise/{row.pk}/rapport/")
    content: bytes = answer.content
    assert "Mercredis 2026-2027" in _cells(content)
    return content


def _model(client: Client, _world: Scenario, _start: str) -> bytes:
    """A file to begin with: nobody's."""
    answer: Any = client.get("/agents/factures/modeles/mandats/")
    content: bytes = answer.content
    return content


def _differences(client: Client, world: Scenario, start: str) -> bytes:
    """A month of another software, of which none is prepared here: the titles alone."""
    row = f'{world.home("Roy", "Max").family.number};"{start}Étude";1;2,00'
    run = import_prepare(
        actor=SYSTEM,
        authority_id=world.the_authority.pk,
        kind=ImportRun.Kind.PARALLEL,
        month=date(2026, 10, 1),
        correction=False,
        upload=upload(month_of(row, header="famille;activité;quantité;montant")),
        now=NOW,
    )
    answer: Any = client.get(f"/agents/factures/parallele/{run.pk}/ecarts/")
    content: bytes = answer.content
    return content


def _unknown_pupils(client: Client, world: Scenario, start: str) -> bytes:
    """A list gives back the pupils whom nobody knows here."""
    headings, school = ("Nom", "Prénom", "Né le", "Niveau", "Enseignant"), world.the_school
    pupil = (f"{start}Roy", f'"{start}Léo"', "14/05/2018", "CP", f"{start}Pommier")
    client.post("/agents/familles/eleves/", {"file": csv_of(pupil, headings=headings)})
    row = PupilList.objects.latest("pk")
    chosen = {code: str(place) for code, place in row.columns.items()}
    told = {"year": str(row.school_year), "of_school": str(school.pk)}
    client.post(f"/agents/familles/eleves/{row.pk}/colonnes/", chosen | told)
    answer: Any = client.get(f"/agents/familles/eleves/{row.pk}/inconnus/")
    content: bytes = answer.content
    assert "14/05/2018" in _cells(content)
    return content


def _counted_by_agent(client: Client, world: Scenario, start: str) -> bytes:
    _written_in_the_journal(client, world, start)
    day = NOW.date().isoformat()
    answer: Any = client.post("/agents/reglages/journal/consultations/export/", {"du": day, "au": day})
    content: bytes = answer.content
    assert f"'{start}agent" in _cells(content)
    return content


GIVEN = {
    "agents/settings/journal/consulted_views.py": _counted_by_agent,
    "agents/settings/journal/views.py": _written_in_the_journal,
    "agents/families/importing/pupil_views.py": _unknown_pupils,
    "agents/families/importing/views.py": _lines_to_correct,
    "agents/families/moving/views.py": _lines_left_out,
    "agents/invoices/parallel_views.py": _differences,
    "agents/invoices/views.py": _model,
}


def test_rows_are_written_at_two_places_and_each_page_that_gives_some_is_tried_here() -> None:
    """In a workbook a text is a text, whatever it begins with (`tests/core/test_workbook.py`)."""
    assert _files(WRITES_ROWS) == {"core/tabular.py", "core/workbook.py"}
    assert _files(GIVES_ROWS, "agents") == set(GIVEN)


@pytest.mark.parametrize("start", STARTS, ids=ascii)
@pytest.mark.parametrize("file", GIVEN)
def test_no_cell_begins_as_a_formula(time_machine: Any, file: str, start: str) -> None:
    time_machine.move_to(NOW, tick=False)
    world, client = Scenario(), Client()
    client.force_login(world.staff("guichet", Role.OFFICE))
    cells = _cells(GIVEN[file](client, world, start))
    assert len(cells) > 5
    assert [cell for cell in cells if cell.startswith(STARTS)] == []
