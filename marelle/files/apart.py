"""Cleaning in a process of its own, which may burst or be taken over without harm to the portal.

Readers of pictures and PDFs are the part of any site that hostile files aim at. The process knows no secret
(its environment is empty), and has bounds of memory and time.
"""

from __future__ import annotations

import json
import subprocess  # nosec B404
import sys
import threading
from pathlib import Path

from marelle.core.tabular import FileUnreadable, Line, cells_read
from marelle.files.rules import MAX_BYTES, Cleaned, FileRefused, Kind

LONGEST = 40
"""Seconds, waiting for the processor included."""

ROOT = Path(__file__).resolve().parents[2]

_one_at_a_time = threading.Lock()
"""However many send at once, a web process cleans one file: memory stays bounded, others wait a second."""


def cleaned_apart(content: bytes) -> Cleaned:
    """`cleaning.cleaned`, elsewhere. Raises FileRefused."""
    if not content:
        raise FileRefused("empty")
    if len(content) > MAX_BYTES:
        raise FileRefused("too_big", limit=MAX_BYTES)
    with _one_at_a_time:
        answer = _answer(content)
    head, _, rest = answer.partition(b"\n")
    told = json.loads(head)
    if "refused" in told:
        raise FileRefused(told.pop("refused"), **told)
    return Cleaned(rest, Kind(told["kind"]), told["pages"])


def lines_apart(content: bytes, *, most: int) -> tuple[Line, ...]:
    """The lines of a spreadsheet's first sheet that are not blank, the headings first, read elsewhere.

    Raises FileUnreadable. `most` bounds the lines after the headings.
    """
    with _one_at_a_time:
        try:
            answer = json.loads(_answer(content, "marelle.files.sheets", str(most)))
        except FileRefused as error:
            raise FileUnreadable("broken_sheet") from error
    if "refused" in answer:
        raise FileUnreadable(answer.pop("refused"), **answer)
    return tuple(Line(number, cells_read(cells, number)) for number, cells in answer["lines"])


def _answer(content: bytes, program: str = "marelle.files.cleaning", *arguments: str) -> bytes:
    try:
        return subprocess.run(  # noqa: S603 - programs of ours  # nosec B603
            [sys.executable, "-m", program, *arguments],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={},
            timeout=LONGEST,
            check=True,
        ).stdout
    except subprocess.SubprocessError as error:
        # It burst its bounds, or its reader fell over: the file is broken for who sent it.
        raise FileRefused("broken") from error
