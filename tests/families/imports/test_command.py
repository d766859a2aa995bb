"""`marelle import_families`: what a script does is what the screens do."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from marelle.families.models import Family, FamilyImport
from tests.families.imports.files import GOOD, changed, csv_of
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    assert Scenario().the_authority
    path = tmp_path / "familles.csv"
    path.write_bytes(csv_of(GOOD).read())
    return path


def told(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_families", str(path), *options, stdout=out, stderr=out)
    return out.getvalue()


def test_a_dry_run_tells_and_writes_nothing(file):
    assert "1 foyer créé" in told(file, "--dry-run")
    assert not Family.objects.exists()
    assert not FamilyImport.objects.exists()


def test_the_same_file_twice_writes_its_families_once(file):
    assert "C’est importé" in told(file)
    assert Family.objects.get().name == "Haddad"
    assert "1 déjà là" in told(file)
    assert Family.objects.count() == 1


def test_a_line_to_correct_stops_all_unless_it_is_left_out(file):
    wrong = changed(c0="A2", c6="Sami", c1="Amina", c8="32/13/2018", c3="amina@famille.example")
    file.write_bytes(csv_of(GOOD, wrong).read())
    with pytest.raises(CommandError, match="Rien n’est importé"):
        told(file)
    assert not Family.objects.exists()
    assert "Ligne 3 : Date de naissance" in told(file, "--skip-wrong")
    assert Family.objects.count() == 1


def test_what_is_no_list_of_families_is_refused(file, tmp_path):
    with pytest.raises(CommandError, match="ne se lit pas"):
        told(tmp_path / "absent.csv")
    file.write_bytes(b"Couleur;Taille\nbleu;12\n")
    with pytest.raises(CommandError, match="Dites quelle colonne"):
        told(file)
    assert not FamilyImport.objects.exists()
