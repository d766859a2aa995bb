"""Names shown: whatever was sent, something that may be read, written in a header, kept in a folder."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marelle.files.rules import EXTENSIONS, NAME_LENGTH, Kind, shown_name


@given(name=st.text(max_size=400), kind=st.sampled_from(Kind))
@example(name="a/b\\" * 100 + "c" * 300 + ".pdf", kind=Kind.PDF)
@example(name="photo\u202egpj.exe", kind=Kind.JPEG)
@example(name="", kind=Kind.PDF)
@example(name="...", kind=Kind.PNG)
@example(name="e" + "\u0301" * 300, kind=Kind.PDF)
@example(name="\ud800", kind=Kind.PDF)
def test_a_name_is_always_fit_to_be_shown(name: str, kind: Kind) -> None:
    shown = shown_name(name, kind)
    assert shown.endswith(f".{EXTENSIONS[kind]}")
    assert 5 <= len(shown) <= NAME_LENGTH
    assert not set(shown) & set('/\\"<>:|?*')
    assert all(unicodedata.category(sign)[0] != "C" for sign in shown)
    assert shown == shown.strip()
    assert not shown.startswith(".")
    assert shown_name(shown, kind) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Carnet de santé.PDF", "Carnet de santé.pdf"),
        ("C:\\Users\\camille\\vaccins.pdf", "vaccins.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("facture.2026.09.pdf", "facture.2026.09.pdf"),
        ("vaccins.html", "vaccins.pdf"),
        ("page\r\nX-Evil: 1.pdf", "pageX-Evil 1.pdf"),
        ("👶 Léo.pdf", "👶 Léo.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
    ],
)
def test_names_as_they_come(sent: str, shown: str) -> None:
    assert shown_name(sent, Kind.PDF) == shown
