"""Keys of rows that browsers send."""

from __future__ import annotations

import pytest

from marelle.core.converters import id_read


@pytest.mark.parametrize(("text", "key"), [("7", 7), ("007", 7), ("0", 0), ("9" * 18, 10**18 - 1)])
def test_a_key_is_read(text: str, key: int) -> None:
    assert id_read(text) == key


@pytest.mark.parametrize(
    "text", ["", "9" * 19, "9" * 5000, "²", "٣", "\0", "-1", "+1", " 1", "1_0", "1.0", "x"]
)
def test_what_no_row_can_have_is_no_key(text: str) -> None:
    assert id_read(text) is None
