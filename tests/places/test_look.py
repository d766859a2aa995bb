"""Colours that can be read, whatever is chosen."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from marelle.core.colours import ENOUGH, WHITE, contrast
from marelle.places.look_rules import (
    ACCENT,
    INK_ON_ACCENT,
    MAIN,
    PAPER,
    accent_contrast,
    darker,
    main_contrast,
    nearest_accent,
    nearest_main,
    style_sheet,
    tint,
)

COLOURS = st.from_regex(r"\A#[0-9a-f]{6}\Z")
SHEET = Path(__file__).parents[2] / "marelle/ui/static/ui/marelle.css"


@given(COLOURS)
def test_the_nearest_colour_can_be_read_everywhere(colour: str) -> None:
    main, accent = nearest_main(colour), nearest_accent(colour)
    for ground in (WHITE, PAPER, tint(main)):
        assert contrast(main, ground) >= ENOUGH
        assert contrast(darker(main), ground) >= ENOUGH
    assert contrast(INK_ON_ACCENT, accent) >= ENOUGH


@given(COLOURS)
def test_a_colour_that_can_be_read_is_left_alone(colour: str) -> None:
    if main_contrast(colour) >= ENOUGH:
        assert nearest_main(colour) == colour
    if accent_contrast(colour) >= ENOUGH:
        assert nearest_accent(colour) == colour


def test_the_colours_by_default_are_those_of_the_style_sheet() -> None:
    sheet = SHEET.read_text()
    for name, colour in (("brand", MAIN), ("sun", ACCENT), ("paper", PAPER)):
        assert f"--{name}:{colour};" in sheet
    assert re.search(rf"background:var\(--sun\)[^}}]*color:{INK_ON_ACCENT}", sheet)
    assert style_sheet(MAIN, ACCENT) == ""
    assert style_sheet("#123456", ACCENT).startswith(":root{--brand:#123456;--brand-2:")
