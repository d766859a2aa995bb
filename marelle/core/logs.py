"""How a line of the log is written."""

from __future__ import annotations

import logging
import re
import time
from copy import copy
from typing import Final

TURNS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What ends a line, or makes a terminal do something."""

SECRET: Final = re.compile(r"/[\w:~-]{40,}")
"""A part of an address that long is a link's secret: ids and words are short."""


class OneLine(logging.Formatter):
    """One event is one line, dated in UTC: what somebody typed, or a server answered, writes none of its own.
    Of an address that holds the secret of a link, the rest is kept.

    A traceback follows its event, indented, so that no line of it passes for another.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03d+00:00"

    def format(self, record: logging.LogRecord) -> str:
        event = copy(record)
        event.exc_info = event.exc_text = event.stack_info = None
        lines = [super().format(event)]
        if record.exc_info:
            lines += self.formatException(record.exc_info).splitlines()
        lines += (record.stack_info or "").splitlines()
        return "\n    ".join(SECRET.sub("/…", TURNS.sub(_escaped, line)) for line in lines)


def _escaped(sign: re.Match[str]) -> str:
    return sign[0].encode("unicode_escape").decode()
