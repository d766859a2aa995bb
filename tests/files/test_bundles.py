"""Many files in one: a ZIP, or a PDF to print on both sides."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pikepdf
import pytest
from django.utils import timezone

from marelle.core.actor import SYSTEM
from marelle.files.bundles import stacked, zipped
from marelle.files.models import StoredFile
from marelle.files.services import file_make, open_content

pytestmark = pytest.mark.django_db


def pdf(name: str, *widths: int) -> StoredFile:
    """A page of each width."""
    made, content = pikepdf.new(), io.BytesIO()
    for width in widths:
        made.add_blank_page(page_size=(width, 842))
    made.save(content)
    return file_make(
        actor=SYSTEM, content=content.getvalue(), name=name, pages=len(widths), now=timezone.now()
    )


def test_each_begins_on_the_front_of_a_sheet():
    files = [pdf("a.pdf", 501), pdf("b.pdf", 502, 503), pdf("c.pdf", 504, 505, 506), pdf("d.pdf", 507)]
    with stacked(files) as made, pikepdf.open(made) as document:
        widths = [int(page.mediabox[2]) for page in document.pages]
    assert widths == [501, 501, 502, 503, 504, 505, 506, 506, 507, 507]
    assert [widths.index(first) % 2 for first in (501, 502, 504, 507)] == [0, 0, 0, 0]


def test_a_zip_holds_each_as_it_is():
    files = [pdf("facture-1.pdf", 501), pdf("facture-2.pdf", 502)]
    with zipped((f"{n}.pdf", file) for n, file in enumerate(files)) as made, ZipFile(made) as archive:
        assert archive.namelist() == ["0.pdf", "1.pdf"]
        with open_content(files[1]) as content:
            assert archive.read("1.pdf") == content.read()


def test_what_the_store_has_lost_leaves_no_half_file():
    lost = pdf("a.pdf", 501)
    StoredFile.objects.update(key="0" * 40)
    lost.refresh_from_db()
    with pytest.raises(FileNotFoundError):
        zipped([("a.pdf", lost)])
    with pytest.raises(FileNotFoundError):
        stacked([lost])
