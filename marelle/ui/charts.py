"""Charts drawn on the server, as SVG that needs neither script nor style: colours are classes. Pure.

A chart stands beside the table of its figures and never instead of it: it tells its title alone to who hears
the page. Places along the width are in percent, so that letters keep their size on a phone; a long label has
several lines above its bar, on every width the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

LINE: Final = 20
BASELINE: Final = 16
BAR: Final = 18
ABOVE: Final = 3
BELOW: Final = 8
LETTERS: Final = 29
"""What a line of a label holds, with the figure at its end, in the card of a page 320 pixels wide."""

TONES: Final = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart: its parts, in the order of the tones, and its figure in words."""

    label: str
    parts: tuple[int, ...]
    text: str


def bars(title: str, rows: Sequence[Bar], *, name: str, whole: int | None = None) -> SafeString:
    """Horizontal bars; stacked where there are several parts. `name` is unique in the page.

    The longest fills the width, or `whole` does; what passes it stops at the edge.
    """
    widest = max((whole or 0, *((sum(row.parts) for row in rows) if whole is None else ())), default=0)
    drawn, top = [], 0
    for row in rows:
        lines = _lines(row)
        drawn.append((_row(row, lines, top, widest),))
        top += len(lines) * LINE + ABOVE + BAR + BELOW
    return format_html(
        '<svg class="chart" role="img" aria-labelledby="{}" width="100%" height="{}">'
        '<title id="{}">{}</title>{}</svg>',
        name, top, name, title, format_html_join("", "{}", drawn),
    )  # fmt: skip


def _lines(row: Bar) -> list[str]:
    """The label in lines; the last one leaves room for the figure."""
    lines = wrap(row.label, LETTERS) or [""]
    return lines if len(lines[-1]) + 1 + len(row.text) <= LETTERS else [*lines, ""]


def _row(row: Bar, lines: Sequence[str], top: int, widest: int) -> SafeString:
    end = top + len(lines) * LINE
    bar = end + ABOVE
    label = format_html_join(
        "",
        '<text y="{}">{}</text>',
        ((top + n * LINE + BASELINE, line) for n, line in enumerate(lines) if line),
    )
    return format_html(
        '{}<text class="end" x="100%" y="{}">{}</text>'
        '<rect class="track" x="0" y="{}" width="100%" height="{}"/>{}',
        label, end - LINE + BASELINE, row.text, bar, BAR, _parts(row.parts, bar, widest),
    )  # fmt: skip


def _parts(parts: Sequence[int], top: int, widest: int) -> SafeString:
    drawn, at = [], 0
    for tone, part in enumerate(parts):
        begins, ends = _percent(at, widest), _percent(at + part, widest)
        at += part
        if ends > begins:
            drawn.append((tone % TONES + 1, _text(begins), top, _text(ends - begins), BAR))
    return format_html_join("", '<rect class="t{}" x="{}%" y="{}" width="{}%" height="{}"/>', drawn)


def _percent(value: int, widest: int) -> float:
    return min(100.0, 100 * value / widest) if widest else 0.0


def _text(percent: float) -> str:
    return f"{percent:.2f}"
