"""How a line of the log is written."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any, Final

TURNS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What ends a line, or makes a terminal do something."""

SECRET: Final = re.compile(r"/[\w:~-]{40,}")
"""A part of an address that long is a link's secret: ids and words are short."""


class OneLine(logging.Formatter):
    """One event is one line, dated in UTC: what somebody typed, or a server answered, writes none of its own.
    Of an address that holds the secret of a link, the rest is kept.

    A traceback follows its event, indented, so that no line of it passes for another.
    """

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return SECRET.sub("/…", TURNS.sub(_escaped, super().formatMessage(record)))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        return "\n".join(f"    {line}" for line in super().formatException(ei).splitlines())


def _escaped(sign: re.Match[str]) -> str:
    return sign[0].encode("unicode_escape").decode()
