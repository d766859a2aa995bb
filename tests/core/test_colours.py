from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.colours import BLACK, WHITE, NoColour, colour_read, contrast, mixed

COLOURS = st.from_regex(r"\A#[0-9a-f]{6}\Z")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [(BLACK, WHITE, 21.0), (WHITE, WHITE, 1.0), ("#777777", WHITE, 4.48), ("#767676", WHITE, 4.54)],
)
def test_contrasts_are_those_of_wcag(one: str, other: str, ratio: float) -> None:
    """The greys are the known pair on both sides of 4.5."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@given(COLOURS, COLOURS)
def test_a_contrast_is_the_same_both_ways(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


@given(COLOURS)
def test_nothing_mixed_in_changes_nothing_and_all_of_it_everything(colour: str) -> None:
    assert mixed(colour, BLACK, 0) == colour
    assert mixed(colour, BLACK, 1) == BLACK


@pytest.mark.parametrize("typed", ["#0B6468", " 0b6468 ", "#0b6468"])
def test_a_colour_is_read_as_people_write_it(typed: str) -> None:
    assert colour_read(typed) == "#0b6468"
    assert colour_read("#Fb4") == "#ffbb44"


@pytest.mark.parametrize("typed", ["", "#", "teal", "#12345", "#0b6468;}", "url(x)", "#0b646g", "١٢٣"])
def test_what_is_no_colour_is_refused(typed: str) -> None:
    with pytest.raises(NoColour):
        colour_read(typed)
