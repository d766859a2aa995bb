"""What a file may be, and what is wrong in one, by line: codes and data; `labels` puts them in French."""

from __future__ import annotations

import re
from typing import Final

from marelle.core.refusals import Refusal
from marelle.core.tabular import MEGABYTE

NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""Of an invoice: it also names its PDF, so no slash and no space."""

MAX_ZIP_BYTES: Final = 80 * MEGABYTE
MAX_UNPACKED: Final = 400 * MEGABYTE
"""Of a ZIP, in all, unpacked: five times the largest one, since PDFs are packed already."""

MAX_PROBLEMS: Final = 200
"""A file wrong from end to end is told by its first problems; more would help nobody."""


class ImportRefused(Refusal):
    """Nothing was imported. `code`: "problems" (`count`), "already" (the file is imported), or
    "same_person" (who read a file of mandates is not who confirms it)."""
