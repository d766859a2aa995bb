"""Files larger than an import takes: refused in French, quickly, and without filling the memory."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.core.tabular import FileUnreadable
from marelle.families.imports.labels import refusal_text
from marelle.families.models import FamilyImport
from tests.families.imports.files import GOOD, HEADINGS, xlsx_of
from tests.families.imports.test_imports import NOW, Office

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LINES = 50_000
SECONDS, MEGABYTES = 30, 150
"""Of processor time, and of memory in this process: several times what it takes on a slow machine."""


def csv_content() -> bytes:
    return "\n".join([";".join(HEADINGS), *[";".join(GOOD)] * LINES]).encode()


def sheet_content() -> bytes:
    return xlsx_of(*[GOOD[:4]] * LINES, headings=HEADINGS[:4])


@pytest.mark.parametrize(("name", "content"), [("f.csv", csv_content), ("f.xlsx", sheet_content)])
def test_fifty_thousand_lines_are_refused(name: str, content: Any, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    office = Office()
    upload = SimpleUploadedFile(name, content())
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(FileUnreadable) as refused:
        office.prepares(upload)
    spent, (_now, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "Ce fichier a plus de 20\u202f000 lignes" in refusal_text(refused.value)
    assert spent < SECONDS
    assert most < MEGABYTES * 1024 * 1024
    assert not FamilyImport.objects.exists()
