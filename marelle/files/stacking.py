"""PDFs of ours one after the other in one, to be printed on both sides. Run as a program by `bundles.py`.

Reads the paths as JSON, writes the PDF. Each begins on the front of a sheet: a page is left blank after those
whose last one is a front.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import pikepdf


def stack(paths: Iterable[str], to: BinaryIO) -> None:
    made = pikepdf.new()
    for path in paths:
        # From memory: a file for each bill of a month would be more than a process may hold open.
        pages = pikepdf.open(io.BytesIO(Path(path).read_bytes())).pages
        made.pages.extend(pages)
        if len(pages) % 2:
            box = pages[-1].mediabox
            made.add_blank_page(page_size=(float(box[2]), float(box[3])))
    made.save(to)


if __name__ == "__main__":
    stack(json.load(sys.stdin), sys.stdout.buffer)
