"""The table of a listing, written by a function as the planning's is: with hundreds of children the template
engine took a third of the page's time."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe

from marelle.core.listing import Cell, Listing


def listing_table(listing: Listing, ways: Sequence[str]) -> SafeString:
    """Every text of the listing is escaped here. `ways`: where the first line of each row leads, or ""."""
    headings = [escape(heading) for heading in listing.headings]
    said = [f'<span class="say">{heading}</span>' for heading in headings]
    parts = [
        f'<table class="list listing"><caption class="v">{escape(listing.title)}</caption><thead><tr>',
        *(f'<th scope="col">{heading}</th>' for heading in headings),
        "</tr></thead><tbody>",
    ]
    for (about, *cells), way in zip(listing.rows, ways, strict=True):
        parts.append(f'<tr><th scope="row">{_lines(about, way)}</th>')
        parts += [
            f"<td>{say}{_lines(one)}</td>" if one else "<td></td>"
            for say, one in zip(said[1:], cells, strict=False)
        ]
        parts.append("</tr>")
    parts.append("</tbody></table>")
    return mark_safe("".join(parts))  # noqa: S308 - each text is escaped above


def _lines(cell: Cell, way: str = "") -> str:
    texts = [escape(piece.text) for piece in cell]
    if way and texts:
        texts[0] = f'<a href="{escape(way)}">{texts[0]}</a>'
    return "".join(
        [f'<p class="{piece.weight.value}">{text}</p>' for piece, text in zip(cell, texts, strict=True)]
    )
