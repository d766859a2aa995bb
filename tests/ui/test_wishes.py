"""The table of wishes as it is written."""

from __future__ import annotations

from dataclasses import dataclass

from marelle.ui.wishes import wish_rows


@dataclass(frozen=True)
class Box:
    value: str
    label: str
    checked: bool = False


@dataclass(frozen=True)
class Day:
    label: str
    boxes: tuple[Box, ...]


def test_a_box_for_each_slot_that_is_held_and_no_text_is_markup() -> None:
    rows = wish_rows([Day("Lundi", (Box("1-2-0-4", "<b>Soir", checked=True), Box("", "Matin")))])
    assert rows == (
        '<tr><th scope="row">Lundi</th>'
        '<td><label><input type="checkbox" name="wishes" value="1-2-0-4" checked>'
        " &lt;b&gt;Soir</label></td><td></td></tr>"
    )
