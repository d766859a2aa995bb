"""Colours that can be read: the contrast of WCAG 2.2, and the nearest colour that has enough of it. Pure.

A colour is "#rrggbb", in small letters.
"""

from __future__ import annotations

import re
from typing import Final

from marelle.core.refusals import Refusal

ENOUGH: Final = 4.5
"""Of text on its ground: success criterion 1.4.3, level AA."""

WHITE: Final = "#ffffff"
BLACK: Final = "#000000"

SHAPE: Final = re.compile(r"#[0-9a-f]{6}")


class NoColour(Refusal):
    """What was typed is no colour."""

    def __init__(self) -> None:
        super().__init__("no_colour")


def colour_read(typed: str) -> str:
    """ "#0B6468", "0b6468" or "#0bc" as a colour. Raises NoColour."""
    sign = typed.strip().lower().removeprefix("#")
    if len(sign) == 3:
        sign = "".join(letter * 2 for letter in sign)
    if SHAPE.fullmatch(f"#{sign}") is None:
        raise NoColour
    return f"#{sign}"


def luminance(colour: str) -> float:
    """Relative luminance, from 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white), in either order."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with a `share` of `other`, from 0 (none) to 1 (nothing else)."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(mine + (its - mine) * share):02x}" for mine, its in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
