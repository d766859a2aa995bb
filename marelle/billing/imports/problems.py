"""What is wrong in a file, by line: codes and data; `labels` puts them in French."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from marelle.core.refusals import Refusal

MEGABYTE: Final = 1024 * 1024
MAX_CSV_BYTES: Final = 20 * MEGABYTE
MAX_ZIP_BYTES: Final = 80 * MEGABYTE
MAX_ROWS: Final = 100_000
MAX_PROBLEMS: Final = 200
"""A file wrong from end to end is told by its first problems; more would help nobody."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`where` is the number of the line as a text editor counts them, or the name of a file in a ZIP; ""
    for what is wrong with the file as a whole."""

    where: str
    code: str
    data: dict[str, Any] = field(default_factory=dict)


class FileUnreadable(Refusal):
    """The file as a whole cannot be read.

    `code`: "empty", "too_big" (`limit` in bytes), "spreadsheet", "binary", "no_rows", "too_many_rows"
    (`limit`), "no_header", "missing_columns" (`columns`), "repeated_column" (`column`), "not_zip",
    "too_many_files" (`limit`), "forgotten" (read too long ago: it is no longer there).
    """


class ImportRefused(Refusal):
    """Nothing was imported. `code`: "problems" (`count`), or "already" (the file is imported)."""


class NotYours(Refusal):
    """The authority, the run or the invoice is not within the actor's reach: a screen answers 404."""

    def __init__(self) -> None:
        super().__init__("not_yours")
