"""The same import from the server's command line: it reads first, and writes when told to."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from marelle.billing.models import ImportRun, Invoice
from marelle.mail.models import Message
from tests.billing.files import csv_of, pdf, zip_of
from tests.billing.world import Village

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]


@pytest.fixture
def world() -> Village:
    return Village()


@pytest.fixture
def month(world, tmp_path) -> Path:
    number = world.durand.family.number
    path = tmp_path / "novembre.csv"
    path.write_bytes(
        csv_of(f"2026-1;{number};2026-11;2026-12-05;2026-12-31;Zoé;Cantine;Repas;2;4,35;8,70;8,70").encode(
            "cp1252"
        )
    )
    return path


def run(what: str, path: Path, *options: str) -> str:
    out = StringIO()
    authority = "Communauté de communes du Val d’Arelle"
    call_command("invoices", what, path, "--authority", authority, *options, stdout=out, stderr=out)
    return out.getvalue()


def test_it_reads_then_imports_then_changes_nothing(world, month, tmp_path):
    assert "Rien n’est importé : ajoutez --apply" in run("import", month, "--month", "2026-11")
    assert not Invoice.objects.exists()
    assert not ImportRun.objects.exists()
    assert "C’est importé." in run("import", month, "--month", "2026-11", "--apply")
    assert (Invoice.objects.count(), Message.objects.count()) == (1, 1)
    again = run("import", month, "--month", "2026-11", "--apply")
    assert "déjà importé : rien n’a changé" in again
    assert (Invoice.objects.count(), ImportRun.objects.count()) == (1, 1)

    pdfs, payments = tmp_path / "pdf.zip", tmp_path / "paiements.csv"
    pdfs.write_bytes(zip_of({"2026-1.pdf": pdf()}))
    payments.write_bytes(b"facture;paye\n2026-1;8,70\n")
    assert "1 PDF joint." in run("pdfs", pdfs, "--apply")
    run("payments", payments, "--apply")
    invoice = Invoice.objects.get()
    assert invoice.pdf is not None
    assert invoice.paid == invoice.total


def test_an_old_month_without_a_mail(month):
    run("import", month, "--month", "2026-11", "--apply", "--no-mail")
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("what", "content", "options", "said"),
    [
        ("import", b"x", (), "--month 2026-11"),
        ("import", b"", ("--month", "2026-11"), "Ce fichier est vide"),
        ("payments", b"facture;paye\n9;1\n", (), r"1 ligne\(s\) à corriger : rien n’est importé"),
        ("pdfs", b"x", (), "n’est pas un ZIP"),
    ],
)
def test_what_is_wrong_ends_in_an_error_and_leaves_nothing(world, tmp_path, what, content, options, said):
    assert world.the_authority
    path = tmp_path / "fichier"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        run(what, path, "--apply", *options)
    assert not ImportRun.objects.exists()


def test_a_file_or_an_authority_that_is_not_there(world, month, tmp_path):
    with pytest.raises(CommandError, match="ne se lit pas"):
        run("payments", tmp_path / "nulle-part")
    with pytest.raises(CommandError, match="n’est pas une collectivité"):
        call_command("invoices", "payments", str(month), "--authority", "x")
