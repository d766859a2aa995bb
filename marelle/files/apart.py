"""Reading what somebody sent in a process of its own, which may burst or be taken over without harm.

Readers of pictures, PDFs, archives and tables are the part of any site that hostile files aim at. The process
knows no secret (its environment is empty), and has bounds of memory and time. Nothing else opens such a file.
"""

from __future__ import annotations

import json
import signal
import subprocess  # nosec B404
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection

from marelle.core.tabular import ZIP_MARK, Column, FileUnreadable, Line, Row, cells_read
from marelle.files.rules import MAX_BYTES, Cleaned, FileRefused, Fitted, Kind
from marelle.files.turns import LONGEST, PATIENCE, TURNS, sender

LONG_WAIT: Final = 120.0
"""Seconds that an import waits for its turn."""

ROOT = Path(__file__).resolve().parents[2]

OVER_TIME: Final = (-signal.SIGXCPU, -signal.SIGKILL)
"""How a program ends that the kernel stopped, for the processor's time or for the machine's memory."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program wrote; not `whole` when its reader fell over or burst its bounds; `late`: of time."""

    output: bytes
    whole: bool
    late: bool = False


_alone: ContextVar[bool] = ContextVar("alone", default=False)


@contextmanager
def alone() -> Iterator[None]:
    """Files may be read in a transaction within: for who builds a world, or undoes all that it measures."""
    before = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(before)


def cleaned_apart(content: bytes) -> Cleaned:
    """`cleaning.cleaned`, elsewhere. Raises FileRefused."""
    if not content:
        raise FileRefused("empty")
    if len(content) > MAX_BYTES:
        raise FileRefused("too_big", limit=MAX_BYTES)
    answer = answered("marelle.files.cleaning", content)
    if not answer.whole:
        raise FileRefused("too_crowded" if answer.late else "broken")
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


def nodes_apart(content: bytes, names: Collection[str]) -> list[Any]:
    """`trees.nodes`, elsewhere. Raises FileUnreadable."""
    return list(
        _table(content, "marelle.files.trees", json.dumps(sorted(names)), burst="broken_file")["nodes"]
    )


def answered(program: str, content: bytes, *arguments: str, long: bool = False) -> Answer:
    """What a program of ours answers to a content, within its bounds and in its turn.

    It may take seconds: never in a transaction, or on SQLite nobody else writes meanwhile. `long` is for an
    agent's imports, which cost their sender nothing and never hold the quick lane.

    Raises FileRefused, "busy", "own_busy" or "spent".
    """
    # As Django's own durable blocks: those of a test's harness do not count.
    if not _alone.get() and any(
        not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks
    ):
        raise RuntimeError("A file is read before any transaction, never in one.")
    command = [sys.executable, "-m", program, *arguments]
    if long:
        with TURNS.slow.turn(0.0, wait=LONG_WAIT):
            return _run(command, content, LONGEST)
    who = sender.get()()
    with TURNS.admitted(who) as spent:
        if not spent.is_slow:
            with TURNS.quick.turn(spent.seconds), TURNS.charged(who):
                answer = _run(command, content, PATIENCE)
            if not answer.late:
                return answer
        with TURNS.slow.turn(spent.seconds), TURNS.charged(who):
            return _run(command, content, LONGEST)


def _run(command: Sequence[str], content: bytes, seconds: float) -> Answer:
    try:
        done = subprocess.run(  # noqa: S603 - programs of ours  # nosec B603
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return Answer(error.stdout or b"", whole=False, late=True)
    return Answer(done.stdout, done.returncode == 0, done.returncode in OVER_TIME)


def _table(content: bytes, program: str, *arguments: str, burst: str) -> dict[str, Any]:
    try:
        answer = answered(program, content, *arguments, long=True)
    except FileRefused as refusal:
        raise FileUnreadable(refusal.code) from refusal
    if not answer.whole:
        raise FileUnreadable(burst)
    told: dict[str, Any] = json.loads(answer.output)
    if "refused" in told:
        raise FileUnreadable(told.pop("refused"), **told)
    return told
