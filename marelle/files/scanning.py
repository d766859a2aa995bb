"""Whether what comes in may be opened: clamd is asked at once, and where it cannot tell, the file waits.

The one way in: `services.file_check` for files that are kept, `content_read` for those that are read at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import Final, Protocol

from django.conf import settings

from marelle.core.environment import Scanner
from marelle.core.tabular import FileUnreadable
from marelle.files.clamd import NotScanned, ScannerAway, TooLong, scan
from marelle.files.rules import FileRefused, Scan
from marelle.files.turns import TURNS, sender

logger = logging.getLogger(__name__)

PROMPT: Final = 4.0
"""Seconds that a form waits for a verdict: an honest file takes a tenth of one."""

PATIENT: Final = 20.0
"""Seconds that the worker waits for that of a file kept: other work waits behind it."""

WHOLE: Final = 60.0
"""Seconds for an agent's import, which may be of 80 MB and cannot be kept until it is clean."""

AWAY: Final = 60.0
"""Seconds for which a clamd that did not answer is asked nothing more, so that no form waits for it again."""


class Sent(Protocol):
    """What a form gives."""

    def read(self) -> bytes: ...


class Away:
    """Whether the scanner did not answer lately; of a process."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._scanner: Scanner | None = None
        self._until = 0.0

    def is_away(self, scanner: Scanner) -> bool:
        with self._lock:
            return self._scanner == scanner and self._clock() < self._until

    def note(self, scanner: Scanner) -> None:
        with self._lock:
            self._scanner, self._until = scanner, self._clock() + AWAY

    def forget(self) -> None:
        with self._lock:
            self._scanner = None


away = Away()


def first_state() -> Scan:
    """Of what comes in and nobody has looked at."""
    return Scan.NONE if settings.CLAMD is None else Scan.WAITING


def prompt_scan(content: bytes) -> Scan:
    """What clamd says within the time of a form. Raises FileRefused ("infected"; "own_busy" and "spent" of
    who has its turn no more, before clamd is asked)."""
    if settings.CLAMD is None:
        return Scan.NONE
    who = sender.get()()
    try:
        with TURNS.admitted(who), TURNS.charged(who):
            found = asked(content, seconds=PROMPT)
    except NotScanned as error:
        if isinstance(error, TooLong):
            away.note(settings.CLAMD)
        logger.warning("A file is held until it can be scanned: %s", error)
        return Scan.WAITING
    if found:
        logger.error("A file was refused as it came in: clamd found %s", found)
        raise FileRefused("infected")
    return Scan.CLEAN


def content_read(upload: Sent) -> bytes:
    """What an agent sent, to be read at once: it cannot wait, so it is refused where nobody can look into it.

    Before any transaction. Raises FileUnreadable ("unscanned", "infected").
    """
    content = upload.read()
    if settings.CLAMD is None or not content:
        return content
    try:
        found = asked(content, seconds=WHOLE)
    except NotScanned as error:
        logger.warning("An import was refused, for it cannot be scanned: %s", error)
        raise FileUnreadable("unscanned") from error
    if found:
        logger.error("An import was refused: clamd found %s", found)
        raise FileUnreadable("infected")
    return content


def asked(content: bytes, *, seconds: float) -> str:
    """The name of what clamd finds, "" for nothing. Raises NotScanned, at once where it was away lately."""
    scanner = settings.CLAMD
    if scanner is None:
        raise NotScanned("CLAMD names none any more")
    if away.is_away(scanner):
        raise ScannerAway(f"{scanner} did not answer a moment ago")
    try:
        return scan(scanner, content, seconds=seconds)
    except ScannerAway:
        away.note(scanner)
        raise
