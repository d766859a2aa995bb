"""What is wrong in a file, by line: codes and data; `labels` puts them in French."""

from __future__ import annotations

from typing import Final

from marelle.core.refusals import Refusal
from marelle.core.tabular import MEGABYTE

MAX_ZIP_BYTES: Final = 80 * MEGABYTE
MAX_PROBLEMS: Final = 200
"""A file wrong from end to end is told by its first problems; more would help nobody."""


class ImportRefused(Refusal):
    """Nothing was imported. `code`: "problems" (`count`), or "already" (the file is imported)."""


class NotYours(Refusal):
    """The authority, the run or the invoice is not within the actor's reach: a screen answers 404."""

    def __init__(self) -> None:
        super().__init__("not_yours")
