"""How an event of the log is written, and what of it is left out."""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from collections.abc import Iterator
from copy import copy
from typing import Final

from marelle.core.request_id import request_id

TURNS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What ends a line, or makes a terminal do something."""

SECRET: Final = re.compile(r"/[\w:~-]{40,}")
"""A part of an address that long is a link's secret: ids and words are short."""

QUERY: Final = re.compile(r"(?<=[\w/])\?[^\s'\"]*=[^\s'\"]*")
"""What an address asks for may be a name that somebody looks for, or a code."""

MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

TELEPHONE: Final = re.compile(r"(?<![\w.:-])(?:\+33|0)[ .]?[1-9](?:[ .-]?\d\d){4}(?![\w:-])")

ROWS: Final = re.compile(r"\n(?:DETAIL|CONTEXT|QUERY|LINE \d+):.*", re.DOTALL)
"""What PostgreSQL shows of rows and of the statement: the value that was there already, or was written."""

QUOTED: Final = re.compile(
    r"""(\b(?:attribute|argument|column|constraint|field|module\ named|relation|table)\ ['"][\w.]+['"])
    | (?<!\w)[bru]?'.*?(?:'(?!\w)|$) | "[^"]*(?:"|$)""",
    re.VERBOSE,
)
"""What an error quotes is often what somebody typed: but for names of tables, columns and the like."""

FROM: Final = re.compile(r"from ip=\S*?:(?= )")

Left = tuple[re.Pattern[str], str]

ALWAYS: Final[tuple[Left, ...]] = (
    (ROWS, ""),
    (SECRET, "/…"),
    (QUERY, "?…"),
    (MAIL, "…@…"),
    (TELEPHONE, "…"),
)


def cleaned(text: str) -> str:
    """On one line, without secrets of links, addresses of mail, telephones or rows of the database."""
    for pattern, instead in ALWAYS:
        text = pattern.sub(instead, text)
    return TURNS.sub(_escaped, text)


def error_cleaned(text: str) -> str:
    """What an error says of itself: its first line, without what it quotes."""
    return QUOTED.sub(lambda found: found[1] or "'…'", cleaned(text.strip().partition("\n")[0]))


def error_lines(error: BaseException) -> list[str]:
    """The traceback: where it came from, and each error of the chain as `error_cleaned` has it."""
    return list(_lines(traceback.TracebackException.from_exception(error)))


def _lines(told: traceback.TracebackException) -> Iterator[str]:
    if told.__cause__ is not None:
        yield from _lines(told.__cause__)
        yield "The above exception was the direct cause of the following exception:"
    elif told.__context__ is not None and not told.__suppress_context__:
        yield from _lines(told.__context__)
        yield "During handling of the above exception, another exception occurred:"
    if told.stack:
        yield "Traceback (most recent call last):"
    for frame in told.stack.format():
        yield from map(cleaned, frame.rstrip("\n").split("\n"))
    name, said = getattr(told, "exc_type_str", "") or _name(told), error_cleaned(str(told))
    yield f"{name}: {said}" if said else name
    for one in told.exceptions or ():
        yield from _lines(one)


def _name(told: traceback.TracebackException) -> str:
    kind = told.exc_type
    module = "" if kind.__module__ in {"builtins", "__main__"} else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


class OneLine(logging.Formatter):
    """One event is one line, dated in UTC: what somebody typed, or a server answered, writes none of its own.

    A traceback follows its event, indented, so that no line of it passes for another.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03d+00:00"

    def format(self, record: logging.LogRecord) -> str:
        event = copy(record)
        event.exc_info = event.exc_text = event.stack_info = None
        asked = request_id.get()
        first = f"{cleaned(super().format(event))}{f' [{asked}]' if asked else ''}"
        return "\n    ".join([first, *trace_of(record)])


class Json(OneLine):
    """The same event as one object of JSON on a line, for what gathers logs: `at`, `level`, `logger`,
    `message`, `request` and `trace` where there are."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": cleaned(record.getMessage()),
        }
        if asked := request_id.get():
            told["request"] = asked
        if trace := trace_of(record):
            told["trace"] = trace
        return json.dumps(told, ensure_ascii=False)


class OfTheServer(logging.Filter):
    """Of gunicorn's own lines: what a connection sent that it could not read, and from where, is left out."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = FROM.sub("from …:", error_cleaned(record.getMessage())), None
        return True


def trace_of(record: logging.LogRecord) -> list[str]:
    lines = error_lines(record.exc_info[1]) if record.exc_info and record.exc_info[1] else []
    return lines + [cleaned(line) for line in (record.stack_info or "").splitlines()]


def _escaped(sign: re.Match[str]) -> str:
    return sign[0].encode("unicode_escape").decode()
