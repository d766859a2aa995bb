"""PDFs typeset from a template and what it says: tagged for screen readers (PDF/UA-1)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import typst

from marelle.core.rehearsal import is_rehearsal

STANDARD: Final = "ua-1"
UNWRITABLE: Final = (
    re.compile(r"[^\n\t -~\u00a0-\u024f\u0370-\u04ff\u1e00-\u1eff\u2010-\u2027\u202f\u2030-\u205e€−№™]"),
    re.compile(r"[^\n -~\u00a0-\u017f€’“”…–—−]"),
)
"""What the font of the documents cannot draw, told broadly, then with nothing left to chance."""

REHEARSED: Final = """\
#set page(foreground: rotate(-35deg, text(size: 42pt, fill: rgb("#b0002040"))[RÉPÉTITION · SANS VALEUR]))
""".encode()
PAGES: Final = re.compile(rb"/Type/Pages/Count (\d+)")


def typeset(template: Path, said: Mapping[str, Any], *, logo: bytes = b"", made_at: datetime) -> bytes:
    """The same words give the same bytes. What no font draws (an emoji in a name) becomes "?".

    The template reads `sys.inputs.said` and `sys.inputs.logo` as JSON: what is said is data, never markup.
    `logo` is a PNG, b"" without one. In a rehearsal it says so across each page.
    """
    words: Any = said
    for unwritable in UNWRITABLE:
        try:
            return _compiled(template, words, logo, made_at)
        except typst.TypstError:
            words = _without(unwritable, said)
    return _compiled(template, words, logo, made_at)


def _without(unwritable: re.Pattern[str], said: Any) -> Any:
    """The same, with "?" for what is not drawn in its texts."""
    if isinstance(said, str):
        return unwritable.sub("?", said)
    if isinstance(said, Mapping):
        return {name: _without(unwritable, value) for name, value in said.items()}
    if isinstance(said, Sequence):
        return [_without(unwritable, value) for value in said]
    return said


def pages_in(made: bytes) -> int:
    """How many pages what `typeset` made has."""
    found = PAGES.search(made)
    if found is None:
        raise ValueError("No PDF of typst's.")
    return int(found[1])


@cache
def _fonts() -> typst.Fonts:
    """Typst's own. Found once: finding them takes as long as typesetting a page."""
    return typst.Fonts(include_system_fonts=False)


@lru_cache(maxsize=8)
def _numbers(logo: bytes) -> str:
    """Of a list of numbers, as JSON: what typst is told is text, and a logo is the same on many documents."""
    return json.dumps(list(logo))


@cache
def _read(template: Path) -> bytes:
    return template.read_bytes()


def _compiled(template: Path, words: Any, logo: bytes, made_at: datetime) -> bytes:
    made: bytes = typst.compile(
        (REHEARSED if is_rehearsal() else b"") + _read(template),
        format="pdf",
        sys_inputs={"said": json.dumps(words, ensure_ascii=False), "logo": _numbers(logo)},
        pdf_standards=STANDARD,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        timestamp=made_at.astimezone(UTC).replace(microsecond=0),
    )
    return made
