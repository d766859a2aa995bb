"""Charts drawn on the server: bars in SVG that need neither script nor style, colours are classes. Pure.

A chart stands beside the table of its figures and never instead of it: it tells its title alone to who hears
the page. Its labels are text of the page, whole on any width: letters of an SVG are cut, not wrapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

BAR: Final = 18
TONES: Final = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart: its parts, in the order of the tones, and its figure in words."""

    label: str
    parts: tuple[int, ...]
    text: str


def bars(title: str, rows: Sequence[Bar], *, whole: int | None = None) -> SafeString:
    """Horizontal bars; stacked where there are several parts.

    The longest fills the width, or `whole` does; what passes it stops at the edge.
    """
    widest = max((whole or 0, *((sum(row.parts) for row in rows) if whole is None else ())), default=0)
    drawn = format_html_join(
        "",
        '<div><span>{}</span> <b>{}</b></div><svg width="100%" height="{}">'
        '<rect class="track" width="100%" height="{}"/>{}</svg>',
        ((row.label, row.text, BAR, BAR, _parts(row.parts, widest)) for row in rows),
    )
    return format_html('<div class="chart" role="img" aria-label="{}">{}</div>', title, drawn)


def _parts(parts: Sequence[int], widest: int) -> SafeString:
    drawn, at = [], 0
    for tone, part in enumerate(parts):
        begins, ends = _percent(at, widest), _percent(at + part, widest)
        at += part
        if ends > begins:
            drawn.append((tone % TONES + 1, _text(begins), _text(ends - begins), BAR))
    return format_html_join("", '<rect class="t{}" x="{}%" width="{}%" height="{}"/>', drawn)


def _percent(value: int, widest: int) -> float:
    return min(100.0, 100 * value / widest) if widest else 0.0


def _text(percent: float) -> str:
    return f"{percent:.2f}"
