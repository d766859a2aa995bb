"""Reading what somebody sent in a process of its own, which may burst or be taken over without harm.

Readers of pictures, PDFs, archives and tables are the part of any site that hostile files aim at. The process
knows no secret (its environment is empty), and has bounds of memory and time. Nothing else opens such a file.
"""

from __future__ import annotations

import json
import subprocess  # nosec B404
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from marelle.core.tabular import ZIP_MARK, Column, FileUnreadable, Line, Row, cells_read
from marelle.files.rules import MAX_BYTES, Cleaned, FileRefused, Fitted, Kind

LONGEST = 40
"""Seconds, waiting for the processor included."""

ROOT = Path(__file__).resolve().parents[2]

_one_at_a_time = threading.Lock()
"""However many send at once, a web process reads one file: memory stays bounded, others wait a second."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program wrote; not `whole` when it burst its bounds, or its reader fell over."""

    output: bytes
    whole: bool


def cleaned_apart(content: bytes) -> Cleaned:
    """`cleaning.cleaned`, elsewhere. Raises FileRefused."""
    if not content:
        raise FileRefused("empty")
    if len(content) > MAX_BYTES:
        raise FileRefused("too_big", limit=MAX_BYTES)
    answer = answered("marelle.files.cleaning", content)
    if not answer.whole:
        raise FileRefused("broken")
    head, _, rest = answer.output.partition(b"\n")
    told = json.loads(head)
    if "refused" in told:
        raise FileRefused(told.pop("refused"), **told)
    return Cleaned(rest, Kind(told["kind"]), told["pages"])


def fitted_apart(content: bytes, *, box: tuple[int, int], light: int) -> Fitted:
    """A picture made to fit, elsewhere: see `logos.fitted`. Raises FileRefused."""
    answer = answered("marelle.files.logos", content, *map(str, (*box, light)))
    if not answer.whole:
        raise FileRefused("broken")
    head, _, rest = answer.output.partition(b"\n")
    return Fitted(rest, *json.loads(head))


def lines_apart(content: bytes, *, most: int) -> tuple[Line, ...]:
    """The lines of a CSV, or of a spreadsheet's first sheet, that are not blank, the headings first.

    Raises FileUnreadable. `most` bounds the lines after the headings.
    """
    if content.startswith(ZIP_MARK):
        answer = _table(content, "marelle.files.sheets", str(most), burst="broken_sheet")
    else:
        answer = _table(content, "marelle.files.texts", "lines", str(most), burst="binary")
    return tuple(Line(number, cells_read(cells, number)) for number, cells in answer["lines"])


def rows_apart(content: bytes, columns: Sequence[Column]) -> tuple[Row, ...]:
    """`tabular.table`, elsewhere. Raises FileUnreadable."""
    told = json.dumps([asdict(column) for column in columns])
    answer = _table(content, "marelle.files.texts", "rows", told, burst="binary")
    return tuple(Row(line, cells, extra) for line, cells, extra in answer["rows"])


def answered(program: str, content: bytes, *arguments: str) -> Answer:
    """What a program of ours answers to a content, within its bounds.

    It may take seconds: never in a transaction, or on SQLite nobody else writes meanwhile.
    """
    # As Django's own durable blocks: those of a test's harness do not count.
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("A file is read before any transaction, never in one.")
    with _one_at_a_time:
        try:
            done = subprocess.run(  # noqa: S603 - programs of ours  # nosec B603
                [sys.executable, "-m", program, *arguments],
                input=content,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env={},
                timeout=LONGEST,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            return Answer(error.stdout or b"", whole=False)
    return Answer(done.stdout, done.returncode == 0)


def _table(content: bytes, program: str, *arguments: str, burst: str) -> dict[str, Any]:
    answer = answered(program, content, *arguments)
    if not answer.whole:
        raise FileUnreadable(burst)
    told: dict[str, Any] = json.loads(answer.output)
    if "refused" in told:
        raise FileUnreadable(told.pop("refused"), **told)
    return told
