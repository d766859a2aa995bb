"""The two colours that an authority chooses, and those that follow from them. Pure."""

from __future__ import annotations

from typing import Final

from marelle.core.colours import BLACK, ENOUGH, WHITE, contrast, mixed

MAIN: Final = "#0b6468"
ACCENT: Final = "#f2b544"
"""Those of the style sheet: where they are chosen, there is nothing to add to it."""

PAPER: Final = "#f6f5f0"
"""The ground of pages, in the style sheet."""

INK_ON_ACCENT: Final = "#2b1c00"
"""What is written on the accent, in the style sheet."""

STEPS: Final = 100


def tint(main: str) -> str:
    """The light ground of what is chosen or told, on which the main colour is also written."""
    return mixed(main, WHITE, 0.88)


def darker(main: str) -> str:
    """The main colour under the pointer, and of what is written on the tint."""
    return mixed(main, BLACK, 0.25)


def main_contrast(main: str) -> float:
    """The worst of the contrasts that the pages need: on white (and white on it), on paper, on its tint."""
    return min(contrast(main, ground) for ground in (WHITE, PAPER, tint(main)))


def accent_contrast(accent: str) -> float:
    return contrast(INK_ON_ACCENT, accent)


def nearest_main(main: str) -> str:
    """The colour itself, or with as little black as makes it readable."""
    darkened = (mixed(main, BLACK, step / STEPS) for step in range(STEPS + 1))
    return next(colour for colour in darkened if main_contrast(colour) >= ENOUGH)


def nearest_accent(accent: str) -> str:
    """The colour itself, or with as little white as lets the ink be read on it."""
    lightened = (mixed(accent, WHITE, step / STEPS) for step in range(STEPS + 1))
    return next(colour for colour in lightened if accent_contrast(colour) >= ENOUGH)


def style_sheet(main: str, accent: str) -> str:
    """What replaces the colours of the style sheet; "" when they are its own."""
    if (main, accent) == (MAIN, ACCENT):
        return ""
    brand = f"--brand:{main};--brand-2:{darker(main)};--brand-tint:{tint(main)}"
    return f":root{{{brand};--sun:{accent}}}\n"
