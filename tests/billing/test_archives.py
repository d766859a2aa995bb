"""A ZIP that lies, hides or explodes is refused file by file; what is right is read."""

from __future__ import annotations

import io
import zipfile

import pytest

from marelle.billing.imports import archives
from marelle.billing.imports.archives import Entry, entries
from marelle.billing.labels import problem_text
from marelle.core.tabular import FileUnreadable, Problem
from marelle.files.rules import MAX_BYTES
from tests.billing.files import zip_of


def test_files_named_by_number_are_read():
    found = list(entries(zip_of({"2026-1.pdf": b"one", "2026-2.PDF": b"two"})))
    assert found == [Entry("2026-1.pdf", "2026-1", b"one"), Entry("2026-2.PDF", "2026-2", b"two")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../etc/2026-1.pdf", "in_a_folder"),
        ("/2026-1.pdf", "in_a_folder"),
        ("novembre/2026-1.pdf", "in_a_folder"),
        ("novembre\\2026-1.pdf", "in_a_folder"),
        ("C:2026-1.pdf", "in_a_folder"),
        ("..pdf", "in_a_folder"),
        ("dossier/", "in_a_folder"),
        ("autre.zip", "nested"),
        ("2026-1.exe", "not_a_number"),
        ("facture de Zoé.pdf", "not_a_number"),
        (".pdf", "not_a_number"),
        (f"{'9' * 41}.pdf", "not_a_number"),
    ],
)
def test_a_name_that_is_no_number_is_refused(name, code):
    (found,) = entries(zip_of({name: b"x"}))
    assert isinstance(found, Problem)
    assert found.code == code
    assert problem_text(found)


def test_a_file_that_unpacks_too_big_is_never_unpacked_whole():
    bomb = zip_of({"2026-1.pdf": b"\0" * (MAX_BYTES + 1), "2026-2.pdf": b"x"})
    assert len(bomb) < 100_000
    first, second = entries(bomb)
    assert first == Problem("2026-1.pdf", "too_big_inside")
    assert isinstance(second, Entry)


def test_files_that_are_too_big_together_are_refused():
    found = list(entries(zip_of({"1.pdf": b"x" * 6, "2.pdf": b"x" * 6, "3.pdf": b"x" * 4}), room=10))
    assert [isinstance(one, Entry) for one in found] == [True, False, True]


def test_a_size_that_lies_does_not_matter():
    content = bytearray(zip_of({"1.pdf": b"x" * 5000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + offset
        content[at : at + 4] = (3).to_bytes(4, "little")
    (found,) = entries(bytes(content))
    assert isinstance(found, Problem) or len(found.content) <= 5000


def test_the_same_number_twice_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a1.pdf", b"x")
        archive.writestr("A1.pdf", b"y")
    assert [one.code for one in entries(out.getvalue()) if isinstance(one, Problem)] == ["twice"]


def test_broken_encrypted_and_empty_files_say_so():
    content = bytearray(zip_of({"1.pdf": b"some words", "2.pdf": b"", "3.pdf": b"x"}, zipfile.ZIP_STORED))
    content[content.index(b"some words")] ^= 0xFF
    last = content.rindex(b"PK\x01\x02")
    content[last + 8] |= 1
    found = [one.code for one in entries(bytes(content)) if isinstance(one, Problem)]
    assert found == ["broken", "empty_inside", "encrypted"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "not_zip"),
        (zip_of({}), "no_rows"),
        (zip_of({f"{n}.pdf": b"" for n in range(archives.MAX_FILES + 1)}), "too_many_files"),
    ],
)
def test_what_is_no_such_zip_is_refused(content, code):
    with pytest.raises(FileUnreadable) as refused:
        list(entries(content))
    assert refused.value.code == code
