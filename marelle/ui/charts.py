"""Charts drawn on the server, as SVG that needs neither script nor style: colours are classes. Pure.

A chart stands beside the table of its figures and never instead of it: it tells its title alone to who hears
the page. Places along the width are in percent, so that letters keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

ROW: Final = 46
BAR: Final = 18
BASELINE: Final = 16
LETTERS: Final = 22
LABEL: Final = 64
"""Percent of the width that a label may fill: it is cut there, beside its figure; the table has it whole."""

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
    drawn = format_html_join("", "{}", ((_row(row, place, widest),) for place, row in enumerate(rows)))
    return format_html(
        '<svg class="chart" role="img" aria-labelledby="{}" width="100%" height="{}">'
        '<title id="{}">{}</title>{}</svg>',
        name, len(rows) * ROW, name, title, drawn,
    )  # fmt: skip


def _row(row: Bar, place: int, widest: int) -> SafeString:
    top = place * ROW
    return format_html(
        '<svg y="{}" width="{}%" height="{}"><text y="{}">{}</text></svg>'
        '<text class="end" x="100%" y="{}">{}</text>'
        '<rect class="track" x="0" y="{}" width="100%" height="{}"/>{}',
        top, LABEL, LETTERS, BASELINE, row.label, top + BASELINE, row.text,
        top + BASELINE + 6, BAR, _parts(row.parts, top + BASELINE + 6, widest),
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
