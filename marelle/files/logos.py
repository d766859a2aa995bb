"""A picture made to fit a box and a weight, as a PNG. Run as a program by `apart.py`."""

from __future__ import annotations

import io
import json
import sys

from PIL import Image

from marelle.files.cleaning import bound
from marelle.files.rules import Fitted


def fitted(content: bytes, box: tuple[int, int], light: int) -> Fitted:
    """No larger than `box`, in pixels; beyond `light` bytes it keeps 256 colours. `content`: as cleaned."""
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
        picture.thumbnail(box)
        written = io.BytesIO()
        picture.save(written, "PNG", optimize=True)
        if written.tell() > light:
            written = io.BytesIO()
            picture.convert("RGBA").quantize(256).save(written, "PNG", optimize=True)
        return Fitted(written.getvalue(), *picture.size)


def main() -> None:
    bound()
    width, height, light = map(int, sys.argv[1:])
    done = fitted(sys.stdin.buffer.read(), (width, height), light)
    sys.stdout.buffer.write(json.dumps([done.width, done.height]).encode() + b"\n" + done.content)


if __name__ == "__main__":
    main()
