"""What a browser is told of a private file, and how much a form may send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.files import uploads
from marelle.files.models import StoredFile
from marelle.files.rules import MAX_FILES
from marelle.files.services import file_check, file_store
from marelle.files.serving import disposition
from tests.files import samples

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.files.urls")]

NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)


def stored(content: bytes, name: str) -> StoredFile:
    return file_store(actor=SYSTEM, upload=file_check(upload=SimpleUploadedFile(name, content)), now=NOW)


@pytest.fixture
def shown(client: Client) -> Callable[[str], tuple[Any, bytes]]:
    """The answer and its content, read to the end: a file left open would take the connection along."""

    def asked(address: str) -> tuple[Any, bytes]:
        answer = client.get(address)
        return answer, b"".join(answer)

    return asked


def test_a_picture_is_shown_where_nothing_may_run(shown) -> None:
    answer, content = shown(f"/shown/{stored(samples.picture(), 'Léo.html').pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == "inline; filename=\"Leo.jpg\"; filename*=UTF-8''L%C3%A9o.jpg"
    assert answer["Content-Security-Policy"].startswith("default-src 'none';")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    assert content.startswith(b"\xff\xd8")


def test_a_pdf_is_shown_by_the_browsers_own_reader(shown) -> None:
    answer, _content = shown(f"/shown/{stored(samples.pdf(), 'a.pdf').pk}/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Security-Policy"].startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_it_may_be_downloaded(shown) -> None:
    answer, _content = shown(f"/shown/{stored(samples.pdf(), 'a.pdf').pk}/?download")
    assert answer["Content-Disposition"].startswith('attachment; filename="a.pdf"')


def test_a_content_that_the_storage_has_lost_is_not_found(client: Client, files_folder: Path) -> None:
    row = stored(samples.pdf(), "a.pdf")
    (files_folder / row.path).unlink()
    assert client.get(f"/shown/{row.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Carnet de santé.pdf", "Carnet de sante.pdf"),
        ("l’œuvre.pdf", "l'oeuvre.pdf"),
        ('a"; filename="b.pdf', "a; filename=b.pdf"),
        ("👶.pdf", "pdf"),
        ("文書", "document"),
    ],
)
def test_names_in_headers(name: str, plain: str) -> None:
    written = disposition(name, download=True)
    assert written.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert written.isascii()
    assert written.count('"') == 2


def test_several_files_of_ten_megabytes_pass(client: Client) -> None:
    heavy = [SimpleUploadedFile(f"{n}.pdf", b"0" * 10_000_000) for n in range(3)]
    assert client.post("/taken/", {"files": heavy}).content == b"10000000 10000000 10000000"


def test_a_form_past_the_total_is_answered_in_words_and_not_read(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "MAX_TOTAL_BYTES", 1000)
    answer = client.post("/taken/", {"files": SimpleUploadedFile("a.pdf", b"0" * 2000)})
    assert answer.status_code == 413
    assert "Cet envoi est trop lourd" in answer.content.decode()


def test_so_is_one_of_too_many_files(client: Client) -> None:
    many = [SimpleUploadedFile(f"{n}.pdf", b"0") for n in range(MAX_FILES + 1)]
    answer = client.post("/taken/", {"files": many})
    assert answer.status_code == 413
    assert "Rien n’a été enregistré" in answer.content.decode()
