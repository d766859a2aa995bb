"""Asking clamd about a content: one connection, one INSTREAM, one answer.

What is not `stream: OK` to the letter is not clean. Why no library: docs/adr/0052-files-held-until-clean.md.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from marelle.core.environment import Scanner

PIECE: Final = 64 * 1024
LONGEST_ANSWER: Final = 1024
"""Bytes: the name of a signature takes a hundred."""

FOUND: Final = re.compile(rb"stream: ([!-~][ -~]{0,200}) FOUND")
BOUNDS: Final = b"Heuristics.Limits."
"""How clamd names a file that it did not read to the end, where it is told to say so (AlertExceedsMax)."""


class NotScanned(Exception):
    """clamd gave no verdict. The message says why, for the log."""


class ScannerAway(NotScanned):
    """Nobody takes a connection: the next file would meet the same."""


class TooLong(NotScanned):
    """No verdict in time: it is busy, or hangs, or the file is long to read."""


def scan(scanner: Scanner, content: bytes, *, seconds: float) -> str:
    """The name of what clamd finds in a content, "" where it finds nothing. Raises NotScanned."""
    answer, read = _asked(scanner, content, seconds)
    if answer == b"stream: OK" and read:
        return ""
    found = FOUND.fullmatch(answer)
    if found is None or found[1].startswith(BOUNDS):
        raise NotScanned(f"clamd answered {answer[:200]!r}")
    return found[1].decode("ascii")


def answers(scanner: Scanner, *, seconds: float) -> bool:
    """Whether clamd is there."""
    try:
        with _connected(scanner, monotonic() + seconds) as (line, until):
            _send(line, b"zPING\0", until)
            return _received(line, until) == b"PONG"
    except NotScanned:
        return False


def _asked(scanner: Scanner, content: bytes, seconds: float) -> tuple[bytes, bool]:
    """The answer, and whether the whole content was taken before."""
    read = True
    with _connected(scanner, monotonic() + seconds) as (line, until):
        try:
            _send(line, b"zINSTREAM\0", until)
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                _send(line, len(piece).to_bytes(4) + piece, until)
            _send(line, bytes(4), until)
        except ConnectionError:
            read = False  # it wants no more, and may have said why
        return _received(line, until), read


@contextmanager
def _connected(scanner: Scanner, until: float) -> Iterator[tuple[socket.socket, float]]:
    """The connection, and when all is to be over. Raises NotScanned for whatever fails within."""
    try:
        line = _line(scanner, until)
    except OSError as error:
        raise ScannerAway(f"nobody answers at {scanner}: {error}") from error
    with line:
        try:
            yield line, until
        except TimeoutError as error:
            raise TooLong("clamd takes too long") from error
        except OSError as error:
            raise NotScanned(f"clamd cut the connection: {error}") from error


def _line(scanner: Scanner, until: float) -> socket.socket:
    """Raises OSError."""
    if not scanner.path:
        return socket.create_connection((scanner.host, scanner.port), timeout=_left(until))
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(_left(until))
        line.connect(scanner.path)
    except BaseException:
        line.close()
        raise
    return line


def _send(line: socket.socket, content: bytes, until: float) -> None:
    line.settimeout(_left(until))
    line.sendall(content)


def _received(line: socket.socket, until: float) -> bytes:
    """Up to the zero that ends an answer; one that is cut or has no end is none."""
    answer = b""
    while not answer.endswith(b"\0"):
        line.settimeout(_left(until))
        piece = line.recv(LONGEST_ANSWER)
        answer += piece
        if not piece:
            raise NotScanned("clamd closed the connection without an answer")
        if len(answer) > LONGEST_ANSWER:
            raise NotScanned("clamd answers without end")
    return answer[:-1]


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError("it takes too long")
    return left
