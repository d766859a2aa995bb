"""PDFs of ours one after the other in one, to be printed on both sides. Run as a program by `bundles.py`.

Reads of each a line that says how long it is, then its content; writes the PDF. Each begins on the front of a
sheet: a page is left blank after those whose last one is a front.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import BinaryIO

import pikepdf


def stack(contents: Iterable[bytes], to: BinaryIO) -> None:
    made = pikepdf.new()
    for content in contents:
        pages = pikepdf.open(io.BytesIO(content)).pages
        made.pages.extend(pages)
        if len(pages) % 2:
            box = pages[-1].mediabox
            made.add_blank_page(page_size=(float(box[2]), float(box[3])))
    made.save(to)


if __name__ == "__main__":
    given = sys.stdin.buffer
    stack((given.read(int(size)) for size in iter(given.readline, b"")), sys.stdout.buffer)
